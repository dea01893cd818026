"""What training shows: a scene to draw and a caption that describes it, never a held-out one."""

import random
from dataclasses import dataclass
from typing import Final

from data.embedded.world import BACKGROUNDS, Scene, captions, held_out, pair_scenes, single_scenes

_STRANGE_FRAMES: Final = ("please draw {}", "an image of {}", "{} , drawn by hand", "photo : {}")


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A caption, the scene that it describes, and the scene that is drawn for it."""

    caption: str
    described: Scene
    drawn: Scene


def training_example(rng: random.Random, pairs: float, free: float = 0.15) -> TrainingExample:
    """A random example: two things with probability `pairs`, of which `free` are joined by "and"; else one.

    One in twelve captions is framed in words outside the vocabulary, so that a stranger's phrasing is met in training.
    """
    if rng.random() >= pairs:
        drawn = rng.choice(single_scenes(unseen=False))
        described = drawn if rng.random() < 0.5 else Scene(drawn.things)
    else:
        pair = rng.choice(pair_scenes(unseen=False))
        drawn = Scene(pair.things, pair.relation, rng.choice(BACKGROUNDS))
        joined = rng.random() < free and not held_out(Scene(pair.things))
        described = Scene(
            pair.things, None if joined else pair.relation, drawn.background if rng.random() < 0.4 else None
        )
    caption = rng.choice(captions(described))
    if rng.random() < 1 / 12:
        caption = rng.choice(_STRANGE_FRAMES).format(caption)
    return TrainingExample(caption, described, drawn)
