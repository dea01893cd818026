import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.decisions.replay import replay
from leaderboard.routing.policy.rules import Policy, TierRule
from leaderboard.routing.simulation.results import EVERY_ROUTE
from leaderboard.routing.simulation.simulate import LEADER, by_tier, compare, play, simulate
from leaderboard.routing.simulation.split import halves

START = dt.date(2026, 1, 1)
PROMPTS = 40


def window(levels, *, first, last, category="*", noise=0.5, costs=None, seed=0):
    generator = np.random.default_rng([seed, first])
    means = np.stack([level + generator.normal(0, noise, PROMPTS) for level in levels.values()], axis=1)
    return DecisionWindow(
        category=category,
        first=START + dt.timedelta(days=first),
        last=START + dt.timedelta(days=last),
        models=tuple(levels),
        means=means,
        prompts=tuple(f"p{i}" for i in range(PROMPTS)),
        stats={model: OperatingStats(cost_usd=(costs or {}).get(model, 1.0), seconds=1.0) for model in levels},
    )


def truth(history, levels):
    """The same fields with the models' true qualities."""
    return [replace(one, means=np.array([[levels[m] for m in one.models]]), prompts=("truth",)) for one in history]


def season(weeks=30, **options):
    """Two models that are measured anew each week; a third and better one enters in the middle."""
    levels = {"a": 10.0, "b": 10.0, "c": 11.0}
    fields = [{k: v for k, v in levels.items() if k != "c" or i >= weeks // 2} for i in range(weeks)]
    return [window(one, first=7 * i, last=7 * i + 6, **options) for i, one in enumerate(fields)], levels


CALM, EAGER = Policy(canary_days=0), Policy(switch_margin=0.0, min_dwell_days=0, canary_days=0)


@given(st.integers(0, 50), st.integers(2, 30))
def test_the_halves_of_a_window_share_no_prompt_and_lose_none(draw, prompts):
    history = [replace(c, means=c.means[:prompts], prompts=c.prompts[:prompts]) for c in season(2)[0]]
    for whole, first, second in zip(history, *halves(history, draw), strict=True):
        assert {*first.prompts} | {*second.prompts} == {*whole.prompts}
        assert not {*first.prompts} & {*second.prompts}
        assert 0 <= len(first.prompts) - len(second.prompts) <= 1
        rows = {prompt: row for one in (first, second) for prompt, row in zip(one.prompts, one.means, strict=True)}
        assert all((rows[prompt] == row).all() for prompt, row in zip(whole.prompts, whole.means, strict=True))


def test_a_prompt_is_on_the_same_side_on_every_day_and_in_every_category():
    one, other = (window({"a": 1.0}, first=i, last=i) for i in (0, 1))
    inside = replace(one, category="odd", means=one.means[1::2], prompts=one.prompts[1::2])
    outside = replace(one, category="even", means=one.means[::2], prompts=one.prompts[::2])
    first, _ = halves([one, other, inside, outside], 3)
    assert first[0].prompts == first[1].prompts
    assert {*first[2].prompts} | {*first[3].prompts} == {*first[0].prompts}


def test_other_draws_are_other_halves():
    history = season(1)[0]
    assert halves(history, 1)[0][0].prompts != halves(history, 2)[0][0].prompts


def test_prompts_without_names_cannot_be_divided():
    with pytest.raises(ValueError, match="Expected a name for each of 40 prompts, got 0"):
        halves([replace(one, prompts=()) for one in season(1)[0]], 0)


def test_switches_are_those_of_the_replay():
    history, _ = season()
    for policy in (CALM, EAGER):
        (outcome,) = [
            one
            for one in simulate(history, {"p": policy}, draws=1).outcomes
            if (one.category, one.tier) == ("*", "hero")
        ]
        made = [one for one in replay(history, policy) if one.tier == "hero"]
        assert outcome.days == len(made) == 210
        switched = sum(one.action == "switch" for one in made)
        assert outcome.switches_per_year == pytest.approx(switched / 210 * 365.25)


def test_following_the_leader_of_each_day_has_no_regret_against_the_best_known():
    history, _ = season(costs={"a": 2.0, "b": 1.0, "c": 3.0})
    found = simulate(history, {"p": EAGER}, draws=2).outcomes
    assert [one.regret_known.mean for one in found if one.tier == "hero"] == pytest.approx([0.0, 0.0], abs=1e-12)


def test_waiting_costs_what_the_truth_says_it_does():
    history, levels = season(20, noise=0.01)
    slow = Policy(min_dwell_days=10_000, canary_days=0)
    days = by_tier(play(history, truth(history, levels), slow))["*", "hero"]
    assert np.mean([one.loss_known for one in days]) == pytest.approx(0.5)
    assert [one.loss_hindsight for one in days[-70:]] == pytest.approx([1.0] * 70)


def test_a_trial_serves_the_new_winner_a_tenth_of_the_calls():
    history, levels = season(20, noise=0.01)
    days = by_tier(play(history, truth(history, levels), Policy(canary_days=2)))["*", "hero"]
    (moved,) = [i for i, one in enumerate(days) if one.switched and one.served[0][0] == "c"]
    assert dict(days[moved].served) == pytest.approx({"c": 0.1, days[moved - 1].served[0][0]: 0.9})
    assert days[moved].quality == pytest.approx(0.1 * 11 + 0.9 * 10)
    assert days[moved + 2].served == (("c", 1.0),)


def test_a_thrifty_tier_is_evaluated_by_what_it_spends_and_by_its_bar():
    levels, costs = {"a": 10.0, "b": 9.5}, {"a": 4.0, "b": 1.0}
    first, later = (
        window(levels, first=0, last=0, noise=0.01, costs={"a": 1.0, "b": 4.0}),
        window(levels, first=1, last=9, noise=0.01, costs=costs),
    )
    days = by_tier(play([first, later], truth([first, later], levels), CALM))["*", "workhorse"]
    assert [one.loss_known for one in days] == [0.0] + [3.0] * 6 + [0.0] * 3
    assert [one.cost_usd for one in days] == [1.0] + [4.0] * 6 + [1.0] * 3
    assert not any(one.below_bar for one in days)
    below = truth([first, later], {"a": 10.0, "b": 8.0})
    assert by_tier(play([first, later], below, CALM))["*", "workhorse"][-1].below_bar


def test_days_without_anybody_in_the_budget_are_counted_and_cost_nothing():
    history = [window({"a": 1.0}, first=0, last=9)]
    policy = Policy(tiers={**Policy().tiers, "hero": TierRule(max_cost_usd=0.5)})
    found = {one.tier: one for one in simulate(history, {"p": policy}, draws=1).outcomes if one.category == "*"}
    assert (found["hero"].unserved, found["hero"].cost_usd, found["hero"].regret_known) == (1.0, None, None)
    assert found["workhorse"].unserved == 0.0


def test_a_switch_that_was_forced_is_told_apart():
    before = window({"a": 2.0, "b": 1.0}, first=0, last=4)
    after = window({"b": 1.0}, first=5, last=9)
    (one,) = [
        one
        for one in simulate([before, after], {"p": CALM}, draws=1).outcomes
        if (one.category, one.tier) == ("*", "hero")
    ]
    assert one.forced_per_year == one.switches_per_year == pytest.approx(36.525)


def test_every_route_is_the_mean_over_the_routes():
    history = [
        window({"a": 10.0, "b": 9.0}, first=0, last=9, category=name, seed=i, costs={"a": 1.0 + i, "b": 9.0})
        for i, name in enumerate(("single", "pair"))
    ]
    found = {(one.category, one.tier): one for one in simulate(history, {"p": CALM}, draws=2).outcomes}
    mean = found[EVERY_ROUTE, "hero"]
    assert mean.cost_usd == pytest.approx((found["single", "hero"].cost_usd + found["pair", "hero"].cost_usd) / 2)
    both = [found[name, "hero"].quality.mean for name in ("single", "pair")]
    assert mean.quality.mean == pytest.approx(np.mean(both))


def test_a_policy_plays_in_the_categories_that_it_names():
    history = [window({"a": 1.0}, first=0, last=1, category=name) for name in ("single", "pair")]
    found = simulate(history, {"p": replace(CALM, categories=("pair",))}, draws=1)
    assert {one.category for one in found.outcomes} == {EVERY_ROUTE, "pair"}


def test_policies_are_compared_with_the_leader_of_each_day_and_as_json():
    history, _ = season(6)
    result = compare(history, {"calm": CALM, "eager": EAGER}, draws=1)
    assert list(dict.fromkeys(one.policy for one in result.outcomes)) == ["calm", "eager", LEADER]
    same = [[replace(one, policy="") for one in result.outcomes if one.policy == name] for name in ("eager", LEADER)]
    assert same[0] == same[1]
    said = json.loads(json.dumps(result.to_json(), allow_nan=False))
    trace = said["traces"][0]
    assert len(trace["days"]) == len(trace["holders"]) == len(trace["loss_known"]) == 42


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 4), st.integers(0, 30), st.integers(0, 5), st.integers(0, 99))
def test_no_policy_beats_the_truth(margin, dwell, canary, seed):
    history, levels = season(8, seed=seed)
    policy = Policy(switch_margin=margin, min_dwell_days=dwell, canary_days=canary)
    for one in play(history, truth(history, levels), policy):
        if one.tier == "hero":
            assert one.loss_hindsight >= -1e-12
            assert sum(share for _, share in one.served) == pytest.approx(1)
