"""How samples are scored: one evaluator a file, its facts declared as data.

An evaluator turns media and a prompt into numbers or a reason why there is none; it never averages over samples.

    scoring            a run's ok samples through all evaluators, into its journal; resumes
    registry           the literal table of evaluators, and third parties by entry point
    eval_input         what evaluators see and say, and how they declare their facts and the modalities that they read
    decode             the one canonical decode of delivered bytes
    integrity          decodes, blank, duplicate, size as asked (gates)
    shapes_check       count, colour, shape and position against the prompt's expectation (exact)
    clip_score         100 × cosine of picture and prompt
    r_precision        whether a picture's prompt is the nearest of the suite's
    image_statistics   sensors of drift, no weights
    reference_quality  PSNR and SSIM against a reference, pure functions
    reference_set      the check that the encoder scores a frozen set as it did; its files are in reference/
    embeddings/        the CLIP encoder and its cache, which clip_score and r_precision read
    video/             the evaluators of videos, and the measures that they share

A new evaluator is one file and one row of the registry's table. What does not belong here: averages over samples,
intervals and ranks (`leaderboard`), and whatever makes samples (`harness`).
"""
