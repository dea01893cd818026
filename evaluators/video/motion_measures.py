"""Numbers from a clip's motion: how much moves, how evenly, what flickers, what the camera does, where it cuts."""

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from data.video.clip import Pixels
from evaluators.video.flow import FlowField, FlowSeries

FASTEST_SHARE: Final = 0.05
"""The share of pixels, the fastest, whose speed is the dynamic degree (VBench's, Huang et al. 2024, 3.2)."""

SAME_LEVELS: Final = 1
"""Two frames whose pixels differ by no more than this many of 255 levels are one frame shown twice."""

CUT_DISTANCE: Final = 0.3
"""Bhattacharyya distance of two frames' colour histograms beyond which a cut is possible."""

CUT_RESIDUAL: Final = 0.03
"""Mean unexplained change, of the full range, beyond which a possible cut is one."""

CAMERA_SHARE: Final = 0.5
"""The share of the frame that has to follow one similarity transform for the camera to be said to move."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraMotion:
    """What the camera does, by a similarity fit to the flow: medians over the pairs of frames.

    `pan`: diagonals a second. `zoom`: natural logarithm of the scale, a second. `roll`: degrees a second. `share`: the
    part of the frame that follows. All three are 0 where less than half of it does.
    """

    pan: float
    zoom: float
    roll: float
    share: float


def dynamic_degree(flow: FlowSeries) -> float:
    """Return the mean speed of the fastest twentieth of the pixels, in diagonals a second, over all pairs of frames."""
    return float(np.mean([_fastest(speeds) for speeds in flow.speeds]))


def flicker(flow: FlowSeries) -> float | None:
    """Return how much the brightness jumps to and fro from frame to frame, in percent of its mean.

    Motion is taken out first, and so is a steady fade: half the change from one step to the next counts, and of
    those the median, so that a cut is no flicker. None for fewer than three frames or for black ones.
    """
    level = flow.grey[:-1].mean(axis=(1, 2))
    if len(flow.steps) < 2 or level.min() < 1:
        return None
    steps = flow.residuals.mean(axis=(1, 2)) / level
    return float(100 * np.median(np.abs(np.diff(steps))) / 2)


def jerk(flow: FlowSeries) -> float | None:
    """Return how unevenly things move: the fastest twentieth of the velocity's changes, in diagonals a second².

    Velocities are compared along the motion; the median over time, so that a cut is no jerk. None for fewer than three
    frames.
    """
    import cv2

    if len(flow.steps) < 2:
        return None
    height, width = flow.grey.shape[1:]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    changes = []
    steps = flow.steps.tolist()
    for index in range(len(steps) - 1):
        first, second = flow.fields[index], flow.fields[index + 1]
        along = cv2.remap(
            second, x + first[..., 0], y + first[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        velocity = along / steps[index + 1] - first / steps[index]
        seconds = (steps[index] + steps[index + 1]) / 2
        changes.append(_fastest(np.hypot(velocity[..., 0], velocity[..., 1]) / (flow.diagonal * seconds)))
    return float(np.median(changes))


def camera_motion(flow: FlowSeries) -> CameraMotion:
    """Return what the camera does; a frame of which less than half moves as one has a camera at rest."""
    fits = np.array([_camera(field, step, flow.diagonal) for field, step in zip(flow.fields, flow.steps, strict=True)])
    pan, zoom, roll, share = np.median(fits, axis=0)
    if share < CAMERA_SHARE:
        pan = zoom = roll = 0.0
    return CameraMotion(pan=float(pan), zoom=float(zoom), roll=float(roll), share=float(share))


def cuts(frames: Pixels, flow: FlowSeries) -> tuple[int, ...]:
    """Return the indices of the frames that begin a new shot: other colours, and a change that no motion explains.

    Brightness is taken out of both, so that flicker and fades are no cuts."""
    import cv2

    histograms = [_histogram(frame) for frame in frames]
    brighter = flow.residuals.mean(axis=(1, 2), keepdims=True)
    unexplained = np.abs(flow.residuals - brighter).mean(axis=(1, 2)) / 255
    return tuple(
        index + 1
        for index, residual in enumerate(unexplained)
        if residual > CUT_RESIDUAL
        and cv2.compareHist(histograms[index], histograms[index + 1], cv2.HISTCMP_BHATTACHARYYA) > CUT_DISTANCE
    )


def duplicate_share(frames: Pixels) -> float:
    """Return the share of frames, from the second on, that show the frame before once more.

    >>> frame = np.zeros((4, 4, 3), np.uint8)
    >>> duplicate_share(np.stack([frame, frame, frame + 9]))
    0.5
    """
    if len(frames) < 2:
        return 0.0
    pairs = itertools.pairwise(frames)
    same = [int(np.abs(after.astype(np.int16) - before).max()) <= SAME_LEVELS for before, after in pairs]
    return float(np.mean(same))


def _fastest(lengths: FlowField | npt.NDArray[np.float64]) -> float:
    flat = lengths.ravel()
    count = max(1, round(len(flat) * FASTEST_SHARE))
    return float(np.partition(flat, len(flat) - count)[-count:].mean())


def _camera(field: FlowField, seconds: float, diagonal: float) -> tuple[float, float, float, float]:
    import cv2

    height, width = field.shape[:2]
    rows, columns = np.mgrid[8 : height - 7 : 12, 8 : width - 7 : 12]
    before = np.stack([columns.ravel(), rows.ravel()], axis=1).astype(np.float32)
    after = before + field[rows.ravel(), columns.ravel()]
    middle = np.array([width / 2, height / 2], dtype=np.float32)
    cv2.setRNGSeed(0)
    matrix, inliers = cv2.estimateAffinePartial2D(before - middle, after - middle, ransacReprojThreshold=1.0)
    if matrix is None:
        return 0.0, 0.0, 0.0, 0.0
    scale, angle = (
        float(np.hypot(matrix[0, 0], matrix[1, 0])),
        float(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))),
    )
    pan = float(np.hypot(matrix[0, 2], matrix[1, 2])) / diagonal
    return pan / seconds, float(np.log(scale)) / seconds, angle / seconds, float(np.mean(inliers))


def _histogram(frame: Pixels) -> npt.NDArray[np.float32]:
    import cv2

    level = max(1.0, float(frame.mean()))
    even = np.clip(frame * (128 / level), 0, 255).astype(np.uint8)
    counts = cv2.calcHist([even], [0, 1, 2], None, [8, 8, 8], [0, 256, 0, 256, 0, 256])
    return np.asarray(cv2.normalize(counts, None, alpha=1.0, norm_type=cv2.NORM_L1), dtype=np.float32)
