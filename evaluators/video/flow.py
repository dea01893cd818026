"""Optical flow between neighbouring frames: how each pixel moved, by OpenCV's DIS (Kroeger et al. 2016)."""

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from data.video.clip import Pixels

FlowField = npt.NDArray[np.float32]

LONGER_SIDE: Final = 256
"""Pixels of the longer side at which motion is measured: larger frames are made smaller, tiny ones larger."""


@dataclass(frozen=True)
class FlowSeries:
    """The motion of a clip of n frames. `grey`: float32 luminance of shape (n, height, width), 0 to 255.

    `steps`: seconds from each frame to the next, shape (n − 1,), all positive.
    """

    grey: FlowField = field(repr=False)
    steps: npt.NDArray[np.float64]

    @property
    def diagonal(self) -> float:
        """Pixels from corner to corner, of which speeds are fractions."""
        return float(np.hypot(*self.grey.shape[1:]))

    @cached_property
    def fields(self) -> FlowField:
        """How pixels move from each frame to the next, (n − 1, height, width, 2) in pixels, x then y."""
        import cv2

        dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        dis.setFinestScale(1)
        eight_bit = np.rint(self.grey).astype(np.uint8)
        fields = np.empty((len(self.steps), *self.grey.shape[1:], 2), dtype=np.float32)
        for index, (before, after) in enumerate(itertools.pairwise(eight_bit)):
            fields[index] = dis.calc(before, after, None)
        return fields

    @cached_property
    def speeds(self) -> FlowField:
        """Length of the motion in diagonals a second, (n − 1, height, width)."""
        lengths = np.hypot(self.fields[..., 0], self.fields[..., 1])
        lengths /= (self.diagonal * self.steps).astype(np.float32)[:, None, None]
        return lengths

    @cached_property
    def residuals(self) -> FlowField:
        """What motion does not explain: each next frame moved back, minus the frame, (n − 1, height, width)."""
        import cv2

        height, width = self.grey.shape[1:]
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        residuals = np.empty(self.grey[1:].shape, dtype=np.float32)
        for index, moves in enumerate(self.fields):
            place = x + moves[..., 0], y + moves[..., 1]
            moved = cv2.remap(self.grey[index + 1], *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            np.subtract(moved, self.grey[index], out=residuals[index])
        return residuals


def flow_series(frames: Pixels, times: npt.ArrayLike) -> FlowSeries:
    """Return the motion of frames (n, height, width, 3) that are shown at `times` (seconds), n ≥ 2.

    Raises ValueError for fewer frames, or where a frame is not shown after the one before.
    """
    import cv2

    steps = np.diff(np.asarray(times, dtype=np.float64))
    if len(frames) < 2 or not (steps > 0).all():
        raise ValueError(f"Expected at least two frames, each shown after the one before, got {len(frames)}.")
    height, width = frames.shape[1:3]
    scale = LONGER_SIDE / max(height, width)
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    grey = [cv2.resize(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), size, interpolation=method) for frame in frames]
    return FlowSeries(np.stack(grey).astype(np.float32), steps)
