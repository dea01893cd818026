import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.inference.intervals import column_intervals, mean_interval
from leaderboard.inference.mean_ends import lower_end, moments, upper_end
from leaderboard.inference.vocabulary import UNBOUNDED

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


@pytest.mark.parametrize(("right", "n"), [(58, 60), (97, 100), (39, 40), (60, 60), (0, 40), (1, 10), (1600, 1632)])
def test_prompts_that_are_right_or_wrong_have_the_exact_interval(right, n):
    interval = mean_interval(np.arange(n) < right, bounds=(0.0, 1.0))
    exact = stats.binomtest(right, n).proportion_ci(method="exact")
    assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert interval.method == "beta"


@pytest.mark.parametrize("shortfall", [0.125, 0.001, 1e-6])
def test_an_interval_never_ends_at_a_bound_that_a_prompt_excludes(shortfall):
    sample = np.ones(20)
    sample[3] -= shortfall
    interval = mean_interval(sample, bounds=(0.0, 1.0))
    assert interval.low < interval.estimate < interval.high < 1


def test_all_right_ends_at_the_bound_and_none_right_begins_there():
    assert mean_interval(np.ones(60), bounds=(0.0, 1.0)).high == 1.0
    assert str(mean_interval(np.zeros(40), bounds=(0.0, 1.0)).low) == "0.0"


def test_equal_prompts_between_two_bounds_have_the_exact_interval_of_what_was_not_seen():
    interval = mean_interval([0.5] * 10, bounds=(0.0, 1.0))
    unseen = 1 - 0.025**0.1
    assert (interval.low, interval.high) == pytest.approx((0.5 - 0.5 * unseen, 0.5 + 0.5 * unseen))


def test_equal_prompts_without_a_bound_have_no_interval():
    reason = "All 3 prompts have the same mean: their spread cannot be measured."
    assert {mean_interval([0.5] * 3, bounds=bounds).reason for bounds in ((0, None), (None, 1), (None, None))} == {
        reason
    }


def test_bounds_that_are_far_away_leave_students_t():
    sample = np.random.default_rng(1).normal(30, 3, size=40)
    far, plain = mean_interval(sample, bounds=(-100.0, 100.0)), mean_interval(sample)
    assert (far.low, far.high) == pytest.approx((plain.low, plain.high), abs=0.03)


def test_an_amount_is_the_mirror_image_of_a_debt():
    sample = np.random.default_rng(2).lognormal(size=12)
    amount, debt = mean_interval(sample, bounds=(0.0, None)), mean_interval(-sample, bounds=(None, 0.0))
    assert (amount.low, amount.high) == pytest.approx((-debt.high, -debt.low))
    assert amount.low > 0


def test_columns_have_the_intervals_that_each_has_alone():
    columns = np.random.default_rng(3).random((30, 4))
    columns[:7, 2] = np.nan
    alone = [mean_interval(column[~np.isnan(column)], bounds=(0.0, 1.0)) for column in columns.T]
    together = column_intervals(columns, bounds=(0.0, 1.0))
    assert [each.high for each in together] == pytest.approx([each.high for each in alone])
    assert [each.n for each in together] == [30, 30, 23, 30]


def seeds(p, correlation):
    """Fractions of 8 seeds, right with probability `p`, that within a prompt are alike by `correlation`."""
    strength = (1 - correlation) / correlation
    return lambda generator, shape: generator.binomial(8, generator.beta(p * strength, (1 - p) * strength, shape)) / 8


KINDS = {
    "right or wrong, p = 0.97": (lambda g, shape: g.random(shape) < 0.97, 0.97, (0.0, 1.0), 100),
    "8 seeds, p = 0.985": (seeds(0.985, 0.7), 0.985, (0.0, 1.0), 120),
    "8 seeds, p = 0.9": (seeds(0.9, 0.3), 0.9, (0.0, 1.0), 10),
    "beta(8, 1)": (lambda g, shape: g.beta(8, 1, shape), 8 / 9, (0.0, 1.0), 10),
    "log-normal, σ = 1": (lambda g, shape: g.lognormal(0, 1, shape), np.exp(0.5), (0.0, None), 10),
    "log-normal, σ = 0.5": (lambda g, shape: g.lognormal(0, 0.5, shape), np.exp(0.125), (0.0, None), 10),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_interval_covers_what_it_says_where_a_t_interval_does_not(kind):
    draw, mean, bounds, n = KINDS[kind]
    sample = moments(draw(np.random.default_rng(4), (n, 4000)) * 1.0)
    covered, plain = (
        np.mean((lower_end(sample, 0.025, ends) <= mean) & (mean <= upper_end(sample, 0.025, ends)))
        for ends in (bounds, UNBOUNDED)
    )
    assert covered >= 0.938
    assert plain < 0.93


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
