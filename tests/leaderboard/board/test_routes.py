"""The routes page: the routing table, its exports as files, a policy tried on the past, how few are enough."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

import leaderboard
from data.home import Home
from data.store.snapshot import current
from leaderboard.board.connection import Observatory
from leaderboard.board.tables import simulation
from leaderboard.board.widgets import routing_panels
from leaderboard.reports import page_data
from leaderboard.routing import view
from leaderboard.routing.exports.rendering import TARGETS
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.revision import sealed
from leaderboard.routing.serving.publish import publish
from leaderboard.routing.table.model import RoutingTable
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection
from tests.leaderboard.routing.lasting import clips

if TYPE_CHECKING:
    import duckdb

APP = Path(leaderboard.__file__).parent / "board" / "app.py"


@pytest.fixture(scope="module")
def page(home: Home) -> AppTest:
    """The page, run once for the tests that only look."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALFLIFE_HOME", str(home.path))
        app = AppTest.from_file(str(APP), default_timeout=120).run()
        return app.switch_page("views/routes.py").run()


def tables(page: AppTest) -> dict[str, Any]:
    shown = [json.loads(component.proto.json or component.proto.mixed.json) for component in page.get("bidi_component")]
    return {table["label"]: table for table in shown}


def test_every_tier_says_who_serves_it_why_and_who_nearly_won(page: AppTest, home: Home) -> None:
    assert not page.exception
    table = view.current_table(home, "shapes.replayed")
    assert table is not None
    why = tables(page)["Reasons of the routes"]["rows"]
    assert [row["alias"]["text"] for row in why] == [route.alias for route in table.tiers]
    assert all(row["why"]["text"] for row in why)
    nearly = [row["nearly"] for row in why if row["nearly"]["text"] != "–"]
    assert nearly
    assert all(cell["sub"].endswith(" SE") for cell in nearly)


def test_each_export_can_be_downloaded(page: AppTest) -> None:
    assert len(page.get("download_button")) == len(TARGETS)


def test_a_policy_that_never_waits_switches_at_least_as_often(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection
) -> None:
    policies = {"in use": Policy(), "yours": Policy(switch_margin=0.0, min_dwell_days=0)}
    replayed = page_data.simulated(cursor, selection.board, policies)
    rows = {
        (row["policy"].text, row["tier"].text): row for row in simulation.outcomes(replayed, selection.measure).rows
    }
    assert rows["yours", "hero"]["switches"].sort >= rows["in use", "hero"]["switches"].sort  # type: ignore[operator]


def test_the_fewest_models_cover_every_category(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    subset = page_data.curated(cursor, selection.board, 4, 0.1, Policy())
    rows = simulation.curation(subset, selection.measure, {}).rows
    assert {row["category"].text for row in rows} == {
        "Single",
        "Pair left right",
        "Pair above below",
        "Colour binding",
        "Long caption",
    }
    assert subset.complete == all(row["covered"].text == "yes" for row in rows)
    curve = simulation.sets(subset, {})
    assert curve["regret"].is_monotonic_decreasing
    assert curve["chosen"].sum() == 1


def test_a_table_beside_it_changes_nothing_on_its_page(home: Home, tmp_path: Path) -> None:
    both = Home(tmp_path)
    shutil.copytree(home.routing, both.routing)
    first = publish(RoutingTable.model_validate(clips()), both.routing)
    publish(RoutingTable.model_validate(_next(clips(), first.revision)), both.routing)
    assert view.current_table(both, "shapes.replayed") == view.current_table(home, "shapes.replayed")
    table = view.current_table(both, "clips.live")
    assert table is not None
    assert [tier.alias for tier in table.tiers] == ["video.pair.hero", "video.pair.workhorse"]
    assert view.since_before(both, "clips.live") == ()
    assert view.since_before(both, "shapes.replayed") is None


def test_a_table_is_that_of_the_content_of_the_suite_that_decided_it(
    home: Home, cursor: "duckdb.DuckDBPyConnection"
) -> None:
    board, observatory = queries.boards(cursor)[0], Observatory(home, current(home))
    assert routing_panels.table_of(observatory, board) is not None
    assert routing_panels.table_of(observatory, replace(board, suite_digest="another")) is None


def _next(table: dict[str, Any], before: str) -> dict[str, Any]:
    return sealed(table | {"serial": table["serial"] + 1, "previous_revision": before})


def test_a_board_without_a_table_says_what_to_run(home: Home, cursor: "duckdb.DuckDBPyConnection") -> None:
    assert view.current_table(home, "other.live") is None
    assert queries.boards(cursor)[0].table_id == "shapes.replayed"
