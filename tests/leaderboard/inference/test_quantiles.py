import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.inference.quantiles import quantile

samples = st.lists(st.floats(0, 1e3), min_size=1, max_size=150)


@given(samples, st.sampled_from([0.25, 0.5, 0.9, 0.95]))
def test_a_quantile_is_numpys_and_its_ends_are_values_seen(sample, q):
    percentile = quantile(sample, q)
    if percentile.estimate is not None:
        assert percentile.estimate == pytest.approx(float(np.quantile(sample, q)))
    for end in (percentile.low, percentile.high):
        assert end is None or end in sample
    if percentile.low is not None and percentile.high is not None:
        assert percentile.low <= percentile.estimate <= percentile.high


def test_the_median_of_ten_lies_between_the_second_and_the_ninth():
    percentile = quantile(range(1, 11), 0.5)
    assert (percentile.low, percentile.high, percentile.reason) == (2, 9, None)


@pytest.mark.parametrize(("q", "n"), [(0.5, 25), (0.95, 120)])
def test_the_interval_covers_whatever_the_shape(q, n):
    draws = np.random.default_rng(0).lognormal(0, 1, size=(800, n))
    truth = np.quantile(np.random.default_rng(1).lognormal(0, 1, size=2_000_000), q)
    percentiles = [quantile(row, q) for row in draws]
    covered = np.mean([interval.low <= truth <= interval.high for interval in percentiles])
    assert covered >= 0.935


def test_a_p95_of_nineteen_calls_is_none_with_a_reason():
    percentile = quantile(np.arange(19), 0.95)
    assert (percentile.estimate, percentile.reason) == (None, "A p95 needs 20 calls, got 19.")


def test_a_p95_of_twenty_calls_has_no_upper_end():
    percentile = quantile(np.arange(20.0), 0.95)
    assert percentile.estimate == pytest.approx(18.05)
    assert (percentile.high, percentile.reason) == (None, "20 calls are too few for an upper end.")


def test_one_call_has_a_median_without_interval():
    percentile = quantile([3.0], 0.5)
    assert (percentile.estimate, percentile.low, percentile.high) == (3.0, None, None)
    assert percentile.reason == "1 calls are too few for an interval."


def test_no_calls_have_no_median():
    assert quantile([], 0.5).reason == "A p50 needs 1 calls, got 0."


def test_a_quantile_outside_zero_and_one_is_refused():
    with pytest.raises(ValueError, match="Expected a quantile between 0 and 1, got 95"):
        quantile([1.0], 95)
