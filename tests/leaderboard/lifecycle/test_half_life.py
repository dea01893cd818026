import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.lifecycle.half_life import Prior, age_at, half_life, half_life_of_tenures

tenures = st.lists(st.tuples(st.floats(0, 400), st.booleans()), max_size=40)


def simulated(seed, *, models=40, watched=60.0, truth=30.0):
    """Tenures of a known half-life, watched for a limited time: some are still going on."""
    generator = np.random.default_rng(seed)
    lifetimes, limits = generator.exponential(truth / math.log(2), models), generator.uniform(0, watched, models)
    return np.minimum(lifetimes, limits), lifetimes <= limits


def test_without_a_prior_it_is_what_lifelines_fits():
    durations, events = simulated(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifelines import ExponentialFitter

        fitted = ExponentialFitter().fit(durations, events).median_survival_time_
    assert half_life(list(durations), list(events)).days == pytest.approx(fitted, rel=1e-6)


def test_without_a_prior_the_interval_is_the_poisson_one():
    estimate = half_life([50.0] * 25, [True] * 25)
    low, high = (1250 * math.log(2) / (stats.chi2.ppf(q, f) / 2) for q, f in ((0.975, 52), (0.025, 50)))
    assert (estimate.low, estimate.high) == pytest.approx((low, high))


def test_the_worked_interval_of_twenty_five_events_comes_out():
    exposure = 29.3 * 25 / math.log(2)
    estimate = half_life([exposure / 25] * 25, [True] * 25)
    assert (round(estimate.days, 1), round(estimate.low, 1), round(estimate.high, 1)) == (29.3, 19.8, 45.3)


def test_with_a_prior_it_is_the_posterior_of_the_gamma():
    estimate, posterior = half_life([40.0] * 5, [True, True, True, False, False], prior=Prior()), None
    posterior = stats.gamma(2 + 3, scale=1 / (30 / math.log(2) + 200))
    assert estimate.days == pytest.approx(math.log(2) * posterior.expect(lambda rate: 1 / rate), rel=1e-6)
    assert (estimate.low, estimate.high) == pytest.approx(tuple(math.log(2) / posterior.ppf([0.975, 0.025])))


def test_before_anything_is_seen_the_prior_speaks_with_its_mean():
    estimate = half_life([], [], prior=Prior())
    assert estimate.days == pytest.approx(30)
    assert (estimate.prior_speaks, estimate.events, estimate.low < 30 < estimate.high) == (True, 0, True)
    assert "the prior of 30 days still counts" in estimate.sentence


@pytest.mark.parametrize(("events", "speaks"), [(7, True), (8, False)])
def test_the_prior_speaks_below_eight_events(events, speaks):
    assert half_life([10.0] * 12, [i < events for i in range(12)], prior=Prior()).prior_speaks is speaks


def test_no_event_and_no_prior_leave_only_a_lower_end():
    estimate = half_life([30.0, 60.0], [False, False])
    assert (estimate.days, estimate.high) == (None, None)
    assert estimate.low == pytest.approx(90 * math.log(2) / -math.log(0.025), rel=1e-9)


@given(tenures)
def test_a_half_life_is_inside_its_interval_whatever_was_seen(observed):
    estimate = half_life([days for days, _ in observed], [ended for _, ended in observed], prior=Prior())
    assert 0 < estimate.low < estimate.days < estimate.high


@given(tenures, st.floats(0.5, 100))
def test_a_longer_censored_tenure_never_shortens_it(observed, more):
    durations, events = [days for days, _ in observed], [ended for _, ended in observed]
    before = half_life(durations, events, prior=Prior()).days
    assert half_life([*durations, more], [*events, False], prior=Prior()).days > before


@given(st.floats(1, 500), st.floats(0.01, 0.99))
def test_age_and_probability_are_each_others_inverse(days, probability):
    assert 2 ** (-age_at(probability, days) / days) == pytest.approx(probability)


def test_thirty_days_turn_stale_after_ten_and_expire_after_thirty():
    assert age_at(0.8, 30) == pytest.approx(9.66, abs=0.01)
    assert age_at(0.5, 30) == 30


def test_the_truth_is_found_where_dropping_or_ending_the_censored_misses_it():
    days, dropped, ended, covered = [], [], [], []
    for seed in range(400):
        durations, events = simulated(seed)
        estimate = half_life(list(durations), list(events))
        days.append(estimate.days)
        covered.append(estimate.low <= 30 <= estimate.high)
        dropped.append(half_life(list(durations[events]), [True] * int(events.sum())).days)
        ended.append(half_life(list(durations), [True] * len(durations)).days)
    assert np.median(days) == pytest.approx(30, abs=2)
    assert np.mean(covered) >= 0.94
    assert max(np.median(dropped), np.median(ended)) < 20


def test_durations_that_are_not_days_are_refused():
    with pytest.raises(ValueError, match="Expected as many durations of 0 or more days as events"):
        half_life([-1.0], [True])


def test_a_prior_without_a_mean_is_refused():
    with pytest.raises(ValueError, match="Expected a shape above 1 and a mean above 0 days"):
        Prior(shape=1.0)


def test_no_tenures_leave_the_prior():
    assert half_life_of_tenures([], prior=Prior(mean_days=14)).days == pytest.approx(14)
