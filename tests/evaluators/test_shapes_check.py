"""The exact check: right on every true render of the world, wrong in the part that is wrong."""

import random

import numpy as np
import pytest

from data.embedded.drawing import draw, layout, to_uint8
from data.embedded.world import Scene, Thing, captions, free_pair_scenes, pair_scenes, single_scenes
from data.vocabulary import Prompt
from evaluators.shapes_check import ShapesCheck

RED_CIRCLE, BLUE_SQUARE = Thing("red", "circle"), Thing("blue", "square")
PAIR = Scene((RED_CIRCLE, BLUE_SQUARE), "left-of", "dark")


def rendered(scenes: list[Scene], seed: int = 0) -> np.ndarray:
    rng = random.Random(seed)
    return to_uint8(draw([layout(scene, rng) for scene in scenes])).numpy()


def check(lab, picture: np.ndarray, scene: Scene) -> dict[str, float | str | None]:
    expectation = {key: value for key, value in scene.expectation().items() if value is not None}
    prompt = Prompt(id="p0", text=captions(scene)[0], category="c", expectation=expectation)
    results = ShapesCheck().evaluate([lab.eval_input(lab.encoded(picture), prompt)], lab.context)[0]
    return {name: each.reason if each.value is None else each.value for name, each in results.items()}


def test_true_renders_are_all_right(lab):
    rng = random.Random(1)
    pools = [
        single_scenes(unseen=False),
        single_scenes(unseen=True),
        pair_scenes(unseen=True),
        free_pair_scenes(unseen=False),
    ]
    scenes = [scene for pool in pools for scene in rng.sample(pool, min(40, len(pool)))]
    results = [check(lab, picture, scene) for scene, picture in zip(scenes, rendered(scenes), strict=True)]
    assert np.mean([each["shapes_correct"] for each in results]) >= 0.98
    for scene, each in zip(scenes, results, strict=True):
        assert (each["shapes_position"] == "The prompt names no relation.") == (scene.relation is None)


@pytest.mark.parametrize(
    ("shown", "wrong"),
    [
        (Scene((RED_CIRCLE, BLUE_SQUARE), "right-of", "dark"), {"shapes_position"}),
        (Scene((RED_CIRCLE, BLUE_SQUARE), "above", "dark"), {"shapes_position"}),
        (Scene((Thing("green", "circle"), BLUE_SQUARE), "left-of", "dark"), {"shapes_colour", "shapes_position"}),
        (Scene((Thing("red", "cross"), BLUE_SQUARE), "left-of", "dark"), {"shapes_shape"}),
        (Scene((Thing("red", "square"), Thing("blue", "circle")), "left-of", "dark"), set()),
        (Scene((RED_CIRCLE, BLUE_SQUARE), "left-of", "light"), set()),
    ],
)
def test_what_is_wrong_is_told_apart(lab, shown, wrong):
    results = check(lab, rendered([shown])[0], PAIR)
    assert results["shapes_correct"] == 0
    assert {name for name, value in results.items() if value == 0} == {"shapes_correct", *wrong}


def test_a_missing_thing_spoils_the_count(lab):
    results = check(lab, rendered([Scene((RED_CIRCLE,), None, "dark")])[0], PAIR)
    assert results["shapes_count"] == results["shapes_correct"] == 0


def test_the_detail_tells_what_was_found(lab):
    prompt = Prompt(id="p0", text="t", category="c", expectation=PAIR.expectation())
    eval_input = lab.eval_input(lab.encoded(rendered([PAIR])[0]), prompt)
    detail = ShapesCheck().evaluate([eval_input], lab.context)[0]["shapes_correct"].detail
    assert {(thing["colour"], thing["shape"]) for thing in detail["things"]} == {("red", "circle"), ("blue", "square")}
    assert detail["background"] == "dark"


@pytest.mark.parametrize(
    "expectation", [{"include": []}, {"things": []}, {"things": [{"colour": "mauve"}]}, {"things": ["x"]}]
)
def test_an_expectation_of_another_world_is_a_reason(lab, expectation):
    prompt = Prompt(id="p0", text="t", category="c", expectation=expectation)
    results = ShapesCheck().evaluate([lab.eval_input(lab.encoded(lab.noise(0)), prompt)], lab.context)[0]
    assert all(each.value is None and "not about shapes" in each.reason for each in results.values())


def test_a_picture_too_small_to_read_is_a_reason(lab):
    prompt = Prompt(id="p0", text="t", category="c", expectation=PAIR.expectation())
    results = ShapesCheck().evaluate([lab.eval_input(lab.encoded(lab.noise(0, 4, 4)), prompt)], lab.context)[0]
    assert "at least 8 by 8" in results["shapes_correct"].reason
