"""Measures of motion against clips whose motion is known: each sees what it names, and little else."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from evaluators.video import motion_measures as measures
from evaluators.video.flow import FlowSeries, flow_series

N, RATE, WIDTH, HEIGHT = 12, 8, 160, 120
TIMES = np.arange(N) / RATE
DIAGONAL = float(np.hypot(WIDTH, HEIGHT))
Series = Callable[[np.ndarray], FlowSeries]


def scenery() -> np.ndarray:
    drawn = np.random.default_rng(3).uniform(0, 255, (400, 600, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(drawn, (0, 0), 4)
    return (smooth - smooth.min()) / np.ptp(smooth) * 180 + 40


SCENERY = scenery()


def view(x: float = 0, *, scale: float = 1.0, degrees: float = 0.0) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((300, 200), degrees, scale)
    matrix[:, 2] += (WIDTH / 2 - 300 - x, HEIGHT / 2 - 200)
    return cv2.warpAffine(SCENERY, matrix, (WIDTH, HEIGHT))


def clip(frames: list[np.ndarray]) -> np.ndarray:
    return np.clip(np.rint(np.stack(frames)), 0, 255).astype(np.uint8)


STILL = clip([view()] * N)
PAN = clip([view(2 * i) for i in range(N)])
PAN_SPEED = 2 * RATE / DIAGONAL


def lit(strength: float) -> np.ndarray:
    return clip([frame * (1 + strength * (-1) ** i) for i, frame in enumerate(PAN.astype(float))])


def test_a_pan_has_the_speed_that_it_was_made_with() -> None:
    flow = flow_series(PAN, TIMES)
    assert measures.dynamic_degree(flow) == pytest.approx(PAN_SPEED, rel=0.05)
    assert measures.camera_motion(flow).pan == pytest.approx(PAN_SPEED, rel=0.03)
    assert measures.dynamic_degree(flow_series(STILL, TIMES)) == 0.0


def test_twice_the_rate_is_twice_the_speed() -> None:
    slow, fast = flow_series(PAN, TIMES), flow_series(PAN, TIMES / 2)
    assert measures.dynamic_degree(fast) == pytest.approx(2 * measures.dynamic_degree(slow), rel=1e-6)


def test_zoom_and_roll_are_told_apart() -> None:
    zoom = measures.camera_motion(flow_series(clip([view(scale=1.03**i) for i in range(N)]), TIMES))
    roll = measures.camera_motion(flow_series(clip([view(degrees=-1.5 * i) for i in range(N)]), TIMES))
    assert (zoom.zoom, zoom.roll) == (pytest.approx(RATE * np.log(1.03), rel=0.1), pytest.approx(0, abs=1))
    assert (roll.roll, roll.zoom) == (pytest.approx(1.5 * RATE, rel=0.1), pytest.approx(0, abs=0.02))


def test_a_small_thing_that_moves_is_not_the_camera() -> None:
    frames = [view() for _ in range(N)]
    for i, frame in enumerate(frames):
        cv2.rectangle(frame, (10 + 6 * i, 50), (30 + 6 * i, 70), (255, 40, 40), -1)
    flow = flow_series(clip(frames), TIMES)
    assert measures.camera_motion(flow).pan == pytest.approx(0, abs=0.005)
    assert measures.dynamic_degree(flow) > 0.05


@pytest.mark.parametrize("strength", [0.02, 0.06, 0.12])
def test_flicker_of_a_known_strength_is_read_through_motion(strength: float) -> None:
    flow = flow_series(lit(strength), TIMES)
    assert measures.flicker(flow) == pytest.approx(200 * strength, rel=0.05)
    assert measures.cuts(lit(strength), flow) == ()


def test_neither_a_pan_nor_a_fade_flickers() -> None:
    fade = clip([frame * (1 - 0.05 * i) for i, frame in enumerate(PAN.astype(float))])
    assert measures.flicker(flow_series(PAN, TIMES)) < 0.05
    assert measures.flicker(flow_series(fade, TIMES)) < 0.5


def test_uneven_motion_jerks_and_even_motion_does_not() -> None:
    jitter = clip([view(2 * i + 2 * (-1) ** i) for i in range(N)])
    even, uneven = measures.jerk(flow_series(PAN, TIMES)), measures.jerk(flow_series(jitter, TIMES))
    assert even < 0.1
    assert uneven > 10 * even


def test_a_cut_is_found_where_it_is_and_is_neither_flicker_nor_jerk() -> None:
    other = clip([255 - frame * np.array([0.2, 1.0, 0.6]) for frame in PAN[6:].astype(float)])
    frames = np.concatenate([PAN[:6], other])
    flow = flow_series(frames, TIMES)
    assert measures.cuts(frames, flow) == (6,)
    assert measures.flicker(flow) < 0.2
    assert measures.cuts(PAN, flow_series(PAN, TIMES)) == ()


def test_frames_shown_twice_are_counted() -> None:
    assert measures.duplicate_share(STILL) == 1.0
    assert measures.duplicate_share(PAN) == 0.0
    assert measures.duplicate_share(PAN[np.arange(N) // 2]) == pytest.approx(6 / 11)


def test_too_short_or_unordered_clips_are_refused_and_short_ones_have_no_flicker() -> None:
    with pytest.raises(ValueError, match="at least two frames"):
        flow_series(PAN[:1], [0.0])
    with pytest.raises(ValueError, match="each shown after the one before"):
        flow_series(PAN[:2], [0.0, 0.0])
    two = flow_series(PAN[:2], TIMES[:2])
    assert (measures.flicker(two), measures.jerk(two)) == (None, None)
    assert measures.flicker(flow_series(np.zeros_like(PAN), TIMES)) is None
