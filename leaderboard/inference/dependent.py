"""Percentiles and shares of values that depend on those before them, as waiting times in a queue do.

`n` values that go together tell as much as fewer that do not: n divided by 1 + 2 × the sum of their autocorrelations,
which is summed as far as pairs of neighbours are positive (Geyer 1992, initial positive sequence). Ends are exact ones
(Clopper and Pearson 1934) for that many.
"""

import numpy as np
import numpy.typing as npt
from scipy import special

from leaderboard.inference.intervals import Interval
from leaderboard.inference.quantiles import FEWEST_FOR_P95, Quantile
from leaderboard.inference.vocabulary import Array


def effective_size(values: npt.ArrayLike) -> float:
    """Return how many independent values a series, shape (n,) in the order of time, tells as much as; from 1 to n.

    >>> round(effective_size([0.0, 1.0] * 50)), round(effective_size(np.repeat([0.0, 1.0] * 5, 10))) < 30
    (100, True)
    """
    series = np.asarray(values, dtype=np.float64)
    n, centred = len(series), series - series.mean()
    if n < 4 or not centred.any():
        return float(n)
    spectrum = np.abs(np.fft.rfft(centred, 2 * n)) ** 2
    correlations = np.fft.irfft(spectrum)[:n] / float(centred @ centred)
    pairs = correlations[: n - n % 2].reshape(-1, 2).sum(axis=1)
    ended = np.flatnonzero(pairs <= 0)
    positive = pairs[: ended[0]] if len(ended) else pairs
    return float(np.clip(n / max(2 * positive.sum() - 1, 1.0), 1.0, n))


def dependent_quantile(values: npt.ArrayLike, q: float, *, confidence: float = 0.95) -> Quantile:
    """Return the q-quantile of a series, shape (n,) in the order of time, with an interval that allows for dependence.

    An end that the values do not reach is None, with the reason; p95 and beyond need 20 values.

    >>> median = dependent_quantile([0.9, 1.1, 0.8, 1.2, 1.0, 1.3, 0.7], 0.5)
    >>> median.estimate, median.low, median.high
    (1.0, 0.7, 1.3)
    """
    series = np.asarray(values, dtype=np.float64)
    n, ordered = len(series), np.sort(series)
    needed = FEWEST_FOR_P95 if q >= 0.95 else 1
    if n < needed:
        reason = f"A p{100 * q:g} needs {needed} calls, got {n}."
        return Quantile(q=q, estimate=None, low=None, high=None, n=n, confidence=confidence, reason=reason)
    estimate, tail = float(np.quantile(ordered, q)), (1 - confidence) / 2
    size = effective_size(series <= estimate)
    low, high = _ends(ordered, size, q, tail)
    few = f"{n} calls, as good as {size:.0f} independent ones, are too few for both ends."
    why = None if low is not None and high is not None else few
    return Quantile(q=q, estimate=estimate, low=low, high=high, n=n, confidence=confidence, reason=why)


def dependent_share(hits: npt.ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Return the share of a series of zeros and ones, shape (n,) in the order of time; n is 1 or more.

    >>> share = dependent_share([1, 0] * 20)
    >>> share.estimate, round(share.low, 2), round(share.high, 2)
    (0.5, 0.34, 0.66)
    """
    series = np.asarray(hits, dtype=np.float64)
    share, size = float(series.mean()), effective_size(hits)
    low, high = _levels(share, size, (1 - confidence) / 2)
    return Interval(estimate=share, low=low, high=high, n=len(series), method="beta", confidence=confidence)


def _levels(share: float, size: float, tail: float) -> tuple[float, float]:
    """Return the exact interval of a share of `size` values."""
    hits = share * size
    low = float(special.betaincinv(hits, size - hits + 1, tail)) if hits > 0 else 0.0
    return low, float(special.betaincinv(hits + 1, size - hits, 1 - tail)) if hits < size else 1.0


def _ends(ordered: Array, size: float, q: float, tail: float) -> tuple[float | None, float | None]:
    n, (low, high) = len(ordered), _levels(q, size, tail)
    below, above = int(np.floor(low * n)) - 1, int(np.ceil(high * n)) - 1
    reaches_down, reaches_up = (1 - q) ** size <= tail, q**size <= tail
    return (
        float(ordered[max(below, 0)]) if reaches_down else None,
        float(ordered[min(above, n - 1)]) if reaches_up else None,
    )
