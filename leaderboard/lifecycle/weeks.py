"""The half-life with whole calendar weeks resampled: models that leave together are not independent.

One new model pushes exactly one other out, and a week of releases pushes out several: resampling models would treat
each of those ends as independent. So exposure and events are split over the weeks in which they happened, and weeks are
drawn with replacement (Efron 1979).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.inference.vocabulary import Array
from leaderboard.lifecycle.spell import Spell

WEEK = 7.0
FEWEST_WEEKS = 8
RESAMPLES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekInterval:
    """The interval in days, None for an end that is not available; `weeks` counts those with a model at risk."""

    low: float | None
    high: float | None
    weeks: int


def week_interval(spells: Sequence[Spell], half_life_days: float, *, confidence: float, seed: int = 0) -> WeekInterval:
    """Return the percentile interval over weeks for the half-life `half_life_days` that was estimated from `spells`.

    An end that lies between two snapshots is placed where it is expected at that half-life. `high` is None where too
    many resamples have no event. Fewer than 8 weeks have no interval.

    >>> day = {"entered": 0.0, "at_risk_from": 0.0, "last_in": 20.0, "first_out": 20.0}
    >>> week_interval([Spell(subject="a", ended_by="overtaken", **day)], 14.0, confidence=0.95)
    WeekInterval(low=None, high=None, weeks=4)
    """
    exposure, events = by_week(spells, math.log(2) / half_life_days)
    weeks = len(exposure)
    if weeks < FEWEST_WEEKS or not events.sum():
        return WeekInterval(low=None, high=None, weeks=weeks)
    drawn = np.random.default_rng(seed).integers(0, weeks, size=(RESAMPLES, weeks))
    with np.errstate(divide="ignore"):
        half_lives = math.log(2) * exposure[drawn].sum(axis=1) / events[drawn].sum(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(half_lives, [tail, 1 - tail], method="higher")
    return WeekInterval(low=float(low), high=float(high) if math.isfinite(high) else None, weeks=weeks)


def by_week(spells: Sequence[Spell], rate: float) -> tuple[Array, Array]:
    """Return exposure in days and events of each calendar week with a model at risk, Monday first.

    Ends that lie between two snapshots are placed where they are expected at `rate` events a day.

    >>> days = {"entered": 1.0, "at_risk_from": 1.0, "last_in": 10.0, "first_out": 10.0}
    >>> exposure, events = by_week([Spell(subject="a", ended_by="overtaken", **days)], 0.05)
    >>> exposure.tolist(), events.tolist()
    ([7.0, 2.0], [0.0, 1.0])
    """
    if not spells:
        return np.zeros(0), np.zeros(0)
    ends = [_expected_end(spell, rate) for spell in spells]
    first = math.floor((min(spell.at_risk_from for spell in spells) - 1) / WEEK)
    count = math.floor((max(ends) - 1) / WEEK) - first + 1
    edges = (first + np.arange(count + 1)) * WEEK + 1
    starts = np.array([spell.at_risk_from for spell in spells])
    overlap = np.minimum(np.array(ends)[:, None], edges[1:]) - np.maximum(starts[:, None], edges[:-1])
    exposure = np.maximum(overlap, 0.0).sum(axis=0)
    overtaken = [end for spell, end in zip(spells, ends, strict=True) if spell.ended_by == "overtaken"]
    events, _ = np.histogram(overtaken, bins=edges)
    at_risk = (exposure > 0) | (events > 0)
    return exposure[at_risk], events[at_risk].astype(np.float64)


def _expected_end(spell: Spell, rate: float) -> float:
    width = spell.first_out - spell.last_in
    if spell.ended_by != "overtaken" or width == 0:
        return (spell.last_in + spell.first_out) / 2
    return spell.last_in + 1 / rate - width / math.expm1(min(rate * width, 700.0))
