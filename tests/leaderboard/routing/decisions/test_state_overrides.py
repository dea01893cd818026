"""What people decide reaches the routes: the quarantined serve nobody, the retired leave a tombstone."""

import datetime as dt

import pytest

from leaderboard.routing.table.build import build_from
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import RoutingTable

NOW = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)
INSERT = "INSERT INTO model_states VALUES (?, ?, ?, ?, 'hand', ?, ?, ?)"


@pytest.fixture
def built(season_warehouse):
    """Build the season's table after some states, which are taken back afterwards."""
    with season_warehouse.cursor() as cursor:

        def build(*states):
            for model, state, successor, until in states:
                day = dt.date(2026, 3, 1)
                cursor.execute(INSERT, [model, state, day, "It broke.", NOW.replace(tzinfo=None), successor, until])
            return build_from(cursor, suite="shapes", calendar="replayed", generated_at=NOW).to_json()

        yield build
        cursor.execute("DELETE FROM model_states")


def heroes(table):
    return {tier["candidates"][0]["deployment"] for route in table["routes"] for tier in route["tiers"].values()}


def test_a_quarantined_model_serves_nobody_and_says_so(built):
    hero = built()["routes"][0]["tiers"]["hero"]["candidates"][0]["deployment"]
    table = built((hero, "quarantined", None, None))
    assert lint(RoutingTable.model_validate(table)) == []
    assert hero not in heroes(table)
    assert table["deployments"][hero]["status"] == "quarantined"
    assert "It broke (since 2026-03-01)" in table["routes"][0]["tiers"]["hero"]["decision"]["reason"]


def test_a_retired_model_leaves_a_tombstone_that_names_its_successor(built):
    hero = built()["routes"][0]["tiers"]["hero"]["candidates"][0]["deployment"]
    table = built((hero, "retired", "m4", None))
    assert lint(RoutingTable.model_validate(table)) == []
    assert hero not in table["deployments"]
    (tombstone,) = [one for one in table["tombstones"] if one["deployment"] == hero]
    assert tombstone["replacement"] == "m4"


def test_a_deprecated_model_says_when_it_goes(built):
    table = built(("m4", "deprecated", "m5", dt.date(2026, 6, 1)))
    assert (table["deployments"]["m4"]["status"], table["deployments"]["m4"]["retires_at"]) == (
        "deprecated",
        "2026-06-01T00:00:00Z",
    )


def test_without_states_the_table_is_what_was_measured(built):
    assert built() == built()
