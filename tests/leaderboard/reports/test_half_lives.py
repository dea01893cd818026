"""The three half-lives of a made season, and of ratings from outside."""

import datetime as dt

import pandas as pd
import pytest

from data.errors import UnknownNameError
from leaderboard.lifecycle.tenure import TenureProtocol
from leaderboard.reports import external_ratings
from leaderboard.reports.half_lives import frame, half_lives


@pytest.fixture(scope="module")
def results(season_warehouse):
    with season_warehouse.cursor() as cursor:
        return half_lives(cursor)


def one_of(results, kind, **scope):
    return next(estimate for estimate in results if estimate.kind == kind and dict(estimate.scope) == scope)


def test_each_scope_has_its_estimate_the_core_first(results):
    first = [estimate for estimate in results if estimate.method == "exponential"]
    board = {"calendar": "replayed", "task": "text-to-image", "suite": "shapes"}
    assert dict(first[0].scope) == {"calendar": "replayed"}
    assert dict(first[1].scope) == {"calendar": "replayed", "task": "text-to-image"}
    for scope in ({"category": "*"}, {"category": "single"}, {"tier": "hero"}, {"tier": "workhorse"}):
        assert one_of(first, "rank", **board, **scope).subjects


def test_the_rank_counts_whom_others_pushed_out_and_the_retired_apart(results):
    first = one_of(results, "rank", calendar="replayed")
    assert first.events == 3
    assert first.events + first.withdrawn + first.censored == first.tenures


def test_a_lead_lasts_until_a_better_one_enters(results):
    lead = one_of(results, "gap", calendar="replayed", task="text-to-image", suite="shapes", category="*")
    assert lead.events >= 2
    assert "closed" in lead.sentence


def test_a_page_gets_a_table(results):
    table = frame(results)
    assert len(table) == len(results)
    assert {"kind", "scope", "half_life_days", "low", "high", "prior_speaks"} <= set(table.columns)
    assert table["scope"].iloc[0] == "all (replayed)"


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
