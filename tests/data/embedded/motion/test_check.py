"""The exact motion check: right on drawn clips, at most chance on clips, captions and frames that were exchanged."""

import random
from collections.abc import Callable

import numpy as np
import pytest
import torch

from data.embedded.motion.check import MotionVerdict, verdict
from data.embedded.motion.drawing import courses, draw, tensors, to_uint8
from data.embedded.motion.tracks import read
from data.embedded.motion.world import Actor, MotionAction, MovingScene, pair_scenes, single_scenes, story_scenes
from data.embedded.training.video_data import dressed
from data.embedded.world import Thing

OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up", "grow": "shrink", "shrink": "grow"}
Pool = Callable[..., tuple[MovingScene, ...]]
POOLS = pytest.mark.parametrize("pool", [single_scenes, story_scenes, pair_scenes])


def drawn(scenes: list[MovingScene], frames: int = 8, seed: int = 3) -> np.ndarray:
    made = courses(tensors(scenes), frames, torch.Generator().manual_seed(seed))
    clips: np.ndarray = to_uint8(draw(made)).numpy()
    return clips


def chosen(pool: Pool, n: int, seed: int) -> list[MovingScene]:
    rng = random.Random(seed)
    return [dressed(scene, rng) for scene in rng.choices([*pool(unseen=False), *pool(unseen=True)], k=n)]


def judged(scene: MovingScene, clip: np.ndarray) -> MotionVerdict:
    return verdict(scene.expectation(), read(clip))


def same_backwards(scene: MovingScene) -> bool:
    acts = [action.act for action in scene.actors[0].actions]
    alike = acts == ["still"] or (len(acts) == 2 and OPPOSITE.get(acts[0]) == acts[1])
    return alike and all(actor.actions[0].act == "still" for actor in scene.actors[1:])


@POOLS
@pytest.mark.parametrize("frames", [8, 16])
def test_drawn_clips_are_right_995_times_in_1000(pool: Pool, frames: int) -> None:
    scenes = chosen(pool, 60, seed=frames)
    right = [judged(scene, clip).correct for scene, clip in zip(scenes, drawn(scenes, frames), strict=True)]
    assert np.mean(right) >= 0.995


@POOLS
def test_exchanged_captions_are_right_by_chance_at_most(pool: Pool) -> None:
    scenes = chosen(pool, 60, seed=5)
    clips = drawn(scenes)
    right = [judged(scene, clip).correct for scene, clip in zip(scenes, np.roll(clips, 1, axis=0), strict=True)]
    assert np.mean(right) <= 0.03


@POOLS
def test_frames_in_another_order_are_wrong(pool: Pool) -> None:
    scenes = [scene for scene in chosen(pool, 40, seed=6) if not same_backwards(scene)]
    order = [3, 0, 6, 1, 7, 4, 2, 5]
    assert not any(judged(scene, clip[order]).correct for scene, clip in zip(scenes, drawn(scenes), strict=True))


@POOLS
def test_a_clip_backwards_is_wrong(pool: Pool) -> None:
    scenes = [scene for scene in chosen(pool, 40, seed=7) if not same_backwards(scene)]
    assert not any(judged(scene, clip[::-1]).correct for scene, clip in zip(scenes, drawn(scenes), strict=True))


def moving(*actions: MotionAction) -> MovingScene:
    return MovingScene((Actor(Thing("red", "circle"), actions),))


def test_the_other_speed_is_right_in_all_but_speed() -> None:
    clip = drawn([moving(MotionAction("left", "fast"))])[0]
    result = judged(moving(MotionAction("left", "slow")), clip)
    assert (result.motion, result.speed, result.identity, result.correct) == (True, False, True, False)


def test_the_other_order_is_right_in_all_but_order() -> None:
    clip = drawn([moving(MotionAction("left"), MotionAction("up"))])[0]
    result = judged(moving(MotionAction("up"), MotionAction("left")), clip)
    assert (result.motion, result.order, result.identity, result.correct) == (True, False, True, False)


def test_exchanged_motions_of_two_things_are_wrong_for_both() -> None:
    one, two = Thing("red", "circle"), Thing("blue", "square")
    clip = drawn([MovingScene((Actor(one, (MotionAction("left"),)), Actor(two, (MotionAction("down"),))))])[0]
    stated = MovingScene((Actor(one, (MotionAction("down"),)), Actor(two, (MotionAction("left"),))))
    result = judged(stated, clip)
    assert (result.bound, result.motions, result.motion) == (True, (False, False), False)


def test_a_thing_that_turns_unasked_does_not_keep_its_identity() -> None:
    clip = drawn([moving(MotionAction("turn", to="blue"))])[0]
    result = judged(moving(MotionAction("still")), clip)
    assert (result.count, result.motion, result.identity, result.correct) == (True, True, False, False)


def test_a_thing_that_goes_unasked_spoils_the_count() -> None:
    clip = drawn([moving(MotionAction("vanish"))])[0]
    result = judged(moving(MotionAction("still")), clip)
    assert (result.bound, result.count, result.correct) == (True, False, False)


def test_a_frozen_clip_shows_only_stillness() -> None:
    clip = np.repeat(drawn([moving(MotionAction("right"))])[:, :1], 8, axis=1)[0]
    assert not judged(moving(MotionAction("right")), clip).motion
    assert judged(moving(MotionAction("still")), clip).correct


def test_an_empty_clip_shows_nothing() -> None:
    result = judged(moving(MotionAction("still")), np.full((8, 32, 32, 3), 30, np.uint8))
    assert not any([result.count, result.bound, result.motion, result.identity, result.correct])


def test_words_that_are_not_of_the_world_are_refused() -> None:
    clip = drawn([moving(MotionAction("still"))])[0]
    stated = {"things": [{"colour": "red", "shape": "circle", "actions": [{"act": "jump"}]}]}
    with pytest.raises(ValueError, match="Unknown act 'jump'"):
        verdict(stated, read(clip))
    with pytest.raises(ValueError, match="Expected a clip of shape"):
        read(clip[0])
