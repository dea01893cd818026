"""The exponential with exact, censored and bracketed ends: its most likely rate and its posterior.

With exact ends the likelihood is λ^events · exp(−λ · exposure) and everything is closed: the most likely half-life is
ln 2 · exposure / events, and a Gamma prior gives a Gamma posterior. An end that only lies between two snapshots
contributes exp(−λ·low) − exp(−λ·high); then the one-dimensional posterior is integrated numerically. A spell known from
weekly snapshots, counted to the first snapshot without it, would look 3.5 days too long.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

from leaderboard.inference.vocabulary import Array
from leaderboard.lifecycle.half_life import SHORTEST_DAYS
from leaderboard.lifecycle.spell import Exposures

GRID = 4001
REACH = 14.0


@dataclass(frozen=True, slots=True)
class Rates:
    """The data of the likelihood of the rate λ (a day): exact events, days of exposure, and bracketed events by width.

    Exposure counts a bracketed event up to its last moment in.
    """

    exact: int
    exposure: float
    widths: Array
    counts: Array

    @property
    def events(self) -> int:
        """Exact and bracketed events."""
        return self.exact + int(self.counts.sum())

    def log_likelihood(self, rate: Array) -> Array:
        """Return the log likelihood at each `rate`, shape (rates,)."""
        exact = self.exact * np.log(rate) - rate * self.exposure
        return np.asarray(exact + np.log(-np.expm1(-np.outer(rate, self.widths))) @ self.counts, dtype=np.float64)

    def score(self, rate: float) -> float:
        """Return the derivative of the log likelihood, times the rate."""
        bracketed = rate * self.widths / np.expm1(np.minimum(rate * self.widths, 700.0))
        return float(self.exact - rate * self.exposure + bracketed @ self.counts)


def rates(exposures: Exposures) -> Rates:
    """Return the sufficient statistics of exposures.

    >>> data = rates(Exposures(np.array([5.0, 9.0]), np.array([7.0, 9.0]), np.array([True, False])))
    >>> data.events, data.exposure, data.widths.tolist()
    (1, 14.0, [2.0])
    """
    width = np.where(exposures.event, exposures.high - exposures.low, 0.0)
    bracketed = width > 0
    widths, counts = np.unique(width[bracketed], return_counts=True)
    return Rates(int((exposures.event & ~bracketed).sum()), math.fsum(exposures.low), widths, counts.astype(np.float64))


def most_likely(data: Rates) -> float | None:
    """Return the most likely half-life in days, None without an event or without exposure.

    With exact ends it is ln 2 · exposure / events; else the root of the score.

    >>> round(most_likely(Rates(exact=2, exposure=60.0, widths=np.zeros(0), counts=np.zeros(0))), 1)
    20.8
    """
    if not data.events or data.exposure + float(data.widths.sum()) < SHORTEST_DAYS:
        return None
    if not len(data.widths):
        return math.log(2) * data.exposure / data.exact
    shortest = math.log(2) * (data.exposure + float(data.widths @ data.counts)) / data.events
    high = 1.0 / shortest
    while data.score(high) > 0:
        high *= 2
        if high > 1e6:
            return None
    low = high
    while data.score(low) <= 0:
        low /= 2
    return math.log(2) / float(optimize.brentq(data.score, low, high, xtol=1e-16, rtol=1e-13))


def posterior_half_life(data: Rates, prior: tuple[float, float], tail: float) -> tuple[float, float, float]:
    """Return the posterior mean half-life in days and its quantiles at `tail` and 1 − `tail`.

    `prior` is the Gamma's shape and its rate in days. The mean is infinite where shape + events is at most 1.

    >>> data = Rates(exact=2, exposure=60.0, widths=np.zeros(0), counts=np.zeros(0))
    >>> [round(days, 1) for days in posterior_half_life(data, (2.0, 43.3), 0.025)]
    [23.9, 8.2, 65.7]
    """
    shape, rate = prior[0] + data.events, prior[1] + data.exposure
    if len(data.widths):
        return _integrated(data, prior, tail)
    low, high = (math.log(2) * rate / float(special.gammaincinv(shape, q)) for q in (1 - tail, tail))
    return math.log(2) * rate / (shape - 1) if shape > 1 else math.inf, low, high


def _integrated(data: Rates, prior: tuple[float, float], tail: float) -> tuple[float, float, float]:
    """Integrate over the logarithm of the rate, where the posterior is nearly normal."""
    shape = prior[0] + data.events
    centre = math.log(shape / (prior[1] + data.exposure + float(data.widths @ data.counts) / 2))
    reach = REACH / math.sqrt(shape) + 2.0
    log_rate = np.linspace(centre - reach, centre + reach, GRID)
    rate = np.exp(log_rate)
    log_density = data.log_likelihood(rate) + prior[0] * log_rate - prior[1] * rate
    density = np.exp(log_density - log_density.max())
    cumulated = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    slow, fast = np.interp([tail, 1 - tail], cumulated / cumulated[-1], log_rate)
    mean = math.log(2) * float((density / rate).sum() / density.sum())
    return mean, math.log(2) / math.exp(fast), math.log(2) / math.exp(slow)
