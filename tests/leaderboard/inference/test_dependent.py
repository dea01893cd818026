"""Intervals of waiting times: they cover the queue's true percentile where those for independent values do not."""

import numpy as np
import pytest
from scipy import optimize, stats

from leaderboard.inference.dependent import dependent_quantile, dependent_share, effective_size
from leaderboard.inference.quantiles import quantile

ARRIVALS, SERVICE = 0.8, 1.0


def waits(generator, n):
    """Response times of a stationary M/M/1 queue by Lindley's recursion; they are exponential with rate μ − λ."""
    gaps, service = generator.exponential(1 / ARRIVALS, n), generator.exponential(1 / SERVICE, n)
    wait, times = max(0.0, generator.exponential(1 / (SERVICE - ARRIVALS)) - gaps[0]), []
    for gap, work in zip(np.roll(gaps, -1), service, strict=True):
        times.append(wait + work)
        wait = max(0.0, wait + work - gap)
    return np.array(times)


def coverage(interval, q):
    true = stats.expon(scale=1 / (SERVICE - ARRIVALS)).ppf(q)
    generator = np.random.default_rng(3)
    results = [interval(waits(generator, 1500), q) for _ in range(120)]
    return np.mean([each.low is not None and each.low <= true <= (each.high or np.inf) for each in results])


def test_dependent_intervals_cover_and_independent_ones_do_not():
    assert coverage(quantile, 0.5) < 0.6
    assert coverage(dependent_quantile, 0.5) > 0.85


def test_independent_values_keep_nearly_their_number():
    sizes = [effective_size(np.random.default_rng(seed).random(1000)) for seed in range(20)]
    assert np.median(sizes) > 800


def test_an_autoregression_has_the_size_that_theory_says():
    generator, value, series = np.random.default_rng(5), 0.0, []
    for noise in generator.normal(size=40_000):
        value = 0.6 * value + noise
        series.append(value)
    assert effective_size(series) == pytest.approx(40_000 * (1 - 0.6) / (1 + 0.6), rel=0.15)


@pytest.mark.parametrize("events", [0, 3, 40])
def test_a_share_of_evenly_spread_values_is_the_exact_one(events):
    hits = np.isin(np.arange(40), np.linspace(0, 39, events).round())
    exact = stats.binomtest(events, 40).proportion_ci(0.95, method="exact")
    share = dependent_share(hits)
    assert (share.low, share.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_too_few_values_leave_an_end_open():
    assert dependent_quantile([1.0] * 19, 0.95).estimate is None
    p99 = dependent_quantile(np.random.default_rng(1).random(100), 0.99)
    assert (p99.high, p99.reason is not None) == (None, True)
    assert p99.low is not None


def test_the_root_of_the_exact_level_is_the_end():
    values = np.random.default_rng(2).permutation(1000) / 1000
    median, size = dependent_quantile(values, 0.5), effective_size(values <= np.quantile(values, 0.5))
    level = optimize.brentq(lambda p: stats.beta(0.5 * size, 0.5 * size + 1).cdf(p) - 0.025, 1e-6, 0.5)
    assert median.low == pytest.approx(level, abs=0.003)
