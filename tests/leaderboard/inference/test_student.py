"""The quantile of Student's t is scipy's, for every whole degree of freedom, and refuses what has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import special

from leaderboard.inference.student import t_quantile


@given(freedom=some.integers(1, 400), confidence=some.floats(0.01, 0.999))
def test_the_quantile_is_that_of_scipy(freedom: int, confidence: float) -> None:
    assert t_quantile(freedom, confidence) == pytest.approx(special.stdtrit(freedom, (1 + confidence) / 2), rel=1e-8)


@pytest.mark.parametrize(("freedom", "printed"), [(1, 12.706), (2, 4.303), (5, 2.571), (30, 2.042), (120, 1.980)])
def test_the_quantile_is_the_one_that_tables_print(freedom: int, printed: float) -> None:
    assert round(t_quantile(freedom, 0.95), 3) == printed


@pytest.mark.parametrize(("freedom", "confidence"), [(0, 0.95), (3, 1.0), (3, 0.0)])
def test_no_degree_and_no_confidence_have_none(freedom: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="Expected 1 degree or more"):
        t_quantile(freedom, confidence)
