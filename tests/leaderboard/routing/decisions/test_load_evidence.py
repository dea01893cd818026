"""What is routed: models that can be called, never media that were brought without a deployment."""

import datetime as dt

import pytest

from data.errors import RoutingError
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.table.build import build
from leaderboard.standings import daily

AT = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)


@pytest.fixture
def cursor(warehouse, fill, made):
    """Three models, of which the best was brought."""
    model, run = made
    named = tuple(
        model(name=name, right=right) for name, right in (("own", 0.6), ("other", 0.4), ("best.brought", 0.95))
    )
    fill(run(run_id="r", models=named))
    with warehouse.cursor() as cursor:
        cursor.execute("UPDATE models SET location = 'brought' WHERE model = 'best.brought'")
        daily.update(warehouse)
        yield cursor


def test_a_brought_contender_stands_and_is_not_routed(cursor):
    measured = evidence(cursor, suite="shapes", calendar="replayed")
    assert set(measured.standings["model"]) == {"own", "other", "best.brought"}
    assert set(measured.candidates) == {"own", "other"}
    assert {model for window in measured.windows for model in window.models} == {"own", "other"}
    table = build(measured, generated_at=AT)
    assert table.by_alias["image.overall.hero"].candidates[0].deployment == "own"
    assert set(table.deployments) == {"own", "other"}


def test_a_later_run_of_brought_media_alone_does_not_decide(cursor):
    before = evidence(cursor, suite="shapes", calendar="replayed")
    cursor.execute("INSERT INTO runs SELECT * REPLACE ('r2' AS run_id, 'another' AS suite_digest) FROM runs")
    cursor.execute("UPDATE runs SET committed_at = committed_at + INTERVAL 1 DAY WHERE run_id = 'r2'")
    cursor.execute("INSERT INTO models SELECT * REPLACE ('r2' AS run_id) FROM models WHERE location = 'brought'")
    assert evidence(cursor, suite="shapes", calendar="replayed").suite_digest == before.suite_digest


def test_brought_media_alone_have_no_route(cursor):
    cursor.execute("UPDATE models SET location = 'brought'")
    with pytest.raises(RoutingError, match="with a model that can be called, got none"):
        evidence(cursor, suite="shapes", calendar="replayed")
