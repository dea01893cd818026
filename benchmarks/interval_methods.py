"""The intervals of a mean that the project's is compared with; each takes prompt means of shape (prompts, draws)."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy import special

from leaderboard.inference.mean_ends import lower_end, moments, upper_end
from leaderboard.inference.vocabulary import UNBOUNDED, Array, Bounds

TAIL = 0.025
RESAMPLES = 300
BOOTSTRAPPED = 400
SMALLEST_ERROR = 0.25
BISECTIONS = 50


class Ends(NamedTuple):
    """Both ends of each draw's interval, shape (draws,)."""

    low: Array
    high: Array


Method: TypeAlias = Callable[[Array, Bounds], Ends]


def ours(columns: Array, bounds: Bounds) -> Ends:
    """Return the project's interval."""
    sample = moments(columns)
    return Ends(lower_end(sample, TAIL, bounds), upper_end(sample, TAIL, bounds))


def student(columns: Array, bounds: Bounds) -> Ends:
    """Return Student's t interval, cut at the bounds."""
    return _within(ours(columns, UNBOUNDED), bounds)


def bootstrap_t(columns: Array, bounds: Bounds) -> Ends:
    """Return the bootstrap-t interval (Efron 1981) of the first draws; it takes long.

    No resample's error is taken as below a quarter of the sample's.
    """
    columns = columns[:, :BOOTSTRAPPED]
    n, mean = len(columns), columns.mean(axis=0)
    error = columns.std(axis=0, ddof=1) / np.sqrt(n)
    weights = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n
    means = weights @ columns
    errors = np.sqrt(np.maximum(weights @ columns**2 - means**2, 0) / (n - 1))
    errors = np.maximum(errors, np.where(error > 0, SMALLEST_ERROR * error, 1.0))
    low_t, high_t = np.quantile((means - mean) / errors, [TAIL, 1 - TAIL], axis=0)
    return _within(Ends(mean - high_t * error, mean - low_t * error), bounds)


def whole_prompt(columns: Array, bounds: Bounds) -> Ends:
    """Return the interval that allows for one more prompt at the bound: a beta with the moments of Gaffke (2005)."""
    floor, ceiling = bounds
    if floor is None or ceiling is None:
        return Ends(np.full(columns.shape[1], -np.inf), np.full(columns.shape[1], np.inf))
    shares = (columns - floor) / (ceiling - floor)
    low, high = 1 - _one_more(1 - shares), _one_more(shares)
    return Ends(floor + (ceiling - floor) * low, floor + (ceiling - floor) * high)


def _one_more(shares: Array) -> Array:
    n = len(shares)
    mean = (shares.sum(axis=0) + 1) / (n + 1)
    variance = ((shares**2).sum(axis=0) + 1) / (n + 1) - mean**2
    size = mean * (1 - mean) * (n + 2) / np.where(variance > 0, variance, 1.0) - 1
    return np.where(variance > 0, special.betainccinv(mean * size, np.maximum((1 - mean) * size, 1e-9), TAIL), 1.0)


def wilson(events: Array, n: int) -> Ends:
    """Return Wilson's score interval of `events` of `n` (1927)."""
    z, share = float(special.ndtri(1 - TAIL)), events / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Ends(centre - reach, centre + reach)


def mid_p(events: Array, n: int) -> Ends:
    """Return the mid-P interval of `events` of `n` (Lancaster 1961), by bisection."""
    low = _bisected(lambda p: special.bdtrc(events, n, p) + _probability(events, n, p) / 2 < TAIL, events)
    high = _bisected(lambda p: special.bdtr(events - 1, n, p) + _probability(events, n, p) / 2 > TAIL, events)
    return Ends(np.where(events > 0, low, 0.0), np.where(events < n, high, 1.0))


def _bisected(below: Callable[[Array], Array], events: Array) -> Array:
    low, high = np.zeros(len(events)), np.ones(len(events))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = np.where(below(middle), middle, low), np.where(below(middle), high, middle)
    return low


def _probability(events: Array, n: int, p: Array) -> Array:
    return np.asarray(
        np.nan_to_num(special.bdtr(events, n, p)) - np.where(events > 0, special.bdtr(events - 1, n, p), 0)
    )


def _within(ends: Ends, bounds: Bounds) -> Ends:
    floor, ceiling = bounds
    return Ends(
        ends.low if floor is None else np.maximum(ends.low, floor),
        ends.high if ceiling is None else np.minimum(ends.high, ceiling),
    )
