"""How alike a clip's frames are, over the time between them: pure functions of their unit vectors."""

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

LEAST_DECAY = 1e-4
"""A curve that never falls by more than this below 1 does not decay."""


def consistency_curve(vectors: Vectors) -> npt.NDArray[np.float64]:
    """Return the mean cosine of all frames 1, 2, … n − 1 steps apart; `vectors` are unit rows (n, d), n ≥ 2.

    >>> consistency_curve(np.float32([[1, 0], [1, 0], [0, 1]])).tolist()
    [0.5, 0.0]
    """
    cosines = np.asarray(vectors, dtype=np.float64) @ np.asarray(vectors, dtype=np.float64).T
    return np.array([np.diagonal(cosines, step).mean() for step in range(1, len(vectors))])


def half_decay(curve: npt.NDArray[np.float64], step_seconds: float) -> float | None:
    """Return the seconds after which frames are half as alike, by the exponential that fits the curve best.

    The fit is least squares of −ln(cosine) against time, through no difference at no time; it usually reaches beyond
    the clip. None for a curve that does not decay.

    >>> round(half_decay(0.5 ** (np.arange(1, 5) / 8), step_seconds=0.5), 6)
    4.0
    """
    if len(curve) == 0 or float(1 - curve.min()) < LEAST_DECAY:
        return None
    seconds = step_seconds * np.arange(1, len(curve) + 1)
    decay = -np.log(np.clip(curve, 1e-3, 1.0))
    return float(np.log(2) * (seconds @ seconds) / (seconds @ decay))
