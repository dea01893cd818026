import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.inference.intervals import mean_interval
from leaderboard.inference.rates import rate_interval


@pytest.mark.parametrize(("events", "n"), [(7, 50), (0, 100), (40, 40), (1, 1)])
def test_a_rate_has_the_exact_interval(events, n):
    expected = stats.binomtest(events, n).proportion_ci(method="exact")
    rate = rate_interval(events, n)
    assert (rate.low, rate.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_rate_is_the_mean_of_zeros_and_ones():
    rate, mean = rate_interval(3, 40), mean_interval(np.arange(40) < 3, bounds=(0.0, 1.0))
    assert (rate.low, rate.high) == pytest.approx((mean.low, mean.high))
    assert rate.method == mean.method


@given(st.integers(0, 200), st.integers(1, 200))
def test_a_rate_is_inside_its_interval_inside_zero_and_one(events, n):
    events = min(events, n)
    rate, mirrored = rate_interval(events, n), rate_interval(n - events, n)
    assert 0 <= rate.low <= rate.estimate <= rate.high <= 1
    assert mirrored.low == pytest.approx(1 - rate.high)


def test_nothing_tried_has_no_interval():
    assert rate_interval(0, 0).reason == "Nothing was tried."


def test_more_events_than_trials_are_refused():
    with pytest.raises(ValueError, match="Expected events between 0 and n, got 3 of 2"):
        rate_interval(3, 2)


def test_a_small_rate_is_covered():
    events = np.random.default_rng(0).binomial(100, 0.05, size=2000)
    rates = {int(k): rate_interval(int(k), 100) for k in set(events)}
    covered = np.mean([rates[int(k)].low <= 0.05 <= rates[int(k)].high for k in events])
    assert 0.95 < covered < 0.99
