import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.inference.quantiles import quantile

samples = st.lists(st.floats(0, 1e3), min_size=1, max_size=150)


@given(samples, st.sampled_from([0.25, 0.5, 0.9, 0.95]))
def test_a_quantile_is_numpys_and_its_ends_are_values_seen(sample, q):
    found = quantile(sample, q)
    if found.estimate is not None:
        assert found.estimate == pytest.approx(float(np.quantile(sample, q)))
    for end in (found.low, found.high):
        assert end is None or end in sample
    if found.low is not None and found.high is not None:
        assert found.low <= found.estimate <= found.high


def test_the_median_of_ten_lies_between_the_second_and_the_ninth():
    found = quantile(range(1, 11), 0.5)
    assert (found.low, found.high, found.reason) == (2, 9, None)


@pytest.mark.parametrize(("q", "n"), [(0.5, 25), (0.95, 120)])
def test_the_interval_covers_whatever_the_shape(q, n):
    draws = np.random.default_rng(0).lognormal(0, 1, size=(800, n))
    truth = np.quantile(np.random.default_rng(1).lognormal(0, 1, size=2_000_000), q)
    found = [quantile(row, q) for row in draws]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert covered >= 0.935


def test_a_p95_of_nineteen_calls_is_none_with_a_reason():
    found = quantile(np.arange(19), 0.95)
    assert (found.estimate, found.reason) == (None, "A p95 needs 20 calls, got 19.")


def test_a_p95_of_twenty_calls_has_no_upper_end():
    found = quantile(np.arange(20.0), 0.95)
    assert found.estimate == pytest.approx(18.05)
    assert (found.high, found.reason) == (None, "20 calls are too few for an upper end.")


def test_one_call_has_a_median_without_interval():
    found = quantile([3.0], 0.5)
    assert (found.estimate, found.low, found.high) == (3.0, None, None)
    assert found.reason == "1 calls are too few for an interval."


def test_no_calls_have_no_median():
    assert quantile([], 0.5).reason == "A p50 needs 1 calls, got 0."


def test_a_quantile_outside_zero_and_one_is_refused():
    with pytest.raises(ValueError, match="Expected a quantile between 0 and 1, got 95"):
        quantile([1.0], 95)
