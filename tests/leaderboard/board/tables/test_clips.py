"""Standings, gallery and prices of clips: by the second, and no metric without the one that must stand beside it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import duckdb
import pytest

from data.home import Home
from data.store.snapshot import current
from data.vocabulary import ALL_CATEGORIES
from leaderboard.board import gallery
from leaderboard.board.charts import page_frames
from leaderboard.board.tables import standings
from leaderboard.board.tables.table import Table
from leaderboard.reports import page_data
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection
from tests.leaderboard.board.clips import FRAMES, RATE

Select = Callable[[str], Selection]


@pytest.fixture
def cursor(clip_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    snapshot = current(clip_home)
    assert snapshot is not None
    with snapshot.connect() as connection:
        yield connection


@pytest.fixture
def select(cursor: duckdb.DuckDBPyConnection) -> Select:
    (board,) = queries.boards(cursor)
    measures = {measure.name: measure for measure in queries.measures(cursor, board)}
    return lambda name: Selection(board=board, category=ALL_CATEGORIES, measure=measures[name])


def table(cursor: duckdb.DuckDBPyConnection, selection: Selection) -> Table:
    companion = page_data.companion(cursor, selection)
    beside = standings.Companion(*companion) if companion else None
    return standings.standings(queries.standings(cursor, selection), selection, {}, beside)


def labels(shown: Table) -> list[str]:
    return [column.label.replace("\u202f", " ") for column in shown.columns]


def test_prices_are_those_of_a_second_of_video_with_the_real_time_factor(
    cursor: duckdb.DuckDBPyConnection, select: Select
) -> None:
    selection = select("motion_correct")
    assert {"Real-time factor", "$ per 1,000 s of video"} <= set(labels(table(cursor, selection)))
    for row in queries.standings(cursor, selection).itertuples():
        assert row.clip_seconds == FRAMES / RATE
        assert row.usd_a_video_second == pytest.approx(row.usd / row.clip_seconds)
        assert row.real_time_factor == pytest.approx(row.clip_seconds / row.p50)


def test_the_trade_off_is_by_the_second_of_video(cursor: duckdb.DuckDBPyConnection, select: Select) -> None:
    cursor.execute("CREATE TEMP TABLE samples AS SELECT * REPLACE (2 * video_seconds AS video_seconds) FROM samples")
    long = page_data.trade_off(cursor, select("motion_correct"))
    cursor.execute("DROP TABLE temp.samples")
    short = page_data.trade_off(cursor, select("motion_correct"))
    for name in ("p50", "p50_low", "p50_high", "usd", "usd_low", "usd_high"):
        assert long[name].tolist() == pytest.approx((short[name] / 2).tolist())
    _, axis = page_frames.against_cost(short, {}, higher_is_better=True, video=True)
    assert "of\u202fvideo" in axis.title


def test_a_metric_that_misleads_alone_has_its_companion_beside_it(
    cursor: duckdb.DuckDBPyConnection, select: Select
) -> None:
    shown = table(cursor, select("temporal_consistency"))
    assert labels(shown)[:4] == ["Rank", "Model", "Alike", "Motion"]
    assert all(row["beside"].sort is not None for row in shown.rows)


def test_nobody_has_a_rank_by_a_neutral_metric(cursor: duckdb.DuckDBPyConnection, select: Select) -> None:
    shown = table(cursor, select("dynamic_degree"))
    assert not {"Rank", "In top 3"} & set(labels(shown))
    assert (shown.sort, shown.descending) == ("score", True)


def test_a_companion_without_standings_leaves_the_table_as_it_is(
    cursor: duckdb.DuckDBPyConnection, select: Select
) -> None:
    selection = select("temporal_consistency")
    lonely = replace(selection, measure=replace(selection.measure, beside="not_measured"))
    assert page_data.companion(cursor, lonely) is None


def test_a_tile_plays_the_delivery_file_and_takes_its_stills_from_the_master(
    cursor: duckdb.DuckDBPyConnection, select: Select
) -> None:
    board = select("motion_correct").board
    samples = queries.samples(cursor, board, "single-02")
    scores = queries.sample_scores(cursor, board, "single-02", "motion_correct")
    tile, row = gallery.gallery(samples, scores, prompt="", about="").tiles[0], next(samples.itertuples())
    assert (tile.media, tile.master, tile.fps, tile.seconds) == (row.delivery, row.media, RATE, FRAMES / RATE)
    facts = {fact.label: fact.text.replace("\u202f", " ") for fact in tile.facts}
    assert facts["Clip"] == "8 frames, 8 a second, 1.00 s"
    assert facts["Real-time factor"].endswith("×")
    assert "$ per second of video" in facts


def test_a_local_clips_price_in_the_routing_table_is_by_the_second(clip_home: Home) -> None:
    files = list(clip_home.routing.rglob("current.json"))
    content = json.loads(files[0].read_text())
    assert {deployment["price"]["unit"] for deployment in content["deployments"].values()} == {"second-of-video"}
    assert {route["tiers"]["hero"]["alias"].partition(".")[0] for route in content["routes"]} == {"video"}
