"""Tables of what a page may come to hold: an axis that has a length, and JSON without NaN."""

import json
import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.board.tables import standings
from leaderboard.board.tables.table import Cell, Table, axis
from leaderboard.standings.queries import BoardMetric

NAN, INF = math.nan, math.inf
MEASURE = BoardMetric(
    name="m",
    title="M",
    unit="share",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    kind="quality",
    version="1",
    fingerprint="",
)
VALUES = [
    [],
    [None, None],
    [NAN, NAN],
    [1.0, 1.0],
    [0.0, 0.0],
    [-2.0, -1.0],
    [INF, -INF],
    [0.5, NAN, None, INF, -1e308],
]


@given(
    st.lists(st.floats(), max_size=6),
    st.sampled_from([(0.0, 1.0), (-100.0, 100.0), (None, None), (0.0, None), (None, 0.0)]),
)
def test_an_axis_has_a_length_and_holds_what_is_within_the_bounds(values: list[float], bounds: Any) -> None:
    made = axis(values, bounds, write=str)
    finite = [value for value in values if math.isfinite(value)]
    assert (made is None) is (not finite)
    if made is None:
        return
    assert made.low < made.high
    assert 1 <= len(made.ticks) <= 12
    low, high = (-1e300 if bounds[0] is None else bounds[0], 1e300 if bounds[1] is None else bounds[1])
    for value in finite:
        shown = min(max(value, low), high)
        assert made.low <= shown * (1 + math.copysign(1e-8, shown)) + 1e-290
        assert made.high >= shown * (1 - math.copysign(1e-8, shown)) - 1e-290


@pytest.mark.parametrize("values", VALUES)
def test_paired_differences_of_anything_are_a_table(values: list[float | None]) -> None:
    columns = ("low", "high", "difference", "p", "p_holm", "n_prompts")
    frame = pd.DataFrame({name: pd.Series(values, dtype="float64") for name in columns})
    table = standings.pairs(frame.assign(model_a="a", model_b="b", better=None), MEASURE, {})
    assert len(json.loads(json.dumps(table.as_json(), allow_nan=False))["rows"]) == len(values)


@pytest.mark.parametrize("values", VALUES)
def test_standings_of_anything_are_a_table(values: list[float | None], selection: Any) -> None:
    numeric = ("estimate", "low", "high", "rank", "rank_best", "rank_worst", "n_prompts", "attempts", "refused", "p50")
    numeric += ("failed", "timed_out", "unknown", "usd", "usd_a_video_second", "real_time_factor")
    numeric += ("n_unsound", "unsound", "unsound_low", "unsound_high")
    frame = pd.DataFrame({name: pd.Series(values, dtype="float64") for name in numeric})
    frame = frame.assign(model="m", title="M", provider="p", location="local", released=None)
    table = standings.standings(frame, selection, {"m": INF})
    assert len(json.loads(json.dumps(table.as_json(), allow_nan=False))["rows"]) == len(values)


def test_a_cell_that_is_not_finite_is_missing_in_json() -> None:
    table = Table(label="t", columns=(), rows=[{"a": Cell(text="–", sort=NAN, value=INF, low=-INF, high=2.0)}])
    cell = table.as_json()["rows"][0]["a"]
    assert [cell[key] for key in ("sort", "value", "low", "high")] == [None, None, None, 2.0]
