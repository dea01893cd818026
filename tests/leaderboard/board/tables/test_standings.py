"""Tables and galleries are plain data: what a reader sees, and nothing that a browser would run."""

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from data.home import Home
from leaderboard import formatting
from leaderboard.board import gallery
from leaderboard.board.tables import routes, standings
from leaderboard.reports import page_data
from leaderboard.routing import view as routing_view
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection

if TYPE_CHECKING:
    import duckdb


def test_a_standing_shows_rank_set_interval_n_failures_speed_and_price(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    table = standings.standings(
        queries.standings(cursor, selection), selection, page_data.tenure_days(cursor, selection)
    )
    cells = next(row for row in table.rows if row["model"].help == "cloud-draw")
    assert cells["rank"].text == "3–6"
    assert cells["score"].text.endswith("%")
    assert cells["score"].sub
    assert (cells["n"].text, cells["not_ok"].text, cells["not_ok"].help) == ("59", "2 of 120", "2 refused")
    assert (cells["p50"].text[-1], cells["price"].text) == ("s", "$4.00")


def test_prices_of_a_column_share_one_unit(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    table = standings.standings(queries.standings(cursor, selection), selection, {})
    assert [column.label for column in table.columns if column.key == "price"] == ["$ per 1,000 images"]


def test_few_prompts_make_a_standing_preliminary(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    frame = queries.standings(cursor, selection).assign(n_prompts=12)
    names = [row["model"] for row in standings.standings(frame, selection, {}).rows]
    assert all(any(badge.text == "preliminary" for badge in name.badges) for name in names)


def test_unsound_samples_stand_beside_the_score_with_their_interval(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    frame = queries.standings(cursor, selection)
    assert {row["unsound"].text for row in standings.standings(frame, selection, {}).rows} == {"0"}
    black = frame.assign(n_unsound=30, unsound=0.25, unsound_low=0.1753, unsound_high=0.3378)
    cell = standings.standings(black, selection, {}).rows[0]["unsound"]
    assert (cell.text, cell.sub, cell.tone) == ("30 of 120", "17.5–33.8\N{NARROW NO-BREAK SPACE}%", "bad")


def test_a_table_is_json(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    table = standings.standings(queries.standings(cursor, selection), selection, {})
    assert json.loads(json.dumps(table.as_json(), allow_nan=False))["places"] == 7


def test_a_pair_without_a_clear_difference_says_so(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    pairs = page_data.paired_differences(cursor, selection, ("oak-1", "oak-1-turbo"))
    (row,) = standings.pairs(pairs, selection.measure, {"oak-1": "Oak 1", "oak-1-turbo": "Oak 1 Turbo"}).rows
    assert row["verdict"].text == "no clear difference"
    assert row["pair"].text == "Oak 1 − Oak 1 Turbo"


def test_a_refused_sample_is_a_tile_with_status_and_reason(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    samples = queries.samples(cursor, selection.board, "single-01").query("seed == 0")
    scores = queries.sample_scores(cursor, selection.board, "single-01", "shapes_correct")
    shown = gallery.gallery(samples, scores, prompt="<b>", about="")
    (refused,) = [tile for tile in shown.tiles if tile.title == "Cloud Draw"]
    assert (refused.status, refused.media, refused.facts[0].text) == ("Refused", None, "not scored")
    assert "<b>this</b>" in refused.reason


def test_the_best_contender_comes_first_and_a_withdrawn_one_last(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    samples = queries.samples(cursor, selection.board, "single-00").query("seed == 1")
    ordered = gallery.in_order(samples, page_data.last_standing(cursor, selection))
    assert ordered["model"].iloc[0] == page_data.last_standing(cursor, selection)[0]
    assert ordered["model"].iloc[-1] == "moss-1"


def test_the_routing_table_is_read_as_it_was_published(home: Home, selection: Selection) -> None:
    view = routing_view.current_table(home, selection.board.table_id)
    assert view is not None
    assert set(routing_view.roles(view, "*").values()) == {"hero", "workhorse"}
    assert routing_view.current_table(home, "another.live") is None


@pytest.mark.parametrize(("after", "state"), [(0, "fresh"), (20, "stale"), (400, "expired")])
def test_a_route_grows_stale_and_expires(home: Home, selection: Selection, after: int, state: str) -> None:
    view = routing_view.current_table(home, selection.board.table_id)
    assert view is not None
    assert view.generated_at is not None
    now = view.generated_at + dt.timedelta(days=after)
    rows = routes.routes(view, selection.measure, {}, now=now).rows
    assert rows[0]["state"].text == state
    assert rows[0]["expires"].text != formatting.DASH


def test_a_damaged_routing_table_is_no_table(tmp_path_factory: pytest.TempPathFactory) -> None:
    damaged = Home(tmp_path_factory.mktemp("damaged"))
    (damaged.routing / "shapes.replayed").mkdir(parents=True)
    (damaged.routing / "shapes.replayed" / "current.json").write_text("{not json", encoding="utf-8")
    assert routing_view.current_table(damaged, "shapes.replayed") is None
