import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.inference.intervals import mean_interval

values = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40)


def test_the_t_interval_is_scipys():
    sample = np.random.default_rng(0).normal(3, 2, size=17)
    interval = mean_interval(sample)
    expected = stats.t.interval(0.95, 16, loc=sample.mean(), scale=stats.sem(sample))
    assert (interval.low, interval.high) == pytest.approx(expected)
    assert (interval.method, interval.n, interval.confidence) == ("t", 17, 0.95)


def test_one_prompt_has_no_interval_but_a_reason():
    interval = mean_interval([0.4])
    assert (interval.estimate, interval.low, interval.high) == (0.4, None, None)
    assert interval.reason == "One prompt: its spread cannot be measured."


def test_all_right_is_not_certain_but_has_the_rule_of_three():
    interval = mean_interval(np.ones(100), bounds=(0, 1))
    assert (interval.high, interval.method) == (1.0, "rule of three")
    assert interval.low == pytest.approx(1 - 3 / 100, abs=2e-3)


def test_equal_prompts_away_from_a_bound_have_no_interval():
    assert mean_interval([0.5, 0.5, 0.5], bounds=(0, 1)).reason == (
        "All 3 prompts have the same mean: their spread cannot be measured."
    )


@given(values)
def test_an_interval_holds_its_estimate_and_grows_with_confidence(sample):
    narrow, wide = mean_interval(sample, confidence=0.8), mean_interval(sample, confidence=0.99)
    if narrow.low is not None:
        assert wide.low <= narrow.low <= narrow.estimate <= narrow.high <= wide.high


@given(values, st.floats(-100, 100), st.floats(0.1, 10))
def test_an_interval_moves_and_scales_with_the_values(sample, shift, scale):
    plain, moved = mean_interval(sample), mean_interval(np.asarray(sample) * scale + shift)
    if plain.low is not None and moved.low is not None:
        assert moved.low == pytest.approx(plain.low * scale + shift, abs=1e-6, rel=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_bounds_are_never_crossed(sample):
    interval = mean_interval(sample, bounds=(0.0, 1.0))
    assert interval.low is None or 0 <= interval.low <= interval.high <= 1


@pytest.mark.parametrize("wrong", [[], [1.0, float("nan")], [[1.0, 2.0]]])
def test_what_cannot_be_averaged_is_refused(wrong):
    with pytest.raises(ValueError, match="Expected a vector of at least one finite value"):
        mean_interval(wrong)


def test_a_confidence_outside_zero_and_one_is_refused():
    with pytest.raises(ValueError, match="Expected a confidence between 0 and 1, got 95"):
        mean_interval([1.0, 2.0], confidence=95)
