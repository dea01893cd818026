import datetime as dt
from typing import Any

import pytest

from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.table.build import build

NOW = dt.datetime(2026, 6, 1, 8, 30, tzinfo=dt.UTC)


@pytest.fixture
def now() -> dt.datetime:
    """A moment on the real clock, long after the season."""
    return NOW


@pytest.fixture(scope="session")
def season(season_warehouse: Any) -> Evidence:
    """The evidence of a replayed season of the ladder."""
    with season_warehouse.cursor() as cursor:
        return evidence(cursor, suite="shapes", calendar="replayed")


@pytest.fixture(scope="session")
def table(season: Evidence) -> dict[str, Any]:
    """The season's routing table as JSON values; tests make changed copies of it."""
    return build(season, Policy(), generated_at=NOW).to_json()
