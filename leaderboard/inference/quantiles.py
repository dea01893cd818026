"""Percentiles of single calls, with intervals from order statistics, which assume no distribution."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

FEWEST_FOR_P95 = 20
MEDIAN_ERROR = 1.2533
"""The standard error of a normal median over that of the mean: √(π/2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A percentile with its interval; where one is not available it is None and `reason` says why."""

    q: float
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    confidence: float
    method: str = "order statistics"
    reason: str | None = None


def quantile(values: npt.ArrayLike, q: float, *, confidence: float = 0.95) -> Quantile:
    """Return the q-quantile of `values`, shape (n,), with its distribution-free interval (David, Nagaraja 2003, 7.1).

    The number of values below the true quantile is binomial, so two order statistics bracket it. Quantiles from 0.95 up
    need 20 values, else None; an end that would lie beyond the smallest or largest value is None with the reason.
    Raises ValueError for a q outside (0, 1).

    >>> median = quantile([0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4], 0.5)
    >>> median.estimate, median.low, median.high
    (1.1, 0.8, 1.4)
    >>> quantile([1.0, 1.1], 0.95).reason
    'A p95 needs 20 calls, got 2.'
    """
    if not 0 < q < 1:
        raise ValueError(f"Expected a quantile between 0 and 1, got {q}.")
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    needed = FEWEST_FOR_P95 if max(q, 1 - q) >= 0.95 else 1
    if n < needed:
        reason = f"A p{100 * q:g} needs {needed} calls, got {n}."
        return Quantile(q=q, estimate=None, low=None, high=None, n=n, confidence=confidence, reason=reason)
    below, above = _ends(n, q, confidence)
    low, high = (float(ordered[below]) if below >= 0 else None), (float(ordered[above]) if above < n else None)
    estimate = float(np.quantile(ordered, q))
    return Quantile(
        q=q, estimate=estimate, low=low, high=high, n=n, confidence=confidence, reason=_open_end(n, low, high)
    )


def _ends(n: int, q: float, confidence: float) -> tuple[int, int]:
    """Return the indices of the two order statistics; −1 or n where the sample does not reach that far."""
    tail = (1 - confidence) / 2
    below = np.asarray(special.bdtr(np.arange(n + 1), n, q))
    return int(np.searchsorted(below, tail, side="right")) - 1, int(np.searchsorted(below, 1 - tail))


def _open_end(n: int, low: float | None, high: float | None) -> str | None:
    if low is not None and high is not None:
        return None
    ends = "an interval" if low is None and high is None else "a lower end" if low is None else "an upper end"
    return f"{n} calls are too few for {ends}."
