"""Fitting: any polynomial is found again exactly, and what is none is never published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.architectures.shape import Shape
from data.flops.flops import Flops
from data.flops.variables import Monomial, Values
from harness.profiling.fitting import FitError, choose, fit, prove

OFFERED: tuple[Monomial, ...] = ((), ("n",), ("t",), ("n", "n"), ("n", "t"), ("t", "t"))
SHAPES = [
    Shape(width=width, height=height, steps=1, guidance=0.0, text_tokens=text)
    for width, height, text in ((2, 2, 1), (3, 2, 4), (3, 3, 2), (4, 3, 9), (5, 2, 5), (7, 4, 3), (8, 8, 8), (1, 9, 7))
]


def read(shape: Shape) -> Values:
    return {"n": shape.width * shape.height, "t": shape.text_tokens}


def counted(shape: Shape, coefficients: list[int]) -> Flops:
    n, t = shape.width * shape.height, shape.text_tokens
    values = (1, n, t, n * n, n * t, t * t)
    return Flops(linear=sum(c * value for c, value in zip(coefficients, values, strict=True)) * shape.batch)


@given(st.lists(st.integers(0, 10**12), min_size=6, max_size=6))
def test_a_quadratic_in_two_variables_is_found_exactly_from_six_counts(coefficients: list[int]) -> None:
    chosen = choose(SHAPES, read, OFFERED)
    law = fit([read(shape) for shape in chosen], [counted(shape, coefficients) for shape in chosen], OFFERED)
    others = [shape for shape in SHAPES if shape not in chosen]
    assert len(chosen) == 6
    assert [proof.residual for proof in prove(law, read, [(s, counted(s, coefficients)) for s in others])] == [0, 0]
    assert [law.coefficient(*monomial) for monomial in OFFERED] == coefficients


def test_monomials_that_say_the_same_at_every_shape_need_no_counts_of_their_own() -> None:
    chosen = choose(SHAPES, lambda shape: {"n": shape.width * shape.height, "t": 77}, OFFERED)
    assert len(chosen) == 3


def test_a_law_with_a_residual_is_not_published() -> None:
    chosen = choose(SHAPES, read, OFFERED)
    cubic = [Flops(linear=(shape.width * shape.height) ** 3) for shape in chosen]
    law = fit([read(shape) for shape in chosen], cubic, OFFERED)
    held_out = [(shape, Flops(linear=(shape.width * shape.height) ** 3)) for shape in SHAPES if shape not in chosen]
    with pytest.raises(FitError, match=r"the residual is -?\d+ and no law is published\."):
        prove(law, read, held_out)


def test_kinds_must_agree_one_by_one_and_not_only_in_all() -> None:
    chosen = choose(SHAPES, read, OFFERED)
    law = fit([read(s) for s in chosen], [counted(s, [1] * 6) for s in chosen], OFFERED)
    swapped = [(s, Flops(attention=counted(s, [1] * 6).total)) for s in SHAPES[6:]]
    with pytest.raises(FitError, match="no law is published"):
        prove(law, read, swapped)


def test_one_shape_proves_nothing() -> None:
    law = fit([read(SHAPES[0])], [counted(SHAPES[0], [1] * 6)], ((),))
    with pytest.raises(FitError, match="Expected two shapes to prove a law on, got 1"):
        prove(law, read, [(SHAPES[0], counted(SHAPES[0], [1] * 6))])


def test_counts_that_contradict_one_another_are_no_law() -> None:
    with pytest.raises(FitError, match="contradict one another"):
        fit([{"n": 1}, {"n": 1}], [Flops(linear=1), Flops(linear=2)], ((), ("n",)))
