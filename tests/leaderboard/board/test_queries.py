"""What the pages ask of a snapshot, over a small real observatory."""

import dataclasses
from typing import TYPE_CHECKING

import pytest

from leaderboard.reports import page_data
from leaderboard.reports.detectable_difference import detectable_difference
from leaderboard.routing.policy.rules import Policy
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection

if TYPE_CHECKING:
    import duckdb


def test_a_board_knows_its_calendar_and_its_newest_day(cursor: "duckdb.DuckDBPyConnection") -> None:
    (board,) = queries.boards(cursor)
    assert (board.suite, board.replayed, board.table_id) == ("shapes", True, "shapes.replayed")
    assert (board.day - board.first_day).days == 89


def test_categories_come_in_the_order_of_the_suite_with_all_of_them_first(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    assert queries.categories(cursor, selection.board)[:3] == ["*", "single", "pair-left-right"]


def test_standings_are_in_order_of_rank_and_a_withdrawn_model_is_gone(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    frame = queries.standings(cursor, selection)
    assert list(frame["rank"]) == sorted(frame["rank"])
    assert "moss-1" not in set(frame["model"])


def test_failures_stand_beside_quality_and_are_not_averaged_into_it(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    cloud = queries.standings(cursor, selection).set_index("model").loc["cloud-draw"]
    assert (cloud["refused"], cloud["attempts"], cloud["n_prompts"]) == (2, 120, 59)


def test_a_category_narrows_prompts_and_attempts(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    single = dataclasses.replace(selection, category="single")
    frame = queries.standings(cursor, single)
    assert frame["attempts"].max() == 24
    assert set(queries.prompts(cursor, selection.board, "single")["category"]) == {"single"}


def test_a_hostile_category_is_a_value_and_never_sql(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    hostile = dataclasses.replace(selection, category="'; DROP TABLE standings; --")
    assert queries.standings(cursor, hostile).empty
    assert not queries.standings(cursor, selection).empty


def test_a_prompt_shows_every_contender_also_the_refused_one(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    samples = queries.samples(cursor, selection.board, "single-01")
    assert samples["model"].nunique() == 8
    assert set(samples[samples["model"] == "cloud-draw"]["status"]) == {"refused"}


def test_the_scores_of_a_refused_sample_do_not_exist(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    scores = queries.sample_scores(cursor, selection.board, "single-01", "shapes_correct")
    assert "cloud-draw" not in set(scores["model"])
    assert scores["metric"].iloc[0] == "shapes_correct"


def test_tenures_cover_who_is_at_the_top_now(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    assert set(page_data.tenure_days(cursor, selection)) == set(page_data.last_standing(cursor, selection)[:3])


def test_paired_differences_hold_every_pair_once(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    pairs = page_data.paired_differences(cursor, selection, ("oak-1", "fern-1", "sprout-1"))
    assert len(pairs) == 3
    assert set(pairs["better"].dropna()) <= {"oak-1", "fern-1"}


def test_the_detectable_difference_is_given_with_its_design(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    words = detectable_difference(cursor, selection, ("fern-1", "oak-1", "sprout-1"))
    assert "at 80 % power" in words
    assert "for one pair planned beforehand" in words
    assert "for any of the 3 pairs of this table (Holm)" in words


@pytest.mark.parametrize("column", ["p50", "p50_low", "p50_high", "usd", "quality", "low", "high"])
def test_a_trade_off_has_intervals_both_ways(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection, column: str
) -> None:
    assert page_data.trade_off(cursor, selection)[column].notna().all()


def test_switches_of_route_come_newest_first_with_a_reason(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    switches = page_data.route_switches(cursor, selection, Policy())
    days = [switch.day for switch in switches]
    assert days == sorted(days, reverse=True)
    assert all(switch.reason for switch in switches)
