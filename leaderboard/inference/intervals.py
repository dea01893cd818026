"""The interval of a mean over prompts, that of one or those of many columns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leaderboard.inference.mean_ends import lower_end, moments, upper_end
from leaderboard.inference.vocabulary import UNBOUNDED, Array, Bounds


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
    """Return the mean of prompt means, shape (n,), with an interval that respects the metric's `bounds`.

    It ends at a bound only where every prompt is there. Where each prompt is 0 or 1 it is Clopper and Pearson's, which
    covers at least what it says. One prompt has no interval, nor have prompts that are all alike where a side has no
    bound. Raises ValueError on empty or non-finite values. Measured by `benchmarks.interval_coverage`.

    >>> interval = mean_interval([1.0] * 58 + [0.0] * 2, bounds=(0.0, 1.0))
    >>> round(interval.estimate, 3), round(interval.low, 3), round(interval.high, 3), interval.method
    (0.967, 0.885, 0.996, 'beta')
    """
    (interval,) = column_intervals(checked(values, confidence)[:, None], confidence=confidence, bounds=bounds)
    return interval


def column_intervals(columns: Array, *, confidence: float = 0.95, bounds: Bounds = UNBOUNDED) -> tuple[Interval, ...]:
    """Return the interval of each column of prompt means, shape (prompts, columns), NaN for missing.

    Every column has a value.

    >>> [interval.n for interval in column_intervals(np.array([[0.2, 0.4], [0.6, np.nan]]))]
    [2, 1]
    """
    sample, tail = moments(columns), (1 - confidence) / 2
    ends = zip(lower_end(sample, tail, bounds).tolist(), upper_end(sample, tail, bounds).tolist(), strict=True)
    facts = zip(*(field.tolist() for field in sample[:3]), ends, strict=True)
    return tuple(
        without_interval(mean, n=int(n), confidence=confidence, reason=reason)
        if (reason := no_interval(int(n), variance, bounds))
        else Interval(estimate=mean, low=low, high=high, n=int(n), method=method(bounds), confidence=confidence)
        for mean, variance, n, (low, high) in facts
    )


def method(bounds: Bounds) -> str:
    """Return the distribution that an interval is made from.

    >>> method((0.0, 1.0)), method((0.0, None)), method((None, None))
    ('beta', 'gamma', 't')
    """
    return ("beta", "gamma", "t")[bounds.count(None)]


def no_interval(n: int, variance: float, bounds: Bounds) -> str | None:
    """Return why `n` prompts with that variance have no interval, None where they have one.

    >>> no_interval(1, 0.0, (0.0, 1.0)), no_interval(2, 0.0, (0.0, 1.0))
    ('One prompt: its spread cannot be measured.', None)
    """
    if n == 1:
        return "One prompt: its spread cannot be measured."
    if variance == 0 and None in bounds:
        return f"All {n} prompts have the same mean: their spread cannot be measured."
    return None


def without_interval(estimate: float, *, n: int, confidence: float, reason: str) -> Interval:
    """Return an estimate that has no interval, with the reason.

    >>> without_interval(0.5, n=1, confidence=0.95, reason="One prompt.").low is None
    True
    """
    return Interval(estimate=estimate, low=None, high=None, n=n, method="none", confidence=confidence, reason=reason)


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
