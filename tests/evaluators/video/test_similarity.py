"""The consistency curve and its half-decay against sequences whose decay is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.video.similarity import consistency_curve, half_decay


def turning(count: int, degrees: float) -> np.ndarray:
    angles = np.radians(degrees) * np.arange(count)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_vector_that_turns_steadily_has_the_cosines_of_its_angles() -> None:
    expected = np.cos(np.radians(10) * np.arange(1, 6))
    assert consistency_curve(turning(6, 10)) == pytest.approx(expected, abs=1e-6)


@given(st.floats(0.2, 30), st.floats(0.02, 1))
@settings(max_examples=50, deadline=None)
def test_an_exponential_has_the_half_decay_that_it_was_made_with(seconds: float, step: float) -> None:
    curve = 0.5 ** (step * np.arange(1, 8) / seconds)
    if curve.min() > 1e-3 and 1 - curve.min() > 1e-3:
        assert half_decay(curve, step) == pytest.approx(seconds, rel=1e-6)


def test_a_still_clip_does_not_decay() -> None:
    assert consistency_curve(turning(5, 0)).tolist() == [1, 1, 1, 1]
    assert half_decay(np.ones(4), 0.1) is None


def test_drift_shows_in_far_frames_and_a_jolt_in_near_ones() -> None:
    drift, jolt = consistency_curve(turning(8, 10)), consistency_curve(turning(2, 60)[[0, 1] * 4])
    assert drift[0] > jolt[0]
    assert drift[-1] < drift[0]
