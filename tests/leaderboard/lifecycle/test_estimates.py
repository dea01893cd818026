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


def spells_of(world, seed=0):
    return spells_of_observations(observations(world, np.random.default_rng(seed)))[0]


@pytest.mark.parametrize("half_life", [7.0, 30.0, 90.0])
@pytest.mark.parametrize("dates", ["exact", "weekly"])
def test_the_interval_covers_the_truth_as_often_as_it_says(half_life, dates):
    share = coverage(World(half_life, 30, 182.0, dates), worlds=WORLDS)
    low, high = stats.binom.ppf([0.001, 0.999], WORLDS, 0.95) / WORLDS
    assert low <= share.covered["exponential"] <= high


def test_weekly_dates_taken_as_they_are_miss_the_truth():
    share = coverage(World(7.0, 100, 182.0, "weekly"), worlds=60)
    assert share.covered["dates as they are"] < 0.5 < 0.85 < share.covered["exponential"]


def test_the_core_comes_first_and_others_beside_it():
    results = estimates(spells_of(World(30.0, 60, 182.0, "exact")))
    names = [estimate.method for estimate in results]
    assert names == [
        "exponential",
        "exponential-mle",
        "exponential-prior",
        "exponential-weeks",
        "kaplan-meier",
        "weibull",
    ]
    assert all(estimate.low <= estimate.half_life_days <= estimate.high for estimate in results)
    assert (
        len({(estimate.subjects, estimate.events, estimate.withdrawn, estimate.censored) for estimate in results}) == 1
    )


def test_with_known_ends_the_core_is_exposure_over_events():
    estimate = exponential_estimate(spells_of(World(30.0, 60, 182.0, "exact")))
    assert estimate.half_life_days == pytest.approx(math.log(2) * estimate.exposure_days / estimate.events, rel=1e-12)


def test_below_eight_events_the_prior_speaks_and_says_what_it_makes_of_it():
    few = [spell for spell in spells_of(World(30.0, 60, 182.0, "exact")) if spell.ended_by == "overtaken"][:7]
    results = estimates(few)
    assert results[0].prior_speaks
    assert f"the prior of 30 days counts: with it {results[2].half_life_days:.3g} days" in results[0].sentence
    assert not estimates([*few, *few[:1]])[0].prior_speaks


def test_without_any_event_the_prior_alone_answers():
    censored = [spell for spell in spells_of(World(90.0, 60, 60.0, "exact")) if spell.ended_by == "censored"]
    results = estimates(censored)
    assert results[0].half_life_days == pytest.approx(30 + math.log(2) * results[0].exposure_days)
    assert results[0].low < results[0].half_life_days < results[0].high
    assert (results[1].half_life_days, results[1].high) == (None, None)


def test_a_withdrawn_model_was_never_overtaken():
    spells = spells_of(World(30.0, 80, 182.0, "exact", withdrawn=30.0))
    estimate = exponential_estimate(spells)
    assert estimate.withdrawn > 10
    assert estimate.events == sum(spell.ended_by == "overtaken" for spell in spells)


def test_estimates_are_json_without_infinities():
    censored = spells_of(World(90.0, 20, 60.0, "exact"))[:3]
    for estimate in estimates(censored):
        answer = json.loads(json.dumps(estimate.to_json(), allow_nan=False))
        assert answer["interval_days"] == [estimate.low, estimate.high]


def test_weeks_hold_every_day_at_risk_and_every_event():
    spells = spells_of(World(30.0, 60, 182.0, "weekly"))
    exposure, events = by_week(spells, math.log(2) / 30)
    assert events.sum() == exponential_estimate(spells).events
    assert exposure.sum() == pytest.approx(exponential_estimate(spells).exposure_days, rel=0.02)


def test_models_that_leave_together_widen_the_interval_over_weeks():
    spells = spells_of(World(30.0, 40, 182.0, "exact"))
    herd = [spell for spell in spells for _ in range(6)]
    alone, together = estimates(spells)[3], estimates(herd)[3]
    assert (together.high - together.low) == pytest.approx(alone.high - alone.low, rel=0.25)
    assert estimates(herd)[0].high - estimates(herd)[0].low < 0.6 * (together.high - together.low)


def test_groups_that_differ_are_told_apart():
    from dataclasses import replace

    short = [replace(spell, scope={"category": "text"}) for spell in spells_of(World(7.0, 60, 182.0, "exact"))]
    long = [replace(spell, scope={"category": "people"}) for spell in spells_of(World(60.0, 60, 182.0, "exact"), 1)]
    results, tests = grouped([*short, *long])
    assert [dict(estimate.scope) for estimate in results[::6]] == [{}, {"category": "text"}, {"category": "people"}]
    assert tests == [{"scope": "category", "a": "text", "b": "people", "p": pytest.approx(0, abs=1e-4)}]


def test_equal_groups_are_not():
    spells = spells_of(World(30.0, 80, 182.0, "exact"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert log_rank(spells[:40], spells[40:]) > 0.01
