"""Intervals of a mean over prompts: Student's t, and the bootstrap-t where the prompts are skewed."""

import functools
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

Bounds: TypeAlias = tuple[float | None, float | None]
Array: TypeAlias = npt.NDArray[np.float64]

UNBOUNDED: Bounds = (None, None)
FEWEST_FOR_BOOTSTRAP = 5
SMALLEST_ERROR = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its interval; `low` and `high` are None together or apart, and then `reason` says why."""

    estimate: float
    low: float | None
    high: float | None
    n: int
    method: str
    confidence: float
    reason: str | None = None


def mean_interval(values: npt.ArrayLike, *, confidence: float = 0.95, bounds: Bounds = UNBOUNDED) -> Interval:
    """Return the mean of prompt means, shape (n,), with Student's t interval, cut at the metric's `bounds`.

    One prompt has no interval. Where every prompt lies on the same bound (all right, all wrong) the spread is not
    zero but unseen, and the far end comes from the rule of three. Raises ValueError on empty or non-finite values.
    """
    sample = checked(values, confidence)
    n, mean = len(sample), float(sample.mean())
    if n == 1:
        return without_interval(mean, n=1, confidence=confidence, reason="One prompt: its spread cannot be measured.")
    if np.ptp(sample) == 0:
        return _without_spread(float(sample[0]), n, confidence=confidence, bounds=bounds)
    margin = t_quantile(n - 1, confidence) * standard_error(sample)
    low, high = within(mean - margin, mean + margin, bounds)
    return Interval(estimate=mean, low=low, high=high, n=n, method="t", confidence=confidence)


def bootstrap_t_interval(
    values: npt.ArrayLike, *, confidence: float = 0.95, bounds: Bounds = UNBOUNDED, resamples: int = 2000, seed: int = 0
) -> Interval:
    """Return the mean of prompt means, shape (n,), with the bootstrap-t interval, for skewed prompts (Efron 1981).

    The percentile bootstrap is not offered: at n = 10 it covers 85 to 90 % where this covers 94 to 95 %. A resample's
    standard error is taken as no less than a quarter of the sample's: resamples that miss the few prompts which differ
    have none. Fewer than 5 prompts, or prompts that are all equal, get what `mean_interval` gives.
    """
    sample = checked(values, confidence)
    n, mean = len(sample), float(sample.mean())
    if n < FEWEST_FOR_BOOTSTRAP or np.ptp(sample) == 0:
        return mean_interval(sample, confidence=confidence, bounds=bounds)
    drawn, error = sample[np.random.default_rng(seed).integers(0, n, size=(resamples, n))], standard_error(sample)
    spread = np.maximum(drawn.std(axis=1, ddof=1) / np.sqrt(n), SMALLEST_ERROR * error)
    studentised = (drawn.mean(axis=1) - mean) / spread
    tail = (1 - confidence) / 2
    low_t, high_t = np.quantile(studentised, [tail, 1 - tail])
    low, high = within(mean - float(high_t) * error, mean - float(low_t) * error, bounds)
    return Interval(estimate=mean, low=low, high=high, n=n, method="bootstrap-t", confidence=confidence)


def without_interval(estimate: float, *, n: int, confidence: float, reason: str) -> Interval:
    """Return an estimate that has no interval, with the reason."""
    return Interval(estimate=estimate, low=None, high=None, n=n, method="none", confidence=confidence, reason=reason)


def unseen_share(n: int, confidence: float) -> float:
    """Return the largest share of prompts that could differ although none of `n` did: 1 − (1 − confidence)^(1/n).

    At 95 % this is the rule of three, 3/n, in its exact form (Hanley and Lippman-Hand 1983).
    """
    return float(1 - (1 - confidence) ** (1 / n))


def standard_error(values: Array) -> float:
    """Return the standard error of the mean of `values`, shape (n,), n ≥ 2."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))


@functools.lru_cache(maxsize=4096)
def t_quantile(freedom: int, confidence: float) -> float:
    """Return the two-sided quantile of Student's t."""
    return float(special.stdtrit(freedom, (1 + confidence) / 2))


def checked(values: npt.ArrayLike, confidence: float) -> Array:
    """Return `values` as a vector, or raise ValueError where there is nothing to conclude from."""
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not len(sample) or not np.isfinite(sample).all():
        raise ValueError(f"Expected a vector of at least one finite value, got the shape {sample.shape}.")
    if not 0 < confidence < 1:
        raise ValueError(f"Expected a confidence between 0 and 1, got {confidence}.")
    return sample


def within(low: float, high: float, bounds: Bounds) -> tuple[float, float]:
    """Return the interval cut at the metric's bounds."""
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
