import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision import latest, switches
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats, OutputShape
from leaderboard.routing.decisions.replay import replay
from leaderboard.routing.policy.rules import Policy, TierRule

START = dt.date(2026, 1, 1)
HARD = np.random.default_rng(0).normal(0, 1, 60)


def day(n):
    return START + dt.timedelta(days=n)


def window(levels, *, first=0, last=0, costs=None, failing=(), absent=None, noise=0.3, higher=True):
    generator = np.random.default_rng(1)
    means = np.stack([level + HARD + generator.normal(0, noise, len(HARD)) for level in levels.values()], axis=1)
    return DecisionWindow(
        category="*",
        first=day(first),
        last=day(last),
        models=tuple(levels),
        means=means,
        higher_is_better=higher,
        stats={
            model: OperatingStats(
                cost_usd=(costs or {}).get(model, 1.0),
                cost_error=0.01,
                seconds=1.0,
                failing="30 of 60 samples are not ok" if model in failing else None,
            )
            for model in levels
        },
        absent=absent or {},
    )


def heroes(*windows, policy=None):
    return [one for one in replay(windows, policy) if one.tier == "hero"]


def workhorses(*windows, policy=None):
    return [one for one in replay(windows, policy) if one.tier == "workhorse"]


def test_the_first_leader_is_new_and_stays():
    first, second = heroes(window({"a": 10.0, "b": 9.0}, last=1))
    assert (first.action, first.incumbent, first.since) == ("new", "a", day(0))
    assert (second.action, second.incumbent, second.since, second.challenger) == ("keep", "a", day(0), "b")
    assert second.margin < 0


def test_a_lead_inside_the_noise_switches_nothing():
    last = heroes(window({"a": 10.0}), window({"a": 10.0, "b": 10.01}, first=20, last=20))[-1]
    assert (last.action, last.incumbent) == ("keep", "a")
    assert "a switch needs 1.645" in last.reason


def test_a_sure_lead_switches_and_says_by_how_much():
    last = heroes(window({"a": 10.0}), window({"a": 10.0, "b": 10.5}, first=20, last=20))[-1]
    assert (last.action, last.incumbent, last.previous, last.since) == ("switch", "b", "a", day(20))
    assert last.margin > 5
    assert last.reason.startswith("b replaces a: b leads by 0.")


def test_a_sure_lead_waits_for_the_dwell():
    decisions = heroes(window({"a": 10.0}, last=2), window({"a": 10.0, "b": 11.0}, first=3, last=8))
    assert [one.incumbent for one in decisions] == ["a"] * 7 + ["b"] * 2
    assert "has held the tier for 3 of at least 7 days" in decisions[3].reason


def test_a_retired_incumbent_leaves_at_once():
    gone = window({"b": 9.0}, first=1, last=1, absent={"a": "was retired on 2026-01-02"})
    last = heroes(window({"a": 10.0, "b": 9.0}), gone)[-1]
    assert (last.action, last.incumbent) == ("switch", "b")
    assert last.reason == "a was retired on 2026-01-02; b leads the field that is left."


def test_a_failing_incumbent_is_quarantined_at_once():
    levels = {"a": 10.0, "b": 9.0}
    last = heroes(window(levels), window(levels, first=1, last=1, failing={"a"}))[-1]
    assert (last.action, last.incumbent) == ("quarantine", "b")
    assert "30 of 60 samples are not ok" in last.reason


def test_a_failing_leader_is_nobodys_hero():
    assert heroes(window({"a": 10.0, "b": 9.0}, failing={"a"}))[0].incumbent == "b"


def test_where_lower_is_better_the_lowest_leads():
    assert heroes(window({"a": 10.0, "b": 9.0}, higher=False))[0].incumbent == "b"


def test_the_workhorse_is_the_cheapest_above_the_bar():
    costs = {"hero": 9.0, "good": 3.0, "fair": 2.0, "poor": 1.0}
    levels = {"hero": 100.0, "good": 97.0, "fair": 92.0, "poor": 60.0}
    assert workhorses(window(levels, costs=costs))[0].incumbent == "fair"


