"""What training shows: a scene to draw and a caption that tells it, never a held-out one."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from data.embedded.world import BACKGROUNDS, Scene, captions, held_out, pair_scenes, single_scenes

_STRANGE_FRAMES: Final = ("please draw {}", "an image of {}", "{} , drawn by hand", "photo : {}")


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A caption, what it says, and the scene that is drawn for it."""

    caption: str
    said: Scene
    drawn: Scene


def lesson(rng: random.Random, pairs: float, free: float = 0.15) -> TrainingExample:
    """A random lesson: two things with probability ``pairs``, of which ``free`` are joined by "and"; else one.

    One in twelve captions is framed in words outside the vocabulary, so that a stranger's phrasing is met in training.
    """
    if rng.random() >= pairs:
        drawn = rng.choice(single_scenes(held=False))
        said = drawn if rng.random() < 0.5 else Scene(drawn.things)
    else:
        pair = rng.choice(pair_scenes(held=False))
        drawn = Scene(pair.things, pair.relation, rng.choice(BACKGROUNDS))
        joined = rng.random() < free and not held_out(Scene(pair.things))
        said = Scene(pair.things, None if joined else pair.relation, drawn.background if rng.random() < 0.4 else None)
    caption = rng.choice(captions(said))
    if rng.random() < 1 / 12:
        caption = rng.choice(_STRANGE_FRAMES).format(caption)
    return TrainingExample(caption, said, drawn)
