"""Charts of what a page may come to hold: nothing, one value many times, nothing known, below 0, infinite."""

import json
import math
from typing import Any

import pandas as pd
import pytest

from leaderboard.board.charts import compute, cost_frames, page_frames, palette
from leaderboard.board.charts.compute import AxisScale
from leaderboard.board.charts.curation import regret_by_size
from leaderboard.board.charts.drawable import drawable, with_ends
from leaderboard.board.charts.survival import survival_curve
from leaderboard.board.charts.timeline import timeline
from leaderboard.board.charts.trade_off import SECONDS, trade_off

NAN, INF = math.nan, math.inf
COLUMNS = {
    "empty": [],
    "one": [0.5],
    "all equal": [0.5, 0.5, 0.5],
    "all missing": [None, None],
    "not numbers": [NAN, NAN],
    "zero": [0.0, 0.0],
    "negative": [-1.0, -2.0],
    "infinite": [INF, -INF],
    "too large": [1.7e308, 5e-324],
    "mixed": [0.5, NAN, -3.0, INF, 1e-12, None],
}
NEVER_ON_A_LOG_AXIS = {"empty", "all missing", "not numbers", "zero", "negative", "infinite", "too large"}
NEVER_DRAWN = {"empty", "all missing", "not numbers", "infinite"}
every = pytest.mark.parametrize("name", COLUMNS)


def frame(name: str, *numeric: str, **constant: Any) -> pd.DataFrame:
    values = COLUMNS[name]
    return pd.DataFrame({column: pd.Series(values, dtype=object) for column in numeric}).assign(**constant)


def drawn(chart: Any) -> str:
    """The chart as JSON, which holds neither NaN nor infinities."""
    return json.dumps(chart.to_dict(), allow_nan=False)


def says(text: str, sentence: str, *, expected: bool) -> None:
    assert (sentence in text) is expected
    assert ('"text": {"field": "sentence"' in text) is expected


@every
def test_a_trade_off_is_drawn_or_says_that_there_is_none(name: str) -> None:
    columns = ("price", "price_low", "price_high", "quality", "low", "high")
    results = frame(name, *columns, title="Oak", model="oak-1", front=True, role="hero", price_text="")
    text = drawn(trade_off(results, price=SECONDS, quality="Score", percent=True))
    says(text, "No model has both", expected=name in NEVER_ON_A_LOG_AXIS)


@every
def test_ends_of_a_trade_off_that_are_not_known_leave_the_point(name: str) -> None:
    ends = frame(name, "price_low", "price_high", "low", "high")
    results = ends.assign(price=1.0, quality=0.5, title="Oak", model="oak-1", front=True, role="hero", price_text="")
    says(drawn(trade_off(results, price=SECONDS, quality="Score", percent=True)), "No model", expected=name == "empty")


@every
@pytest.mark.parametrize("against", [page_frames.against_latency, page_frames.against_cost])
def test_the_frames_of_a_trade_off_hold_only_what_can_be_drawn(name: str, against: Any) -> None:
    columns = ("p50", "p50_low", "p50_high", "usd", "usd_low", "usd_high", "quality", "low", "high")
    results, price = against(frame(name, *columns, title="Oak", model="oak-1"), {}, higher_is_better=True)
    assert (len(results) == 0) is (name in NEVER_ON_A_LOG_AXIS)
    assert drawn(trade_off(results, price=price, quality="Score", percent=False))


@every
def test_a_survival_curve_is_drawn_or_says_that_there_is_none(name: str) -> None:
    curve = frame(name, "age_days", "survival", "low", "high", "at_risk", "events")
    for half_life, until in ((NAN, NAN), (INF, INF), (0.0, 0.0), (-3.0, 10.0)):
        text = drawn(survival_curve(curve, half_life, until=until, k=3))
        says(text, "No model has lost", expected=name in NEVER_DRAWN)
    assert "exponential" in drawn(survival_curve(curve, 30.0, until=90.0, k=3))


@every
def test_a_regret_is_drawn_or_said_to_be_missing(name: str) -> None:
    text = drawn(regret_by_size(frame(name, "n", "regret", "worst", models="oak", chosen=True), percent=True))
    says(text, "No set of models", expected=name in NEVER_DRAWN)


@every
def test_the_charts_of_compute_are_drawn_or_say_why_not(name: str) -> None:
    never, log = name in NEVER_DRAWN, name in NEVER_ON_A_LOG_AXIS
    of_stages = frame(name, "tflop", "share", "gib", stage="VAE", kind=palette.KINDS[0], kind_order=0, part_order=0)
    says(drawn(compute.stages(of_stages, order=["VAE"])), "No stage", expected=never)
    cards = frame(name, "gib", title="A card")
    memory = drawn(compute.memory(of_stages.assign(part=palette.PARTS[0]), cards, order=["VAE"]))
    says(memory, "The memory of no stage", expected=never)
    roof = frame(name, "intensity", "tflops", stage="VAE", bound="compute")
    says(drawn(compute.roofline(roof, roof, title="a card")), "no roofline", expected=log)
    x, y = AxisScale("megapixels", "Megapixels"), AxisScale("seconds", "Seconds")
    lines = frame(name, "megapixels", "seconds", title="Oak", shape="1 × 1", mark="measured")
    says(drawn(compute.curves(lines, lines, x=x, y=y, order=["Oak"])), "No model has this", expected=log)
    cells = cost_frames.labelled(lines, cost_frames.QUANTITIES["seconds"])
    says(drawn(compute.heat_map(cells, x=x, y=x, value=y)), "at none of these shapes", expected=log)


def test_a_timeline_without_tenures_says_so() -> None:
    models = pd.DataFrame({"model": ["oak-1"], "title": ["Oak"], "released": [pd.Timestamp("2026-01-01")]})
    for known in (models, models.iloc[:0]):
        bars, releases, order = page_frames.timeline([], known)
        says(drawn(timeline(bars, releases, bars.iloc[:0], order=order)), "No model has been", expected=True)


def test_what_lacks_a_column_has_nothing_to_draw() -> None:
    assert drawable(pd.DataFrame({"other": [1, 2]}), ["n"]).empty
    assert drawable(pd.DataFrame(), ["n"], logarithmic=["usd"]).empty
    assert with_ends(pd.DataFrame({"low": [INF, 2.0]}), ["low", "high"]).to_dict("list")["low"][1] == 2.0
