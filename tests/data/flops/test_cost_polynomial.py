"""Cost polynomials: exact values, by kind and in all, and the same after they were written down."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.flops.cost_polynomial import CostPolynomial
from data.flops.flops import Flops

COEFFICIENTS = st.tuples(*[st.fractions(-1000, 1000, max_denominator=1)] * 3)
POLYNOMIAL = CostPolynomial(
    {(): (Fraction(1), Fraction(2), Fraction(3)), ("n", "t"): (Fraction(4), Fraction(0), Fraction(5))}
)


def test_a_polynomial_is_the_sum_of_its_monomials_by_kind() -> None:
    assert POLYNOMIAL.flops({"n": 10, "t": 3}) == Flops(attention=121, linear=2, convolution=153)
    assert POLYNOMIAL.coefficient("n", "t") == 9
    assert POLYNOMIAL.coefficient("n") == 0


def test_fractions_survive_being_written_and_still_count_exactly() -> None:
    polynomial = CostPolynomial({("n",): (Fraction(1, 2), Fraction(0), Fraction(0)), ("n", "n"): (Fraction(1, 2),) * 3})
    read = CostPolynomial.from_json(polynomial.as_json())
    assert read.terms == polynomial.terms
    assert read.flops({"n": 7}) == Flops(attention=28, linear=24, convolution=24)


def test_a_variable_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError, match="t"):
        POLYNOMIAL.flops({"n": 1})


@given(st.dictionaries(st.sampled_from([(), ("n",), ("n", "n"), ("n", "t")]), COEFFICIENTS), st.integers(0, 10**6))
def test_the_fast_total_is_the_total(terms: dict, n: int) -> None:  # type: ignore[type-arg]
    polynomial, values = CostPolynomial(terms), {"n": n, "t": 77}
    assert polynomial.total(values) == polynomial.flops(values).total