def test_without_a_cheaper_one_above_the_bar_the_hero_works():
    assert workhorses(window({"hero": 100.0, "poor": 60.0}, costs={"hero": 9.0, "poor": 1.0}))[0].incumbent == "hero"


def test_an_unknown_cost_is_not_a_low_one():
    assert workhorses(window({"hero": 100.0, "other": 99.0}, costs={"hero": 9.0, "other": None}))[0].incumbent == "hero"


def test_of_two_equally_cheap_the_faster_works():
    field = window({"hero": 100.0, "slow": 99.0, "fast": 99.0}, costs={"hero": 9.0})
    stats = field.stats | {"fast": OperatingStats(cost_usd=1.0, seconds=0.5)}
    assert workhorses(replace(field, stats=stats))[0].incumbent == "fast"


def test_a_workhorse_that_a_new_hero_leaves_behind_is_replaced_at_once():
    before = window({"old": 60.0, "cheap": 58.0}, costs={"old": 5.0, "cheap": 1.0})
    after = window(
        {"old": 60.0, "cheap": 58.0, "new": 100.0}, first=8, last=8, costs={"old": 5.0, "cheap": 1.0, "new": 9.0}
    )
    last = workhorses(before, after)[-1]
    assert (last.action, last.incumbent) == ("switch", "new")
    assert "cheap is surely below 90% of new's quality" in last.reason


def test_a_slightly_cheaper_model_does_not_unseat_the_workhorse():
    levels = {"a": 100.0, "b": 100.0}
    changed = window(levels, first=20, last=20, costs={"a": 1.0, "b": 0.99})
    assert workhorses(window({"a": 100.0}, costs={"a": 1.0}), changed)[-1].incumbent == "a"


def test_a_surely_cheaper_model_does():
    levels = {"a": 100.0, "b": 100.0}
    changed = window(levels, first=20, last=20, costs={"a": 1.0, "b": 0.5})
    last = workhorses(window({"a": 100.0}, costs={"a": 1.0}), changed)[-1]
    assert (last.action, last.incumbent) == ("switch", "b")
    assert "50% cheaper" in last.reason


def test_a_field_without_scores_keeps_what_was_decided():
    empty = window({"a": np.nan}, first=1, last=1)
    assert len(heroes(window({"a": 1.0}), empty)) == 1


def test_switches_leave_out_the_days_on_which_nothing_changed():
    decisions = replay([window({"a": 10.0}, last=30), window({"a": 10.0, "b": 11.0}, first=31, last=60)])
    assert [(one.tier, one.action) for one in switches(decisions)][:3] == [
        ("hero", "new"),
        ("workhorse", "new"),
        ("hero", "switch"),
    ]
    assert latest(decisions)["*", "hero"].incumbent == "b"


levels = st.dictionaries(st.sampled_from("abcde"), st.floats(0, 3), min_size=1, max_size=5)


@settings(max_examples=40)
@given(st.lists(levels, min_size=1, max_size=6), st.integers(0, 10))
def test_an_incumbent_is_always_in_the_field_and_dwells(fields, dwell):
    windows = [window(field, first=3 * i, last=3 * i + 2) for i, field in enumerate(fields)]
    for one in replay(windows, Policy(min_dwell_days=dwell)):
        field = next(c for c in windows if c.first <= one.day <= c.last)
        assert one.incumbent in field.models
        assert one.since <= one.day
        if one.action == "switch" and one.margin is not None:
            assert one.margin >= 1.645


