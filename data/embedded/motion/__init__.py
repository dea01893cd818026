"""The world in motion: clips of drawn things that move, their exact check, and the small models that make such clips.

The world and its ruler:

    world          what things do in a clip, which combinations are held out of training (no torch)
    captions       the words of a scene (no torch)
    drawing        scenes to clips, thousands at a time, on any device (torch)
    tracks, check  clips back to things followed through frames, and the verdict on an expectation (nothing learned)

The models as others use them:

    contenders         which weight folder, how many steps and which guidance make which contender
    weights            the committed weights, checked, then loaded
    pipeline           `MovingShapesPipeline`, an ordinary diffusers text-to-video pipeline
    language, network  words to token ids; the architectures, out of diffusers' and transformers' classes

What does not belong here: training and measuring (`data.embedded.training`), single pictures (`data.embedded`).
"""
