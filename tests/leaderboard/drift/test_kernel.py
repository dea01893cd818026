"""Embeddings before and after: changes that a mean score does not show."""

import numpy as np
import pytest
from scipy import stats

from leaderboard.drift.kernel import discrepancy, distances
from leaderboard.drift.sequence import likeliest_change


def embedded(generator, nights=16, prompts=6, dimensions=8, noise=0.1):
    points = generator.normal(size=(1, prompts, dimensions)) + noise * generator.normal(
        size=(nights, prompts, dimensions)
    )
    return points / np.linalg.norm(points, axis=2, keepdims=True)


def test_pictures_that_changed_are_told_from_their_past():
    generator = np.random.default_rng(0)
    before, after = embedded(generator), embedded(generator)
    assert discrepancy(np.concatenate([before[:10], after[10:]]), 10, permutations=199).p == pytest.approx(1 / 200)


def test_equal_nights_give_p_values_as_often_small_as_they_say():
    generator = np.random.default_rng(1)
    p = [discrepancy(embedded(generator, nights=8, prompts=4), 5, permutations=39).p for _ in range(120)]
    assert stats.binom.cdf(np.sum(np.array(p) <= 0.1), 120, 0.1) < 0.999


def test_a_wider_spread_with_the_same_mean_is_found():
    generator = np.random.default_rng(2)
    calm, wild = (generator.normal(scale=s, size=(20, 6, 3)) for s in (0.1, 1.0))
    assert discrepancy(np.concatenate([calm, wild]), 20, permutations=99).p == pytest.approx(0.01)


def test_distances_from_the_reference_feed_the_sequence():
    generator = np.random.default_rng(3)
    quiet = distances(embedded(generator, nights=30))
    assert np.isnan(quiet[:7]).all()
    assert likeliest_change(quiet[7:]).p > 0.05
    other = np.concatenate([embedded(generator, nights=20), embedded(generator, nights=10)])
    assert abs(likeliest_change(distances(other)[7:]).since - 13) <= 1


def test_a_change_without_a_before_is_refused():
    with pytest.raises(ValueError, match="nights before and after"):
        discrepancy(np.zeros((4, 2, 3)), 0)