def yearly_switches(policy, *, runs=12):
    """Eight models measured anew each week (noise 0.02), an entrant in a quarter of the weeks replaces the worst."""
    count = 0
    for seed in range(runs):
        generator = np.random.default_rng(seed)
        quality, windows = dict(zip("abcdefgh", generator.normal(0.7, 0.02, 8), strict=True)), []
        for week in range(52):
            if generator.random() < 0.25:
                worst = min(quality, key=quality.get)
                quality = {k: v for k, v in quality.items() if k != worst} | {f"n{week}": generator.normal(0.72, 0.02)}
            means = np.stack([q + generator.normal(0, 0.02 * 5, 25) for q in quality.values()], axis=1)
            windows.append(
                DecisionWindow(
                    category="*",
                    first=day(7 * week),
                    last=day(7 * week),
                    models=tuple(quality),
                    means=means,
                    stats={model: OperatingStats(cost_usd=1.0) for model in quality},
                )
            )
        count += sum(one.action == "switch" for one in heroes(*windows, policy=policy))
    return count / runs


def test_a_lead_that_must_be_sure_switches_a_third_as_often_as_the_largest_number():
    damped, argmax = (
        yearly_switches(Policy(min_dwell_days=0)),
        yearly_switches(Policy(min_dwell_days=0, switch_margin=0)),
    )
    assert argmax > 25
    assert damped < argmax / 2


@pytest.mark.parametrize("wrong", [{"k": 0}, {"significance": -0.1}, {"confidence": 1.0}, {"canary_weight": 100}])
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="Expected "):
        Policy(**wrong)


def test_a_share_of_nothing_is_refused():
    with pytest.raises(ValueError, match="Expected a quality_share"):
        TierRule(quality_share=0.0)


def ruled(**tiers):
    return Policy(tiers={**Policy().tiers, **tiers})


def described(field, **known):
    """Return a window in which more is known of some models."""
    stats = {model: replace(held, **known.get(model, {})) for model, held in field.stats.items()}
    return replace(field, stats=stats)


def test_the_best_within_the_budget_is_the_hero():
    field = described(window({"dear": 10.0, "fair": 9.0}), dear={"call_usd": 0.5}, fair={"call_usd": 0.1})
    first = heroes(field, policy=ruled(hero=TierRule(max_cost_usd=0.2)))[0]
    assert first.incumbent == "fair"
    assert "within the tier's budget, which 1 keep" in first.reason


def test_an_incumbent_whose_price_goes_up_leaves_at_once():
    levels = {"a": 10.0, "b": 9.0}
    before = described(window(levels), a={"call_usd": 0.1}, b={"call_usd": 0.1})
    after = described(window(levels, first=1, last=1), a={"call_usd": 0.3}, b={"call_usd": 0.1})
    last = heroes(before, after, policy=ruled(hero=TierRule(max_cost_usd=0.2)))[-1]
    assert (last.action, last.incumbent) == ("switch", "b")
    assert last.reason.startswith("a breaks the tier's budget: it costs 0.3 USD, 0.2 allowed; b leads")


def test_what_is_not_known_of_a_model_does_not_keep_a_budget():
    field = described(window({"a": 10.0, "b": 9.0}), b={"p95_s": 1.0})
    assert heroes(field, policy=ruled(hero=TierRule(max_latency_p95_s=2.0)))[0].incumbent == "b"


def test_a_tier_whose_budget_nobody_keeps_has_no_holder_until_one_does():
    policy, levels = ruled(hero=TierRule(resolution=(64, 64))), {"a": 10.0, "b": 9.0}
    small = {"a": {"shape": OutputShape(32, 32)}, "b": {"shape": OutputShape(32, 32)}}
    later = described(window(levels, first=1, last=1), **(small | {"b": {"shape": OutputShape(64, 128)}}))
    assert [one.incumbent for one in heroes(described(window(levels), **small), later, policy=policy)] == ["b"]


def test_an_incumbent_that_nobody_can_follow_stays_and_says_so():
    policy, levels = ruled(hero=TierRule(seconds=5.0)), {"a": 10.0, "b": 9.0}
    long = described(window(levels), a={"shape": OutputShape(32, 32, 6.0)})
    short = described(window(levels, first=1, last=1), a={"shape": OutputShape(32, 32, 4.0)})
    last = heroes(long, short, policy=policy)[-1]
    assert (last.action, last.incumbent) == ("keep", "a")
    assert last.reason == (
        "a stays: nobody else keeps the tier's budget; a breaks the tier's budget: it makes 4 s, 5 s asked for."
    )


