"""The suite of shapes is what its script writes, true to the world, and half of it is held out."""

import pytest

from data.embedded.world import Scene, Thing, captions, held_out
from data.suites import load_suite, make_shapes
from data.suites.library import FOLDER
from data.vocabulary import Prompt

SHAPES = load_suite("shapes")


def scene_of(prompt: Prompt) -> Scene:
    expectation = prompt.expectation or {}
    things = tuple(Thing(**thing) for thing in expectation["things"])
    return Scene(things, expectation.get("relation"), expectation.get("background"))


def test_the_committed_file_is_what_the_script_writes() -> None:
    assert make_shapes.content() == (FOLDER / "shapes.jsonl").read_text(encoding="utf-8")


def test_every_category_has_twelve_prompts_and_half_of_them_are_held_out() -> None:
    for category in SHAPES.categories:
        prompts = [prompt for prompt in SHAPES.prompts if prompt.category == category]
        assert (len(prompts), sum(prompt.held_out for prompt in prompts)) == (12, 6)
    assert len(SHAPES.categories) == 5


@pytest.mark.parametrize("prompt", SHAPES.prompts, ids=lambda prompt: prompt.id)
def test_a_prompt_is_a_caption_of_the_scene_that_it_expects(prompt: Prompt) -> None:
    scene = scene_of(prompt)
    assert prompt.text in captions(scene)
    assert prompt.held_out is held_out(scene)


def test_no_prompt_is_asked_twice() -> None:
    assert len({prompt.text for prompt in SHAPES.prompts}) == len(SHAPES.prompts)


def test_bindings_come_in_couples_that_differ_in_their_colours_alone() -> None:
    scenes = [scene_of(prompt) for prompt in SHAPES.prompts if prompt.category == "colour-binding"]
    for first, second in zip(scenes[::2], scenes[1::2], strict=True):
        assert [thing.shape for thing in first.things] == [thing.shape for thing in second.things]
        assert [thing.colour for thing in first.things] == [thing.colour for thing in second.things][::-1]
