"""What an agent is told: the right model, why others were passed, and how old the answer is."""

import copy
import datetime as dt
import json
from pathlib import Path

import pytest

from data.errors import RoutingError, UnknownNameError
from leaderboard.routing.serving.advisor import RouteQuery, compare, half_life, recommend
from leaderboard.routing.table.model import RoutingTable

TABLE = json.loads((Path(__file__).parents[1] / "golden" / "table.json").read_text())
TYPED = RoutingTable.model_validate(TABLE)
FRESH, STALE, EXPIRED = (dt.datetime(2026, month, day, tzinfo=dt.UTC) for month, day in ((11, 2), (11, 20), (12, 24)))


def asked(at=FRESH, table=TABLE, **query):
    return recommend(RoutingTable.model_validate(table), RouteQuery(**{"category": "photoreal", **query}), at=at)


def saying(on_expiry):
    table = copy.deepcopy(TABLE)
    table["on_expiry"] = on_expiry
    return table


def test_without_a_tier_the_default_one_answers():
    assert (asked()["deployment"], asked()["alias"]) == ("quick-1", "image.photoreal.workhorse")


def test_of_a_weighted_tier_the_heaviest_answers():
    assert asked(tier="hero")["deployment"] == "big-1"


def test_an_answer_says_how_to_call_it_and_from_which_table_it_is():
    answer = asked(tier="hero")
    assert answer["endpoint"] == {"base_url": "https://images.example/v1", "credential_env": "BIG_KEY"}
    assert (answer["revision"], answer["serial"], answer["expires_at"]) == (TABLE["revision"], 7, TABLE["expires_at"])
    assert answer["half_life"]["days"] == 31.5


def test_a_limit_goes_down_the_chain_and_says_who_was_passed_over():
    answer = asked(tier="hero", max_cost=0.02)
    assert (answer["deployment"], answer["alias"]) == ("quick-1", "image.photoreal.workhorse")
    assert answer["passed_over"] == [
        {"deployment": "big-1", "why": "costs 0.03 USD"},
        {"deployment": "big-2", "why": "costs 0.04 USD"},
    ]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"max_cost": 1e-6}, "quick-1 costs 0.01 USD; house-1 costs 0.0004 USD"),
        ({"max_latency": 1.0}, "quick-1 takes 4 s"),
        ({"resolution": "4096x4096"}, "quick-1 was measured at 1024x1024"),
        ({"seconds": 3.0}, "quick-1 makes no video"),
    ],
)
def test_when_nobody_meets_a_query_each_reason_is_said(query, why):
    with pytest.raises(RoutingError, match=rf"Expected a model for .* got none: {why}"):
        asked(**query)


def test_what_is_not_known_does_not_meet_a_limit():
    table = copy.deepcopy(TABLE)
    table["deployments"]["quick-1"].update(price=None, latency_s=None)
    assert asked(table=table, max_cost=1.0)["passed_over"][0]["why"] == "has no known price"
    assert asked(table=table, max_latency=9.0)["passed_over"][0]["why"] == "has no measured latency"


def test_a_video_costs_by_its_length():
    query = {"task": "text-to-video", "category": "overall", "max_cost": 0.35}
    assert asked(**query, seconds=3.0)["cost_usd"] == pytest.approx(0.3)
    with pytest.raises(RoutingError, match=r"reel-1 costs 0\.4 USD"):
        asked(**query, seconds=4.0)


def test_what_is_quarantined_is_passed_over():
    table = copy.deepcopy(TABLE)
    table["deployments"]["quick-1"]["status"] = "quarantined"
    assert asked(table=table)["deployment"] == "house-1"


@pytest.mark.parametrize(
    ("at", "stale", "expired"), [(FRESH, False, False), (STALE, True, False), (EXPIRED, True, True)]
)
def test_an_answer_says_how_old_it_is(at, stale, expired):
    compared = compare(TYPED, ["big-1"], at=at, category="photoreal")
    for answer in (asked(at=at), compared, half_life(TYPED, at=at, category="photoreal")):
        assert (answer["stale"], answer["expired"]) == (stale, expired)


def test_an_expired_table_does_what_it_says():
    assert asked(at=EXPIRED, tier="hero", table=saying("hold-last-known-good"))["deployment"] == "big-1"
    assert asked(at=EXPIRED, tier="hero", table=saying("use-default-only"))["deployment"] == "quick-1"
    with pytest.raises(RoutingError, match="says to fail closed"):
        asked(at=EXPIRED, tier="hero", table=saying("fail-closed"))


@pytest.mark.parametrize(
    ("query", "near"),
    [
        ({"task": "text-to-imag"}, "text-to-image"),
        ({"category": "photoreel"}, "photoreal"),
        ({"tier": "heroo"}, "hero"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(query, near):
    with pytest.raises(UnknownNameError, match=f"Did you mean '{near}'"):
        asked(**query)


def test_models_are_compared_by_their_intervals():
    answer = compare(TYPED, ["quick-1", "big-2", "big-1", "reel-1"], at=FRESH, category="photoreal")
    apart = {tuple(pair["models"]): pair["apart"] for pair in answer["pairs"]}
    assert answer["models"][0]["deployment"] == "big-2"
    assert apart["big-2", "big-1"] is False
    assert {apart[pair] for pair in apart if "reel-1" in pair} == {None}


def test_intervals_that_do_not_touch_are_apart():
    answer = compare(TYPED, ["big-2", "house-1"], at=FRESH, category="photoreal")
    assert answer["pairs"] == [{"models": ["big-2", "house-1"], "apart": True}]


def test_an_unknown_deployment_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'big-1'"):
        compare(TYPED, ["big1"], at=FRESH, category="photoreal")
