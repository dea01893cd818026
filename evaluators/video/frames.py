"""Which frames of a clip are looked at: by time, so that clips of different rates are looked at alike."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from data.video import decode
from data.video.clip import Clip, ReadLimits

READ_LIMITS: Final = ReadLimits(side=512)
"""How a video is read for scoring: ten seconds of 24 frames a second of 512 × 288 pixels take 106 MB."""

SAMPLE_RATE: Final = 8
"""Frames a second that an encoder sees."""

MOST_SAMPLED: Final = 64
"""Frames of a clip that an encoder sees at most; from longer clips they are taken farther apart."""

POLICY: Final[dict[str, Any]] = {
    "decode": decode.VERSION,
    "side": READ_LIMITS.side,
    "rate": SAMPLE_RATE,
    "most": MOST_SAMPLED,
}
"""Part of the fingerprint of every evaluator of videos."""


def sampled(clip: Clip, most: int = MOST_SAMPLED) -> npt.NDArray[np.intp]:
    """Return the indices of the frames on the screen in the middle of each of up to `most` equal parts of the clip.

    `SAMPLE_RATE` parts a second; where fewer frames are shown than that, each of them once. At least one index.
    """
    if clip.seconds <= 0:
        return np.unique(np.linspace(0, len(clip.times) - 1, min(most, len(clip.times))).astype(np.intp))
    count = min(most, max(1, round(clip.seconds * SAMPLE_RATE)))
    return np.unique(clip.at((np.arange(count) + 0.5) * clip.seconds / count))
