"""The embedded default: tiny real models, trained by this project on a world of shapes that it draws itself.

The world and its ruler:

    world          vocabulary, scenes, captions, what is held out of training (no torch)
    drawing        scenes to pixels by signed distance functions (torch, batched)
    detector       the exact ruler: pixels back to things, and the verdict on an expectation (no torch, nothing learned)

The models as others use them:

    contenders     which weight folder, how many steps and which guidance make which contender
    vault          the committed weights: checked against their manifest, then loaded
    pipeline       ``ShapesPipeline``, an ordinary diffusers text-to-image pipeline
    clip, clip_card  the small CLIP in open_clip's own architecture, and the facts that its fingerprint needs
    language, network  words to token ids; the architectures, out of diffusers' and transformers' classes

How they were made and measured:

    courses, lessons, attributes    what training does phase by phase, what it shows, its side lesson
    diffusion_run, clip_run, train  the runs, and their command
    export         from runs to weight folders
    trials, retrieval, measure, evaluate, card  held-out questions, figures, and the model card

What does not belong here: catalogue entries, suites, evaluators. Importing this package imports none of the above.
"""
