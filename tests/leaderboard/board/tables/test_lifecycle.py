"""The lifecycle in rows: half-lives by scope, states with their reasons, changes with the metrics that moved."""

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from leaderboard.board import gallery
from leaderboard.board.charts import page_frames
from leaderboard.board.tables import lifecycle
from leaderboard.reports import page_data
from leaderboard.routing.policy.rules import Policy
from leaderboard.standings.queries import Selection

if TYPE_CHECKING:
    import duckdb

DAY = dt.date(2026, 3, 4)
STATES = pd.DataFrame(
    [
        ("oak-1", "active", DAY, "It leads.", "rule", None, None, DAY + dt.timedelta(days=2)),
        ("oak-1", "deprecated", DAY + dt.timedelta(days=2), "It goes.", "hand", "oak-2", dt.date(2026, 6, 1), None),
    ],
    columns=["model", "state", "day", "reason", "decided_by", "successor", "until", "ended"],
)
MOVED = {
    "bytes": (0.0, None),
    "clip_score": (0.001, -4.2),
    "size": (0.002, 0.1),
    "noise": (0.01, 1.0),
    "blur": (0.02, 2.0),
}
MARKS = pd.DataFrame(
    [("oak-1", "sentinel", DAY, DAY, 1, name, p, shift, shift, shift) for name, (p, shift) in MOVED.items()],
    columns=["model", "suite", "day", "found_on", "revision", "metric", "p", "shift", "low", "high"],
)


def test_half_lives_have_a_row_a_scope_and_say_where_events_are_few(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    estimates = page_data.half_lives(cursor, selection.board, Policy())
    assert {estimate.method for estimate in estimates} <= {"exponential", "hedonic"}
    table = lifecycle.half_lives(estimates, k=3)
    scopes = [row["scope"].text for row in table.rows]
    assert scopes[0] == "All categories"
    assert {"Single", "Hero route", "Workhorse route"} <= set(scopes)
    first, core = table.rows[0]["rank"], page_data.lifecycle(cursor, selection).half_life
    assert first.sort == core.half_life_days
    assert (first.badges == (lifecycle.FEW_EVENTS,)) == core.prior_speaks
    assert all(column.key in row for row in table.rows for column in table.columns)
    priced = [estimate for estimate in estimates if estimate.kind == "price"]
    assert bool(lifecycle.without_price(estimates)) == (not priced)
    assert "No half-life of a price" in lifecycle.without_price(
        [estimate for estimate in estimates if estimate not in priced]
    )


def test_a_state_is_shown_as_it_is_now() -> None:
    (row,) = lifecycle.states(STATES, {"oak-1": "Oak 1"}).rows
    assert (row["model"].text, row["state"].text, row["successor"].text) == ("Oak 1", "deprecated", "oak-2")
    assert (row["day"].text, row["until"].text, row["by"].text) == ("6 Mar 2026", "1 Jun 2026", "hand")


def test_a_change_names_what_moved_most_surely_and_counts_the_rest() -> None:
    (row,) = lifecycle.changes(MARKS, {}).rows
    assert row["what"].text == "Bytes of the file, clip score -4.2, File size (log) +0.1, noise +1, and 1 more"
    assert "blur +2" in row["what"].help


def test_marks_stand_on_the_rows_of_the_boards_models_alone() -> None:
    models = pd.DataFrame({"model": ["oak-1"], "title": ["Oak 1"]})
    marks = page_frames.marks(STATES, MARKS, models)
    assert marks["mark"].tolist() == ["silent change", "deprecated"]
    assert page_frames.marks(STATES, MARKS, models.assign(model="other")).empty


def test_before_and_after_show_the_files_that_differ() -> None:
    before, after = ["1" * 64, "2" * 64, None], ["1" * 64, "3" * 64, "4" * 64]
    pairs = pd.DataFrame(
        {"prompt": ["a", "b", "c"], "seed": 0, "before": before, "after": after, "same": [True, False, False]}
    )
    shown = gallery.before_and_after(pairs, {"b": "a red circle"}, about="1 of 3").tiles
    assert [(tile.title, tile.media, tile.sub) for tile in shown] == [
        ("Before", "2" * 64, "a red circle · seed 0"),
        ("After", "3" * 64, "a red circle · seed 0"),
    ]
