"""How numbers are written: the docstrings' examples hold, and what is missing is never written as a number."""

import doctest
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leaderboard import formatting
from leaderboard.board import security_headers
from leaderboard.board.tables import table


@pytest.mark.parametrize("module", [formatting, table, security_headers])
def test_the_examples_of_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("write", [formatting.seconds, formatting.dollars, formatting.days, formatting.p_value])
@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_missing_value_is_a_dash(write: object, missing: float | None) -> None:
    assert write(missing) == formatting.DASH  # type: ignore[operator]


@given(st.floats(min_value=1e-9, max_value=1e6))
def test_no_positive_price_is_written_as_zero(usd: float) -> None:
    assert any(digit in "123456789" for digit in formatting.dollars(usd))


@given(st.lists(st.one_of(st.none(), st.floats(min_value=1e-9, max_value=100.0)), min_size=1))
def test_one_scale_serves_a_whole_column(prices: list[float | None]) -> None:
    assert formatting.price_scale(prices).label in ("per image", "per 1,000 images")


def test_an_uneven_interval_is_written_by_its_ends_not_by_plus_or_minus() -> None:
    assert formatting.margin(1.0, 0.78, 1.0, "share") == "78.0–100.0"
    assert formatting.margin(0.9, 0.86, 0.94, "share") == f"±{formatting.GAP}4.0"


@example([20021.0, -1e-05])
@given(st.lists(st.floats(min_value=-1e6, max_value=1e6).map(lambda value: round(value, 6)), min_size=1, max_size=20))
def test_an_axis_holds_all_its_values_in_few_ticks(values: list[float]) -> None:
    axis = table.axis(values, (None, None), write=str)
    assert axis.low <= min(values) + 1e-9 * abs(min(values))
    assert axis.high >= max(values) - 1e-9 * abs(max(values))
    assert 2 <= len(axis.ticks) <= 7
