"""How the embedded models were trained, measured and exported; nothing here is needed to run them.

    training_schedule  each network's training, phase by phase
    training_data      the captions and scenes that training shows, never a held-out one
    attributes         the auxiliary loss: what a scene shows, as classes
    diffusion_run, clip_run, train  the training runs, and their command
    export             from a run's snapshots to weight folders, and its command
    eval_prompts       held-out prompts, and how often their images are right
    retrieval          how often a CLIP finds an image's caption among 32
    measure, evaluate  a contender's figures, and the command that writes `figures.json` and `MODEL_CARD.md`
    card               the model card's text

Belongs here: what is run by hand to make the committed weights again. Does not: what loads or runs them.
"""
