"""A grid is every combination of its axes, each shape once, in an order that its seed alone determines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.architectures.library import architecture
from data.architectures.shape import Shape, ShapeRequest
from data.errors import HalflifeError
from harness.profiling.grid import combinations, shapes, shuffled


def test_a_grid_is_the_product_of_its_axes_and_the_rest_is_as_asked() -> None:
    combined = list(combinations("resolution=512x512,1024x768; steps=4,28;batch=1,2", ShapeRequest(guidance=2.0)))
    assert len(combined) == 8
    assert {(shape.width, shape.height) for shape in combined} == {(512, 512), (1024, 768)}
    assert {shape.guidance for shape in combined} == {2.0}


def test_durations_of_the_same_frames_are_one_shape() -> None:
    grid = shapes(architecture("wan2.1-1.3b"), "seconds=5,5.01;steps=10", ShapeRequest())
    assert [shape.frames for shape in grid] == [81]


@given(seed=st.integers(0, 2**32), count=st.integers(1, 30))
def test_an_order_is_a_permutation_by_its_seed(seed: int, count: int) -> None:
    steps = tuple(Shape(width=8, height=8, steps=1 + at, guidance=1.0, text_tokens=1) for at in range(count))
    order = shuffled(steps, seed)
    assert sorted(order, key=lambda shape: shape.steps) == list(steps)
    assert shuffled(steps, seed) == order


def test_orders_of_two_seeds_differ() -> None:
    steps = tuple(Shape(width=8, height=8, steps=1 + at, guidance=1.0, text_tokens=1) for at in range(9))
    assert shuffled(steps, 0) != shuffled(steps, 1)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ("stepz=4", "Unknown axis of the grid 'stepz'. Did you mean 'steps'"),
        ("steps=", "Expected values for the axis 'steps' of the grid, got none"),
        ("steps=four", "Expected a whole number on the grid, got 'four'"),
        ("guidance=much", "Expected a number on the grid, got 'much'"),
        ("resolution=big", "Expected a resolution such as 1280x720, got 'big'"),
        ("seconds=5", "makes pictures, got 5 s"),
        ("resolution=513x512", "The nearest is 512x512"),
    ],
)
def test_what_is_no_grid_of_the_architecture_is_one_sentence(grid: str, words: str) -> None:
    with pytest.raises(HalflifeError, match=words.replace("(", r"\(")):
        shapes(architecture("flux.1-dev"), grid, ShapeRequest())
