import datetime as dt
from dataclasses import replace

import pytest

from data.errors import InputFileError, RoutingError, UnknownNameError
from leaderboard.routing.decisions.decision import switches
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.decisions.replay import replay
from leaderboard.routing.policy.rules import Policy, TierRule
from leaderboard.routing.revision import revision_of
from leaderboard.routing.table import build as building
from leaderboard.routing.table.build import predecessor, unchanged
from leaderboard.routing.table.lint import lint as lint_table
from leaderboard.routing.table.model import RoutingTable
from leaderboard.standings import daily

typed = RoutingTable.model_validate


def build(*arguments, **options):
    """The built table as JSON values."""
    return building.build(*arguments, **options).to_json()


def build_from(*arguments, **options):
    return building.build_from(*arguments, **options).to_json()


def lint(content):
    return lint_table(typed(content))


def test_a_season_makes_a_table_that_holds(table):
    assert lint(table) == []
    assert table["revision"] == revision_of(table)


def test_each_category_and_all_together_have_a_workhorse_and_a_hero(table):
    aliases = [tier["alias"] for route in table["routes"] for tier in route["tiers"].values()]
    assert sorted(aliases) == sorted(
        f"image.{category}.{tier}"
        for category in ("overall", "single", "pair-left-right")
        for tier in ("hero", "workhorse")
    )


def test_the_hero_is_the_leader_and_the_workhorse_cheaper_and_good_enough(table):
    tiers = table["routes"][0]["tiers"]
    hero, workhorse = (tiers[name]["candidates"][0] for name in ("hero", "workhorse"))
    price = {name: held["price"]["usd"] for name, held in table["deployments"].items()}
    assert (hero["deployment"], workhorse["deployment"]) == ("m5", "m4")
    assert price["m4"] < price["m5"]
    assert workhorse["score"] >= 0.9 * hero["score"] - 0.05


def test_it_says_replayed_calendar_wherever_it_matters(table):
    assert table["evidence"]["window"] == {"calendar": "replayed", "from": "2026-01-01", "to": "2026-03-31"}
    assert table["generator"].endswith("replayed calendar")
    assert table["routes"][0]["tiers"]["hero"]["half_life"]["scope"].endswith("replayed calendar")


def test_incumbents_and_switches_come_from_the_history(season, table):
    found = [one for one in switches(replay(season.windows)) if (one.category, one.tier) == ("*", "hero")]
    assert [one.incumbent for one in found] == ["m2", "m3", "m4", "m5"]
    assert table["routes"][0]["tiers"]["hero"]["incumbent_since"] == f"{found[-1].since}T00:00:00Z"


def test_a_tier_expires_when_half_of_the_places_at_the_top_are_lost(table, now):
    tier = table["routes"][0]["tiers"]["hero"]
    age = dt.datetime.fromisoformat(tier["expires_at"]) - now
    assert age.total_seconds() / 86400 == pytest.approx(tier["half_life"]["days"], rel=1e-3)
    stale = dt.datetime.fromisoformat(tier["stale_after"]) - now
    assert stale / age == pytest.approx(0.322, abs=1e-3)


def test_the_table_turns_stale_with_its_first_tier(table):
    tiers = [tier for route in table["routes"] for tier in route["tiers"].values()]
    assert table["stale_after"] == min(tier["stale_after"] for tier in tiers)


def test_a_retired_model_has_a_tombstone_with_its_successor(table):
    assert table["tombstones"] == [
        {
            "deployment": "m2",
            "removed_at": "2026-03-02T00:00:00Z",
            "reason": "Retired by its maker.",
            "replacement": "m4",
        }
    ]


def test_what_the_table_before_had_is_removed_but_not_forgotten(season, table, now):
    before = typed(table | {"deployments": {**table["deployments"], "older": table["deployments"]["m5"]}})
    after = build(season, generated_at=now, previous=predecessor(before))
    assert (after["serial"], after["previous_revision"]) == (2, table["revision"])
    assert [one["deployment"] for one in after["tombstones"]] == ["m2", "older"]
    later = building.build(season, generated_at=now + dt.timedelta(days=1), previous=predecessor(typed(table)))
    assert unchanged(later, typed(table))


def test_the_hero_falls_back_to_the_workhorse_and_the_workhorse_to_nobody(table):
    tiers = table["routes"][0]["tiers"]
    assert tiers["hero"]["fallback"]["chain"] == ["image.overall.workhorse"]
    assert tiers["workhorse"]["fallback"]["chain"] == []
    assert tiers["hero"]["fallback"]["max_attempts"] == 2


def test_a_fresh_winner_starts_as_a_canary(season, now):
    tier = build(season, Policy(canary_days=60), generated_at=now)["routes"][0]["tiers"]["hero"]
    assert (tier["strategy"], [(c["deployment"], c["weight"]) for c in tier["candidates"]]) == (
        "weighted",
        [("m5", 10), ("m4", 90)],
    )


def test_a_canary_serves_at_a_budget_that_holds(season, now):
    assert lint(build(season, Policy(canary_days=60), generated_at=now)) == []


def test_a_remote_model_brings_its_endpoint_and_the_name_of_its_key(warehouse, fill, made, now):
    model, run = made
    models = (model(name="here", right=0.6), model(name="far", right=0.95, remote=True))
    fill(run(run_id="r1", calendar="live", day=dt.date(2026, 5, 31), models=models, prompts=20))
    daily.update(warehouse)
    with warehouse.cursor() as cursor:
        table = build_from(cursor, suite="shapes", calendar="live", generated_at=now)
    far = table["deployments"]["far"]
    assert far["endpoint"] == {"base_url": "https://images.example/v1", "credential_env": "BIG_KEY"}
    assert far["price"] == {"unit": "image", "usd": 0.04, "as_of": "2026-04-01"}
    assert (far["adapters"]["litellm"]["model"], lint(table)) == ("openai/big", [])


