"""Clips are drawn from a seed, inside the picture, with two things apart, and alike at any number of frames."""

import random

import numpy as np
import torch

from data.embedded.motion.drawing import courses, draw, tensors, to_uint8
from data.embedded.motion.world import MovingScene, pair_scenes, single_scenes

SCENES: list[MovingScene] = random.Random(2).sample(pair_scenes(unseen=False), 200)


def test_a_seed_gives_the_same_clips_again() -> None:
    one, two = (draw(courses(tensors(SCENES[:4]), 8, torch.Generator().manual_seed(5))) for _ in range(2))
    assert torch.equal(one, two)
    assert one.shape == (4, 8, 3, 32, 32)
    assert to_uint8(one).shape == (4, 8, 32, 32, 3)


def test_things_stay_inside_the_picture() -> None:
    course = courses(tensors(SCENES), 16, torch.Generator().manual_seed(6))
    for centre in (course.x, course.y):
        assert float((centre - course.radius).amin()) >= 0.99
        assert float((centre + course.radius).amax()) <= 31.01


def test_two_things_hardly_ever_touch() -> None:
    course = courses(tensors(SCENES), 16, torch.Generator().manual_seed(7))
    across, along = ((centre[:, 0] - centre[:, 1]).abs() for centre in (course.x, course.y))
    gap = (torch.maximum(across, along) - course.radius.sum(dim=1)).amin(-1)
    assert float((gap < 1.0).float().mean()) <= 0.02


def test_sixteen_frames_begin_and_end_like_eight() -> None:
    scenes = list(single_scenes(unseen=False)[:40])
    eight, sixteen = (
        to_uint8(draw(courses(tensors(scenes), frames, torch.Generator().manual_seed(8)))).numpy() for frames in (8, 16)
    )
    np.testing.assert_array_equal(eight[:, [0, -1]], sixteen[:, [0, -1]])
