"""Intervals of a mean over prompts: Student's t, and the rule of three where all prompts agree."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

Bounds: TypeAlias = tuple[float | None, float | None]
Array: TypeAlias = npt.NDArray[np.float64]

UNBOUNDED: Bounds = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its interval; where `low` or `high` is None, `reason` says why."""

    estimate: float
    low: float | None
    high: float | None
    n: int
    method: str
    confidence: float
    reason: str | None = None


def mean_interval(values: npt.ArrayLike, *, confidence: float = 0.95, bounds: Bounds = UNBOUNDED) -> Interval:
    """Return the mean of prompt means, shape (n,), with Student's t interval, cut at the metric's `bounds`.

    One prompt has no interval. Where every prompt is at the same bound (all right, all wrong) the spread is unknown
    rather than zero, and the other end comes from the rule of three. Raises ValueError on empty or non-finite values.

    >>> interval = mean_interval([0.2, 0.4, 0.6])
    >>> round(interval.estimate, 2), round(interval.low, 2), round(interval.high, 2), interval.method
    (0.4, -0.1, 0.9, 't')
    """
    sample = checked(values, confidence)
    n, mean = len(sample), float(sample.mean())
    if n == 1:
        return without_interval(mean, n=1, confidence=confidence, reason="One prompt: its spread cannot be measured.")
    if np.ptp(sample) == 0:
        return _without_spread(float(sample[0]), n, confidence=confidence, bounds=bounds)
    margin = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * standard_error(sample)
    low, high = within(mean - margin, mean + margin, bounds)
    return Interval(estimate=mean, low=low, high=high, n=n, method="t", confidence=confidence)


def without_interval(estimate: float, *, n: int, confidence: float, reason: str) -> Interval:
    """Return an estimate that has no interval, with the reason.

    >>> without_interval(0.5, n=1, confidence=0.95, reason="One prompt.").low is None
    True
    """
    return Interval(estimate=estimate, low=None, high=None, n=n, method="none", confidence=confidence, reason=reason)


def unseen_share(n: int, confidence: float) -> float:
    """Return the largest share of prompts that could differ although none of `n` did: 1 − (1 − confidence)^(1/n).

    At 95 % this is the rule of three, 3/n, in its exact form (Hanley and Lippman-Hand 1983).

    >>> round(unseen_share(30, 0.95), 3)
    0.095
    """
    return float(1 - (1 - confidence) ** (1 / n))


def standard_error(values: Array) -> float:
    """Return the standard error of the mean of `values`, shape (n,), n ≥ 2.

    >>> standard_error(np.array([1.0, 3.0]))
    1.0
    """
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def checked(values: npt.ArrayLike, confidence: float) -> Array:
    """Return `values` as a vector. Raises ValueError where it is empty or not finite, or the confidence not in (0, 1).

    >>> checked([1, 2], 0.95).tolist()
    [1.0, 2.0]
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not len(sample) or not np.isfinite(sample).all():
        raise ValueError(f"Expected a vector of at least one finite value, got the shape {sample.shape}.")
    if not 0 < confidence < 1:
        raise ValueError(f"Expected a confidence between 0 and 1, got {confidence}.")
    return sample


def within(low: float, high: float, bounds: Bounds) -> tuple[float, float]:
    """Return the interval cut at the metric's bounds.

    >>> within(-0.1, 0.3, (0.0, 1.0))
    (0.0, 0.3)
    """
    floor, ceiling = bounds
    low = low if floor is None else min(max(low, floor), high)
    return low, high if ceiling is None else max(min(high, ceiling), low)


def _without_spread(value: float, n: int, *, confidence: float, bounds: Bounds) -> Interval:
    floor, ceiling = bounds
    if floor is None or ceiling is None or value not in bounds:
        reason = f"All {n} prompts have the same mean: their spread cannot be measured."
        return without_interval(value, n=n, confidence=confidence, reason=reason)
    reach = (ceiling - floor) * unseen_share(n, confidence)
    low, high = (value - reach, value) if value == ceiling else (value, value + reach)
    return Interval(estimate=value, low=low, high=high, n=n, method="rule of three", confidence=confidence)