def test_a_minimum_lets_in_by_the_estimate_and_out_by_the_interval():
    policy = ruled(hero=TierRule(min_quality=10.0))
    held = window({"a": 10.2 - HARD.mean(), "b": 10.1 - HARD.mean()})
    slightly = window({"a": 9.95 - HARD.mean(), "b": 10.1 - HARD.mean()}, first=1, last=1)
    surely = window({"a": 8.0 - HARD.mean(), "b": 10.1 - HARD.mean()}, first=2, last=2)
    found = heroes(held, slightly, surely, policy=policy)
    assert [one.incumbent for one in found] == ["a", "a", "b"]
    assert "b leads the field that is left" in found[-1].reason


def test_a_minimum_that_the_data_exclude_is_not_reached_by_an_interval():
    right = np.stack([np.arange(60) < 58, np.arange(60) < 60], axis=1) * 1.0
    shares = replace(described(window({"a": 1.0, "b": 1.0})), means=right, bounds=(0.0, 1.0))
    may_be, cannot_be = (broken(shares, "a", TierRule(min_quality=least), incumbent=True) for least in (0.99, 0.998))
    assert may_be is None
    assert cannot_be == "scores 0.967, 0.998 asked for"
    assert broken(shares, "b", TierRule(min_quality=0.998), incumbent=True) is None


def test_a_minimum_of_what_is_better_small_uses_the_mirrored_bounds():
    wrong = (np.arange(60) < 2)[:, None] * np.ones((1, 1))
    shares = replace(described(window({"a": 1.0}, higher=False)), means=wrong, bounds=(0.0, 1.0))
    assert broken(shares, "a", TierRule(min_quality=0.005), incumbent=True) is None
    assert broken(shares, "a", TierRule(min_quality=0.003), incumbent=True) is not None


def test_a_significance_is_asked_for_besides_the_margin():
    few = [replace(c, means=c.means[:5]) for c in (window({"a": 10.0}), window({"a": 10.0, "b": 10.35}, first=20))]
    few[1] = replace(few[1], last=day(20))
    loose, strict = heroes(*few)[-1], heroes(*few, policy=Policy(significance=1e-6))[-1]
    assert (loose.incumbent, strict.incumbent) == ("b", "a")
    assert ", p = " in strict.reason
    assert strict.reason.endswith("a switch needs p of at most 1e-06.")


def test_the_fastest_within_the_tolerance_can_be_a_tiers_objective():
    policy = ruled(workhorse=TierRule(objective="fastest-within-tolerance"))
    levels = {"hero": 100.0, "slow": 99.0, "fast": 98.0, "poor": 50.0}
    speeds = {name: {"seconds": s} for name, s in {"hero": 9.0, "slow": 4.0, "fast": 2.0, "poor": 0.1}.items()}
    first = workhorses(described(window(levels), **speeds), policy=policy)[0]
    assert first.reason == "fast is the fastest with at least 90% of hero's quality."


def test_a_faster_model_within_the_noise_of_its_calls_changes_nothing():
    policy = ruled(workhorse=TierRule(objective="fastest-within-tolerance"))
    before = described(window({"a": 100.0}), a={"seconds": 2.0, "seconds_error": 0.2})
    after = described(
        window({"a": 100.0, "b": 100.0}, first=20, last=20),
        a={"seconds": 2.0, "seconds_error": 0.2},
        b={"seconds": 1.9, "seconds_error": 0.2},
    )
    last = workhorses(before, after, policy=policy)[-1]
    assert (last.incumbent, last.challenger, last.margin) == ("a", "b", 0.354)


def test_a_failing_model_challenges_nobody():
    field = window({"a": 10.0, "b": 12.0}, last=20, failing={"b"})
    assert {one.incumbent for one in heroes(field)} == {"a"}
