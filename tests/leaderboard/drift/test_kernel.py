"""Embeddings and bytes: what a mean score does not see."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.drift.benjamini_hochberg import discoveries
from leaderboard.drift.byte_changes import byte_change
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


def test_an_endpoint_that_repeats_itself_is_held_to_its_bytes():
    nights = [["a", "b", None]] * 5
    assert byte_change(nights) == (True, None, ())
    assert byte_change([*nights, ["a", "x", "c"]]) == (True, 5, (1,))


def test_an_endpoint_that_never_repeats_itself_is_not():
    assert byte_change([["a"], ["b"], ["a"], ["c"]]) == (False, None, ())
    assert not byte_change([["a"], ["a"]]).deterministic
    assert not byte_change([]).deterministic


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.floats(0, 1), min_size=1, max_size=12))
def test_discoveries_are_those_of_scipy(p_values):
    adjusted = stats.false_discovery_control(list(p_values.values()))
    expected = {name for name, p in zip(p_values, adjusted, strict=True) if p <= 0.05}
    names = set(discoveries(p_values))
    edge = {name for name, p in zip(p_values, adjusted, strict=True) if abs(p - 0.05) < 1e-12}
    assert names - edge == expected - edge
