"""How videos are scored: one evaluator a file, and the pure measures that they share.

The evaluators, which read `EvalInput.clip`, decoded once for all of them:

    integrity             decodes, blank, frozen, frames, rate, seconds, size and sound as asked (gates)
    motion                how much moves, flickers and jerks, what the camera does, cuts (sensors)
    clip_score            100 × cosine of the prompt and each sampled frame: mean, least, slope
    temporal_consistency  how alike frames stay, over the time between them; never without motion beside it
    motion_check          the exact check of the world in motion
    delivery_loss         the master's score minus the score of the file that browsers play

What they share:

    frames           how a video is read, and which of its frames an encoder sees
    frame_vectors    the embeddings of those frames, each made once
    similarity       the consistency curve and its half-decay
    flow             optical flow between neighbouring frames
    motion_measures  numbers from it

What each metric sees is measured: `docs/video-metrics.md`.
"""
