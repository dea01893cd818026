"""Charts are pure: a frame goes in, a valid Vega-Lite description comes out."""

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from leaderboard.board.charts import page_frames
from leaderboard.board.charts.labels import Point, corners
from leaderboard.board.charts.survival import survival_curve
from leaderboard.board.charts.timeline import timeline
from leaderboard.board.charts.trade_off import pareto_front, trade_off
from leaderboard.reports import model_history, page_data
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection

if TYPE_CHECKING:
    import duckdb


def test_the_pareto_front_is_what_nothing_beats_on_both() -> None:
    frame = pd.DataFrame({"price": [1.0, 2.0, 3.0, 2.5], "quality": [0.5, 0.9, 0.9, 0.4]})
    assert list(pareto_front(frame)) == [True, True, False, False]


def test_equal_points_are_both_on_the_front() -> None:
    frame = pd.DataFrame({"price": [1.0, 1.0], "quality": [0.5, 0.5]})
    assert list(pareto_front(frame)) == [True, True]


@pytest.mark.parametrize("against", [page_frames.against_latency, page_frames.against_cost])
def test_a_trade_off_draws_every_model_with_its_role(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection, against: object
) -> None:
    results = page_data.trade_off(cursor, selection)
    frame, price = against(results, {"oak-1": "hero"}, higher_is_better=True)  # type: ignore[operator]
    drawn = trade_off(frame, price=price, quality="All shapes right", percent=True).to_dict()
    assert set(frame.set_index("model")["role"]) >= {"hero", "on the front"}
    assert drawn["layer"]


def test_a_model_without_a_price_is_left_out_of_that_chart_only(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    results = page_data.trade_off(cursor, selection)
    results.loc[results["model"] == "oak-1", ["usd", "usd_low", "usd_high"]] = None
    assert "oak-1" not in set(page_frames.against_cost(results, {}, higher_is_better=True)[0]["model"])
    assert "oak-1" in set(page_frames.against_latency(results, {}, higher_is_better=True)[0]["model"])


def test_a_timeline_has_a_bar_for_every_tenure(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    tenures = page_data.tenures(cursor, selection)
    bars, releases, order = page_frames.timeline(tenures, queries.models(cursor, selection.board))
    assert len(bars) == len(tenures)
    models = queries.models(cursor, selection.board)
    marks = page_frames.marks(model_history.states(cursor), model_history.drift_marks(cursor), models)
    assert marks.empty
    assert len(timeline(bars, releases, marks, order=order).to_dict()["layer"]) == 2
    assert set(order) == set(releases["title"])


def test_the_survival_curve_starts_with_everybody(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    life = page_data.lifecycle(cursor, selection)
    assert life.survival["survival"].iloc[0] == 1.0
    assert survival_curve(life.survival, life.half_life.half_life_days or 30.0, until=90.0, k=3).to_dict()["layer"]


def test_names_of_close_points_take_different_corners() -> None:
    points = [Point(200.0, 200.0, "Oak 1 Turbo"), Point(214.0, 203.0, "Oak 1")]
    assert len(set(corners(points, width=470.0))) == 2


def test_a_name_at_the_right_edge_goes_left() -> None:
    assert corners([Point(460.0, 100.0, "Cloud Draw")], width=470.0)[0].startswith("left")


def test_a_list_price_has_no_interval_and_is_drawn_without_one(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    results = page_data.trade_off(cursor, selection).set_index("model")
    assert pd.isna(results.loc["cloud-draw", "usd_low"])
    assert pd.notna(results.loc["oak-1", "usd_low"])
    frame = page_frames.against_cost(results.reset_index(), {}, higher_is_better=True)[0].set_index("model")
    assert frame.loc["cloud-draw", "price_low"] == frame.loc["cloud-draw", "price"] == 4.0
