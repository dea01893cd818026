"""Half-lives of imported ratings: each source by itself."""

import datetime as dt

import pandas as pd
import pytest

from data.errors import UnknownNameError
from leaderboard.lifecycle.tenure import TenureProtocol
from leaderboard.reports import external_ratings
from leaderboard.reports.half_lives import half_lives


def one_of(results, kind, **scope):
    return next(estimate for estimate in results if estimate.kind == kind and dict(estimate.scope) == scope)


def ratings(weeks=30):
    """A newcomer every third week, each better than all before it."""
    days = [dt.date(2025, 1, 6) + dt.timedelta(weeks=w) for w in range(weeks)]
    return [
        ("arena", "text-to-image", "*", days[w], f"m{m}", *(20.0 * m + r for r in (1000, 995, 1005)))
        for w in range(weeks)
        for m in range(4 + w // 3)
    ]


@pytest.fixture
def rated(warehouse):
    names = ["source", "task", "category", "day", "model", "rating", "low", "high"]
    rows = pd.DataFrame(ratings(), columns=names).assign(imported_at=dt.datetime(2026, 1, 1))
    rows["day"] = pd.to_datetime(rows["day"])
    with warehouse.cursor() as cursor:
        cursor.from_df(rows).insert_into("ratings")
        yield cursor


def test_a_sources_half_life_is_its_own(rated):
    first = external_ratings.half_lives(rated, source="arena", protocol=TenureProtocol(k=3, gap_days=7))[0]
    assert dict(first.scope) == {"source": "arena", "task": "text-to-image"}
    assert first.events == 9
    assert first.low < first.half_life_days < first.high
    assert half_lives(rated) == ()


def test_a_sources_lead_lasts_from_one_newcomer_to_the_next(rated):
    gap = one_of(
        external_ratings.half_lives(rated, source="arena"), "gap", source="arena", task="text-to-image", category="*"
    )
    assert (gap.events, gap.subjects) == (9, 10)


def test_an_unknown_source_is_answered_with_the_nearest(rated):
    with pytest.raises(UnknownNameError, match="Did you mean 'arena'"):
        external_ratings.ratings(rated, "arna")


def test_sources_are_listed_with_their_span(rated):
    (row,) = external_ratings.sources(rated).to_dict("records")
    assert (row["source"], row["snapshots"], row["models"]) == ("arena", 30, 13)
