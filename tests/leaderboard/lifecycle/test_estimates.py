"""What a list of tenures answers: the exponential_estimate first, calibrated, and others beside it."""

import json
import math
import warnings

import numpy as np
import pytest
from scipy import stats

from benchmarks.half_life_coverage import World, coverage, observations
from leaderboard.lifecycle.alternative_estimators import log_rank
from leaderboard.lifecycle.estimates import estimates, exponential_estimate
from leaderboard.lifecycle.groups import grouped
from leaderboard.lifecycle.interval_observations import spells_of_observations
from leaderboard.lifecycle.weeks import by_week

WORLDS = 120


def stays(world, seed=0):
    return spells_of_observations(observations(world, np.random.default_rng(seed)))[0]


@pytest.mark.parametrize("half_life", [7.0, 30.0, 90.0])
@pytest.mark.parametrize("seen", ["exact", "weekly"])
def test_the_interval_covers_the_truth_as_often_as_it_says(half_life, seen):
    found = coverage(World(half_life, 30, 182.0, seen), worlds=WORLDS)
    low, high = stats.binom.ppf([0.001, 0.999], WORLDS, 0.95) / WORLDS
    assert low <= found.covered["exponential"] <= high


def test_weekly_dates_taken_as_they_are_miss_the_truth():
    found = coverage(World(7.0, 100, 182.0, "weekly"), worlds=60)
    assert found.covered["dates as they are"] < 0.5 < 0.85 < found.covered["exponential"]


def test_the_core_comes_first_and_others_beside_it():
    found = estimates(stays(World(30.0, 60, 182.0, "exact")))
    names = [one.method for one in found]
    assert names == [
        "exponential",
        "exponential-mle",
        "exponential-prior",
        "exponential-weeks",
        "kaplan-meier",
        "weibull",
    ]
    assert all(one.low <= one.half_life_days <= one.high for one in found)
    assert len({(one.subjects, one.events, one.withdrawn, one.censored) for one in found}) == 1


def test_with_known_ends_the_core_is_exposure_over_events():
    found = exponential_estimate(stays(World(30.0, 60, 182.0, "exact")))
    assert found.half_life_days == pytest.approx(math.log(2) * found.exposure_days / found.events, rel=1e-12)


def test_below_eight_events_the_prior_speaks_and_says_what_it_makes_of_it():
    few = [one for one in stays(World(30.0, 60, 182.0, "exact")) if one.ended_by == "overtaken"][:7]
    found = estimates(few)
    assert found[0].prior_speaks
    assert f"the prior of 30 days speaks: with it {found[2].half_life_days:.3g} days" in found[0].sentence
    assert not estimates([*few, *few[:1]])[0].prior_speaks


def test_without_any_event_the_prior_alone_answers():
    going = [one for one in stays(World(90.0, 60, 60.0, "exact")) if one.ended_by == "censored"]
    found = estimates(going)
    assert found[0].half_life_days == pytest.approx(30 + math.log(2) * found[0].exposure_days)
    assert found[0].low < found[0].half_life_days < found[0].high
    assert (found[1].half_life_days, found[1].high) == (None, None)


def test_a_withdrawn_model_was_never_overtaken():
    held = stays(World(30.0, 80, 182.0, "exact", withdrawn=30.0))
    found = exponential_estimate(held)
    assert found.withdrawn > 10
    assert found.events == sum(one.ended_by == "overtaken" for one in held)


def test_estimates_are_json_without_infinities():
    going = stays(World(90.0, 20, 60.0, "exact"))[:3]
    for one in estimates(going):
        answer = json.loads(json.dumps(one.to_json(), allow_nan=False))
        assert answer["interval_days"] == [one.low, one.high]


def test_weeks_hold_every_day_at_risk_and_every_event():
    held = stays(World(30.0, 60, 182.0, "weekly"))
    exposure, events = by_week(held, math.log(2) / 30)
    assert events.sum() == exponential_estimate(held).events
    assert exposure.sum() == pytest.approx(exponential_estimate(held).exposure_days, rel=0.02)


def test_models_that_leave_together_widen_the_interval_over_weeks():
    held = stays(World(30.0, 40, 182.0, "exact"))
    herd = [one for one in held for _ in range(6)]
    alone, together = estimates(held)[3], estimates(herd)[3]
    assert (together.high - together.low) == pytest.approx(alone.high - alone.low, rel=0.25)
    assert estimates(herd)[0].high - estimates(herd)[0].low < 0.6 * (together.high - together.low)


def test_groups_that_differ_are_told_apart():
    from dataclasses import replace

    short = [replace(one, scope={"category": "text"}) for one in stays(World(7.0, 60, 182.0, "exact"))]
    long = [replace(one, scope={"category": "people"}) for one in stays(World(60.0, 60, 182.0, "exact"), 1)]
    found, tests = grouped([*short, *long])
    assert [dict(one.scope) for one in found[::6]] == [{}, {"category": "text"}, {"category": "people"}]
    assert tests == [{"scope": "category", "a": "text", "b": "people", "p": pytest.approx(0, abs=1e-4)}]


def test_equal_groups_are_not():
    held = stays(World(30.0, 80, 182.0, "exact"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert log_rank(held[:40], held[40:]) > 0.01
