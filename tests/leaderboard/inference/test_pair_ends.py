import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special, stats

from leaderboard.inference.pair_ends import difference_ends, difference_p, pair_moments, widening
from leaderboard.inference.vocabulary import UNBOUNDED

SHARE = (0.0, 1.0)
shares = arrays.arrays(np.float64, (12, 2), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0]))


def pairs_of(levels, *, prompts, pairs, seed, spread=1.5):
    """Right or wrong answers of two models, whose prompts are as hard for both, shape (prompts, pairs) each."""
    generator = np.random.default_rng(seed)
    hardness = generator.normal(0, spread, (prompts, pairs))
    return [(generator.random((prompts, pairs)) < special.expit(level + hardness)) * 1.0 for level in levels]


def expected(level, spread=1.5):
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float(special.expit(level + spread * nodes) @ weights / weights.sum())


def test_without_bounds_it_is_the_paired_t_test():
    a, b = np.random.default_rng(0).normal(size=(2, 25, 1))
    test = stats.ttest_rel(a[:, 0], b[:, 0])
    low, high = difference_ends(pair_moments(a, b), 0.025, UNBOUNDED)
    assert difference_p(pair_moments(a, b), UNBOUNDED)[0] == pytest.approx(test.pvalue)
    assert (low[0], high[0]) == pytest.approx(tuple(test.confidence_interval()))


@settings(max_examples=60)
@given(shares)
def test_an_interval_leaves_zero_out_just_where_p_is_small(values):
    pairs = pair_moments(values[:, :1], values[:, 1:])
    low, high = (float(end[0]) for end in difference_ends(pairs, 0.025, SHARE))
    p = float(difference_p(pairs, SHARE)[0])
    assert (low > 0 or high < 0) == (p < 0.05)
    assert -1 <= low <= pairs.gaps.mean[0] <= high <= 1


@settings(max_examples=30)
@given(shares)
def test_exchanging_the_models_turns_the_ends(values):
    low, high = difference_ends(pair_moments(values[:, :1], values[:, 1:]), 0.025, SHARE)
    other_low, other_high = difference_ends(pair_moments(values[:, 1:], values[:, :1]), 0.025, SHARE)
    assert (low[0], high[0]) == pytest.approx((-other_high[0], -other_low[0]))


def test_no_difference_on_any_prompt_may_still_hide_one():
    same = np.ones((60, 1))
    low, high = difference_ends(pair_moments(same, same), 0.025, SHARE)
    assert (low[0], high[0]) == pytest.approx((-(1 - 0.025 ** (1 / 60)), 1 - 0.025 ** (1 / 60)))


@pytest.mark.parametrize(
    ("levels", "prompts"), [((5.5, 4.0), 12), ((5.5, 4.0), 60), ((3.0, 1.0), 30), ((0.5, -0.5), 12)]
)
def test_a_difference_of_shares_is_covered(levels, prompts):
    pairs = pair_moments(*pairs_of(levels, prompts=prompts, pairs=3000, seed=1))
    truth = expected(levels[0]) - expected(levels[1])
    low, high = difference_ends(pairs, 0.025, SHARE)
    assert np.mean((low <= truth) & (truth <= high)) >= 0.938


def test_a_t_interval_of_shares_near_one_is_not():
    pairs = pair_moments(*pairs_of((5.5, 4.0), prompts=30, pairs=3000, seed=1))
    truth = expected(5.5) - expected(4.0)
    low, high = difference_ends(pairs, 0.025, UNBOUNDED)
    assert np.mean((low <= truth) & (truth <= high)) < 0.85


def test_shares_near_one_reach_further_than_t_and_scores_far_from_their_bounds_hardly():
    near = pair_moments(*pairs_of((4.0, 2.5), prompts=30, pairs=200, seed=2))
    far = pair_moments(*np.random.default_rng(3).normal(30, 3, size=(2, 30, 200)))
    assert widening(near, 0.025, SHARE) > 1.1
    assert 1 <= widening(far, 0.025, (-100.0, 100.0)) < 1.05
