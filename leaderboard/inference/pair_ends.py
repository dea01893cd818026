"""The ends of the interval of a paired difference of two means, and its p value, over arrays of pairs.

The interval is put together from those of the two means and their correlation (Zou and Donner 2008; for shares Newcombe
1998), so that a model without a failure still has room for one; it is never narrower than that of the differences
themselves. The p value is the smallest level whose interval leaves zero out: verdict and interval never disagree.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from leaderboard.inference.mean_ends import Moments, lower_end, moments, upper_end
from leaderboard.inference.vocabulary import Array, Bounds, difference_bounds

SMALLEST_TAIL = 1e-30
BISECTIONS = 40


class PairMoments(NamedTuple):
    """The moments of the first and the second model, and of their differences, on the prompts that both have."""

    a: Moments
    b: Moments
    gaps: Moments


def pair_moments(a: Array, b: Array) -> PairMoments:
    """Return the moments of pairs, from prompt means of shape (prompts, pairs), NaN for missing.

    Every pair has a common prompt.

    >>> pair_moments(np.array([[0.9], [0.8], [0.7]]), np.array([[0.5], [0.6], [np.nan]])).gaps.mean.round(2)
    array([0.3])
    """
    gaps = a - b
    missing = np.isnan(gaps)
    return PairMoments(moments(np.where(missing, np.nan, a)), moments(np.where(missing, np.nan, b)), moments(gaps))


def difference_ends(pairs: PairMoments, tail: npt.ArrayLike, bounds: Bounds) -> tuple[Array, Array]:
    """Return both ends of a − b; `bounds` are the metric's.

    >>> low, high = difference_ends(pair_moments(np.ones((60, 1)), np.zeros((60, 1))), 0.025, (0.0, 1.0))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.881], [1.0])
    """
    return _lower(pairs, tail, bounds), 0.0 - _lower(_swapped(pairs, np.True_), tail, bounds)


def difference_p(pairs: PairMoments, bounds: Bounds) -> Array:
    """Return the two-sided p value of no difference, at least 2e-30; without bounds it is the paired t test's.

    >>> pairs = pair_moments(np.array([[0.9], [0.8], [0.9]]), np.array([[0.5], [0.6], [0.7]]))
    >>> difference_p(pairs, (None, None)).round(3).tolist()
    [0.057]
    """
    ahead = _swapped(pairs, pairs.gaps.mean < 0)
    low, high = np.full(pairs.gaps.mean.shape, np.log10(SMALLEST_TAIL)), np.full(pairs.gaps.mean.shape, np.log10(0.5))
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        clear = _lower(ahead, 10.0**middle, bounds) > 0
        low, high = np.where(clear, low, middle), np.where(clear, middle, high)
    return np.asarray(np.minimum(2 * 10.0**high, 1.0))


def widening(pairs: PairMoments, tail: float, bounds: Bounds) -> float:
    """Return how much further than with Student's t the interval of a difference reaches, at the mean of the pairs.

    Without bounds it is 1, as it is where no pair varies.

    >>> pairs = pair_moments(np.array([[1.0], [1.0], [0.0], [1.0]]), np.array([[0.0], [1.0], [0.0], [0.0]]))
    >>> widening(pairs, 0.025, (None, None)), round(widening(pairs, 0.025, (0.0, 1.0)), 2)
    (1.0, 1.21)
    """
    varies = (pairs.gaps.variance > 0) & (pairs.gaps.n > 1)
    if None in bounds or not varies.any():
        return 1.0
    ahead = _swapped(pairs, pairs.gaps.mean < 0)
    reach = (ahead.gaps.mean - _lower(ahead, tail, bounds))[varies]
    variance, n = pairs.gaps.variance[varies], pairs.gaps.n[varies]
    return float(np.mean(reach / (-special.stdtrit(n - 1, tail) * np.sqrt(variance / n))))


def _lower(pairs: PairMoments, tail: npt.ArrayLike, bounds: Bounds) -> Array:
    own = lower_end(pairs.gaps, tail, difference_bounds(bounds))
    if None in bounds:
        return own
    below = pairs.a.mean - lower_end(pairs.a, tail, bounds)
    above = upper_end(pairs.b, tail, bounds) - pairs.b.mean
    squared = below**2 + above**2 - 2 * _correlation(pairs) * below * above
    return np.minimum(own, pairs.gaps.mean - np.sqrt(np.maximum(squared, 0.0)))


def _correlation(pairs: PairMoments) -> Array:
    """Return the correlation of the two models over prompts, 0 where one of them does not vary."""
    product = np.sqrt(pairs.a.variance * pairs.b.variance)
    covariance = (pairs.a.variance + pairs.b.variance - pairs.gaps.variance) / 2
    return np.clip(np.where(product > 0, covariance / np.where(product > 0, product, 1.0), 0.0), -1.0, 1.0)


def _swapped(pairs: PairMoments, where: npt.NDArray[np.bool_] | np.bool_) -> PairMoments:
    """Return the pairs with a and b exchanged, where that is asked for."""
    a, b, gaps = pairs
    first = Moments(*(np.where(where, there, here) for here, there in zip(a, b, strict=True)))
    second = Moments(*(np.where(where, here, there) for here, there in zip(a, b, strict=True)))
    return PairMoments(first, second, gaps._replace(mean=np.where(where, -gaps.mean, gaps.mean)))
