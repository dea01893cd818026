"""Faults planted into drawn clips: frames and rate of a clip that is wrong in one known way."""

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch

from data.embedded.motion.drawing import courses, draw, tensors, to_uint8
from data.embedded.motion.world import Actor, MovingScene, pair_scenes, single_scenes, story_scenes
from data.embedded.world import COLOURS
from data.video.clip import Pixels
from data.vocabulary import Sample

FRAMES = 16
RATE = 8.0
LOST = 5


class Shown(NamedTuple):
    """What a file shows: uint8 frames (n, 32, 32, 3), and how many of them a second."""

    frames: Pixels
    rate: float = RATE


@dataclass(frozen=True, slots=True)
class DrawnClip:
    """A scene as it is drawn; with its first thing in another colour, on the same course; and another scene's clip."""

    scene: MovingScene
    frames: Pixels
    recoloured: Pixels
    other: Pixels


Fault = Callable[[DrawnClip, np.random.Generator], Shown]


def drawn_clips(count: int, seed: int = 0) -> list[DrawnClip]:
    """Return `count` clips in which everything moves: in turn one thing, two things, and one that does two acts."""
    rng = random.Random(seed)
    pools = [list(filter(_all_move, pool(unseen=True))) for pool in (single_scenes, pair_scenes, story_scenes)]
    scenes = [rng.choice(pools[index % len(pools)]) for index in range(count)]
    frames, recoloured = _drawn(scenes, seed), _drawn([_recoloured(scene, rng) for scene in scenes], seed)
    others = np.roll(_drawn(scenes, seed + 1), 1, axis=0)
    return [DrawnClip(*parts) for parts in zip(scenes, frames, recoloured, others, strict=True)]


def _all_move(scene: MovingScene) -> bool:
    return all(action.act not in ("still", "turn", "vanish") for actor in scene.actors for action in actor.actions)


def _drawn(scenes: list[MovingScene], seed: int) -> Pixels:
    made = draw(courses(tensors(scenes), FRAMES, torch.Generator().manual_seed(seed)))
    clips: Pixels = to_uint8(made).numpy()
    return clips


def _recoloured(scene: MovingScene, rng: random.Random) -> MovingScene:
    taken = {actor.thing.colour for actor in scene.actors}
    first, *rest = scene.actors
    colour = rng.choice([colour for colour in COLOURS if colour not in taken])
    return replace(scene, actors=(Actor(replace(first.thing, colour=colour), first.actions), *rest))


def frozen(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """The first frame all along."""
    return Shown(np.repeat(clip.frames[:1], FRAMES, axis=0))


def shuffled(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """All frames in a random order."""
    return Shown(clip.frames[rng.permutation(FRAMES)])


def backwards(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """The last frame first."""
    return Shown(clip.frames[::-1])


def flickering(strength: float) -> Fault:
    """Every second frame brighter and the others darker, by a share of the level."""

    def fault(clip: DrawnClip, rng: np.random.Generator) -> Shown:
        light = 1 + strength * (-1.0) ** np.arange(FRAMES)
        return Shown(_levels(clip.frames * light[:, None, None, None]))

    return fault


def dropped(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """Five frames are gone, and the clip is shorter."""
    return Shown(np.delete(clip.frames, _lost(rng), axis=0))


def held(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """Five frames are gone, and the one before is shown in the place of each."""
    kept = np.setdiff1d(np.arange(FRAMES), _lost(rng))
    return Shown(clip.frames[kept[np.searchsorted(kept, np.arange(FRAMES), side="right") - 1]])


def twice_as_fast(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """The file says twice the rate."""
    return Shown(clip.frames, 2 * RATE)


def cut(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """The second half is of another scene."""
    return Shown(np.concatenate([clip.frames[: FRAMES // 2], clip.other[FRAMES // 2 :]]))


def swapped(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """From the middle on one thing has another colour."""
    return Shown(np.concatenate([clip.frames[: FRAMES // 2], clip.recoloured[FRAMES // 2 :]]))


def black(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """Nothing is shown."""
    return Shown(np.zeros_like(clip.frames))


def wrong_colour(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """One thing has another colour than was told, all along."""
    return Shown(clip.recoloured)


def other_scene(clip: DrawnClip, rng: np.random.Generator) -> Shown:
    """A clip of another scene."""
    return Shown(clip.other)


def noisy(sigma: float) -> Fault:
    """Noise of its own in every frame; `sigma` in levels of 255."""

    def fault(clip: DrawnClip, rng: np.random.Generator) -> Shown:
        return Shown(_levels(clip.frames + rng.normal(0, sigma, clip.frames.shape)))

    return fault


FAULTS: Mapping[str, Fault] = {
    "frozen": frozen,
    "shuffled": shuffled,
    "reversed": backwards,
    "flicker 2 %": flickering(0.02),
    "flicker 6 %": flickering(0.06),
    "flicker 12 %": flickering(0.12),
    "frames dropped": dropped,
    "frames held": held,
    "rate doubled": twice_as_fast,
    "cut": cut,
    "identity swapped": swapped,
    "noise σ 8": noisy(8),
    "noise σ 24": noisy(24),
    "black": black,
    "wrong colour": wrong_colour,
    "other scene": other_scene,
}


def sample_of(*, frames: int, delivery: str | None = None) -> Sample:
    """Return a sample of 32 × 32 pixels that was asked for with these frames at the usual rate."""
    return Sample(
        id="s",
        run_id="r",
        model="m",
        prompt="p",
        category="c",
        seed=0,
        status="ok",
        reason=None,
        started_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        call="steady",
        timing=None,
        width_asked=32,
        height_asked=32,
        frames_asked=frames,
        fps_asked=RATE,
        video_seconds_asked=frames / RATE,
        delivery=delivery,
    )


def _lost(rng: np.random.Generator) -> np.ndarray:
    return rng.choice(np.arange(1, FRAMES - 1), LOST, replace=False)


def _levels(values: np.ndarray) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
