"""The three half-lives of a made season."""

import pytest

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
