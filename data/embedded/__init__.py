"""The embedded default: tiny real models, trained by this project on a world of shapes that it draws itself.

The world and its checker:

    world          vocabulary, scenes, captions, what is held out of training (no torch)
    drawing        scenes to pixels by signed distance functions (torch, batched)
    detector       the exact checker: pixels back to things, and a verdict (no torch, nothing learned)

The models as others use them:

    contenders     which weight folder, how many steps and which guidance make which contender
    weight_files   the committed weights: checked against their manifest, then loaded
    pipeline       `ShapesPipeline`, an ordinary diffusers text-to-image pipeline
    clip, clip_card  the small CLIP in open_clip's own architecture, and the facts that its fingerprint needs
    language, network  words to token ids; the architectures, out of diffusers' and transformers' classes

How they were trained and measured is in `training/`, which nothing outside of it imports.

What does not belong here: catalogue entries, suites, evaluators. Importing this package imports none of the above.
"""