def test_a_live_table_ages_with_its_evidence(warehouse, fill, made, now):
    model, run = made
    fill(run(run_id="r1", calendar="live", day=dt.date(2026, 5, 21), models=(model(name="a", right=0.5),), prompts=20))
    daily.update(warehouse)
    with warehouse.cursor() as cursor:
        table = build_from(cursor, suite="shapes", calendar="live", generated_at=now)
        assert table["expires_at"] == "2026-06-21T00:00:00Z"
        with pytest.raises(
            RoutingError, match="Expected evidence younger than the half-life of 30 days, got a last run on"
        ):
            build_from(cursor, suite="shapes", calendar="live", generated_at=now + dt.timedelta(days=40))


def test_a_failing_model_is_quarantined_and_routes_go_round_it(warehouse, fill, made, now):
    model, run = made
    models = (model(name="good", right=0.6), model(name="broken", right=1.0, failing=0.5))
    fill(run(run_id="r1", models=models, prompts=20))
    daily.update(warehouse)
    with warehouse.cursor() as cursor:
        table = build_from(cursor, suite="shapes", calendar="replayed", generated_at=now)
    assert table["deployments"]["broken"]["status"] == "quarantined"
    assert {c["deployment"] for r in table["routes"] for t in r["tiers"].values() for c in t["candidates"]} == {"good"}


def test_the_same_evidence_makes_the_same_table(season, table, now):
    assert build(season, Policy(), generated_at=now) == table


def test_an_unknown_suite_is_answered_with_the_nearest(season_warehouse):
    with season_warehouse.cursor() as cursor, pytest.raises(UnknownNameError, match="Did you mean 'shapes'"):
        evidence(cursor, suite="shape", calendar="replayed")


def test_an_unknown_metric_is_answered_with_the_nearest(season_warehouse):
    with season_warehouse.cursor() as cursor, pytest.raises(UnknownNameError, match="Did you mean 'shapes_correct'"):
        evidence(cursor, suite="shapes", calendar="replayed", metric="shapes_corect")


def test_a_calendar_without_runs_says_what_to_do(season_warehouse):
    with season_warehouse.cursor() as cursor, pytest.raises(RoutingError, match="Run `halflife run --suite shapes`"):
        evidence(cursor, suite="shapes", calendar="live")


def test_runs_without_standings_say_what_to_do(warehouse, fill, ladder, made):
    fill(made[1](run_id="r1", models=ladder, prompts=4))
    with warehouse.cursor() as cursor, pytest.raises(RoutingError, match="Expected standings of 'shapes'"):
        evidence(cursor, suite="shapes", calendar="replayed")


def ruled(**tiers):
    return Policy(tiers={**Policy().tiers, **tiers}, source="routing.toml")


def test_a_budget_stands_in_the_table_and_moves_the_route(season, now):
    table = build(season, ruled(hero=TierRule(max_cost_usd=6e-6)), generated_at=now)
    tier = table["routes"][0]["tiers"]["hero"]
    assert (tier["candidates"][0]["deployment"], tier["budget"]["max_cost_usd"]) == ("m4", 6e-6)
    assert {one["deployment"] for one in tier["candidates"]} <= {"m0", "m1", "m3", "m4"}
    assert (lint(table), table["schema_version"]) == ([], "1.2")
    assert table["policy"]["tiers"]["hero"]["max_cost_usd"] == 6e-6


def test_a_budget_that_nobody_keeps_names_file_and_key(season, now):
    with pytest.raises(InputFileError, match=r"routing.toml, key 'tiers.hero': .* nobody does: m5 costs"):
        build(season, ruled(hero=TierRule(max_cost_usd=1e-9)), generated_at=now)


def test_a_fallback_that_would_break_the_budget_is_left_out(season, now):
    table = build(season, ruled(hero=TierRule(min_quality=0.95)), generated_at=now)
    assert table["routes"][0]["tiers"]["hero"]["fallback"]["chain"] == []
    assert lint(table) == []


def test_a_dearer_fallback_needs_to_be_allowed(season, now):
    tiers = {
        "hero": TierRule(objective="cheapest-within-tolerance", quality_share=0.3, max_cost_usd=3e-6),
        "workhorse": TierRule(),
    }
    refused = build(season, ruled(**tiers), generated_at=now)["routes"][0]["tiers"]["hero"]
    tiers["hero"] = replace(tiers["hero"], allow_cost_escalation=True)
    table = build(season, ruled(**tiers), generated_at=now)
    allowed = table["routes"][0]["tiers"]["hero"]
    assert (refused["fallback"]["chain"], allowed["fallback"]["chain"]) == ([], ["image.overall.workhorse"])
    assert (allowed["fallback"]["allow_cost_escalation"], lint(table)) == (True, [])


def test_a_policy_routes_the_categories_that_it_names(season, now):
    table = build(season, replace(Policy(), categories=("single",)), generated_at=now)
    assert [route["id"] for route in table["routes"]] == ["text-to-image.single"]


def test_a_category_that_there_is_not_is_answered_with_the_nearest(season, now):
    with pytest.raises(InputFileError, match=r"routing.toml, key 'categories': Unknown category 'singel'. Did you"):
        build(season, Policy(categories=("singel",), source="routing.toml"), generated_at=now)


def test_a_trial_of_a_new_winner_leaves_out_a_predecessor_over_the_budget(season, now):
    rule = TierRule(min_quality=0.95)
    tier = build(season, replace(ruled(hero=rule), canary_days=60), generated_at=now)["routes"][0]["tiers"]["hero"]
    assert tier["strategy"] == "priority"
