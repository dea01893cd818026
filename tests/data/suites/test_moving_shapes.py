"""The suite of moving shapes is what its script writes, true to the world in motion, and held out of training."""

from collections import Counter

import numpy as np
import pytest
import torch

from data.embedded.motion.captions import captions
from data.embedded.motion.check import verdict
from data.embedded.motion.drawing import courses, draw, tensors, to_uint8
from data.embedded.motion.tracks import read
from data.embedded.motion.world import Actor, MotionAction, MovingScene, held_out
from data.embedded.world import Thing
from data.suites import load_suite, make_moving_shapes
from data.suites.library import FOLDER
from data.vocabulary import Prompt

SUITE = load_suite("moving-shapes")


def scene_of(prompt: Prompt) -> MovingScene:
    expectation = prompt.expectation or {}
    actors = tuple(
        Actor(Thing(thing["colour"], thing["shape"]), tuple(MotionAction(**action) for action in thing["actions"]))
        for thing in expectation["things"]
    )
    return MovingScene(actors, expectation["background"])


def test_the_committed_file_is_what_the_script_writes() -> None:
    assert make_moving_shapes.content() == (FOLDER / "moving-shapes.jsonl").read_text(encoding="utf-8")


def test_it_is_a_video_suite_of_five_categories_with_twelve_prompts_each() -> None:
    assert (SUITE.task, SUITE.primary_metric) == ("text-to-video", "motion_correct")
    assert set(Counter(prompt.category for prompt in SUITE.prompts).values()) == {12}
    assert len(SUITE.categories) == 5


@pytest.mark.parametrize("prompt", SUITE.prompts, ids=lambda prompt: prompt.id)
def test_a_prompt_is_a_caption_of_a_scene_that_training_never_shows(prompt: Prompt) -> None:
    scene = scene_of(prompt)
    assert prompt.text in captions(scene)
    assert held_out(scene)
    assert prompt.held_out


def test_no_prompt_is_asked_twice() -> None:
    assert len({prompt.text for prompt in SUITE.prompts}) == len(SUITE.prompts)


def test_every_act_and_both_speeds_are_asked_for() -> None:
    tags = {tag for prompt in SUITE.prompts for tag in prompt.tags}
    acts = {"left", "right", "up", "down", "grow", "shrink", "still", "turn", "vanish"}
    assert tags == acts | {"fast", "slow"}


def test_what_a_prompt_expects_is_true_of_the_clip_that_is_drawn_for_it() -> None:
    scenes = [scene_of(prompt) for prompt in SUITE.prompts]
    clips = to_uint8(draw(courses(tensors(scenes), 8, torch.Generator().manual_seed(1)))).numpy()
    right = [
        verdict(prompt.expectation or {}, read(clip)).correct for prompt, clip in zip(SUITE.prompts, clips, strict=True)
    ]
    assert np.mean(right) >= 0.98
