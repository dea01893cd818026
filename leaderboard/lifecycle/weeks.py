"""The half-life with whole calendar weeks resampled: models that leave together are not independent.

One entrant pushes exactly one model out, and a week of releases pushes out several: resampling models would take each
of those ends for a fact of its own. Exposure and events are split over the weeks in which they happened; weeks are
drawn with replacement (Efron 1979).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.inference.intervals import Array
from leaderboard.lifecycle.spell import Spell

WEEK = 7.0
FEWEST_WEEKS = 8
RESAMPLES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekWise:
    """Ends of the interval in days, None where they cannot be drawn; `weeks` with somebody at risk."""

    low: float | None
    high: float | None
    weeks: int


def week_wise(stays: Sequence[Spell], half_life_days: float, *, confidence: float, seed: int = 0) -> WeekWise:
    """Return the percentile interval over weeks around the half-life `half_life_days` of these stays.

    A bracketed end is taken where it is expected to lie at that half-life. `high` is None where more than the upper
    tail of the resamples has no event. Fewer than 8 weeks have no interval.
    """
    exposure, events = by_week(stays, math.log(2) / half_life_days)
    weeks = len(exposure)
    if weeks < FEWEST_WEEKS or not events.sum():
        return WeekWise(low=None, high=None, weeks=weeks)
    drawn = np.random.default_rng(seed).integers(0, weeks, size=(RESAMPLES, weeks))
    with np.errstate(divide="ignore"):
        found = math.log(2) * exposure[drawn].sum(axis=1) / events[drawn].sum(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail], method="higher")
    return WeekWise(low=float(low), high=float(high) if math.isfinite(high) else None, weeks=weeks)


def by_week(stays: Sequence[Spell], rate: float) -> tuple[Array, Array]:
    """Return exposure in days and events of each calendar week with somebody at risk, Monday first."""
    if not stays:
        return np.zeros(0), np.zeros(0)
    ends = [_expected_end(one, rate) for one in stays]
    first = math.floor((min(one.at_risk_from for one in stays) - 1) / WEEK)
    count = math.floor((max(ends) - 1) / WEEK) - first + 1
    edges = (first + np.arange(count + 1)) * WEEK + 1
    starts = np.array([one.at_risk_from for one in stays])
    reach = np.minimum(np.array(ends)[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1])
    exposure = np.maximum(reach, 0.0).sum(axis=0)
    gone = [end for one, end in zip(stays, ends, strict=True) if one.ended_by == "overtaken"]
    events, _ = np.histogram(gone, bins=edges)
    there = (exposure > 0) | (events > 0)
    return exposure[there], events[there].astype(np.float64)


def _expected_end(one: Spell, rate: float) -> float:
    width = one.first_out - one.last_in
    if one.ended_by != "overtaken" or width == 0:
        return (one.last_in + one.first_out) / 2
    return one.last_in + 1 / rate - width / math.expm1(min(rate * width, 700.0))
