"""What the dates of a list of tenures mean: exact days, or snapshots between which the events happened.

A list rarely says how it was made, and it matters: with weekly snapshots a tenure of ten days is seen as seven or as
fourteen. Snapshots are recognised by dates that all lie a whole number of weeks apart. Then three readings are
possible, and the most likely one is taken: `left` is the first snapshot without the model, the last one with it, or
both dates are exact ones rounded to the week. Ends midway between the snapshots of the entries are read as midpoints.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy import optimize

from leaderboard.lifecycle.exponential import most_likely, rates
from leaderboard.lifecycle.spell import Ended, Spell, exposures

ObservationRule = Literal["exact", "first out", "last in", "middle", "rounded"]

SECONDS = 86_400
BY_CHANCE = 0.005
LONGEST_SPACING = 31.0
ODDS_AGAINST_ROUNDED = 3.0
"""Prior log odds against rounded dates: people who look once a week write down what they saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalObservation:
    """One tenure of a list, in days: `left` is None while it lasts, `observed_from` None unless truncated."""

    subject: str
    entered: float
    left: float | None
    observed_from: float | None
    observed_until: float
    ended_by: Ended
    scope: dict[str, str] = field(default_factory=dict)

    @property
    def at_risk_from(self) -> float:
        """The first moment at which its end would have been seen."""
        return self.entered if self.observed_from is None else max(self.entered, self.observed_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationDates:
    """How a list's dates are read: `spacing_days` between snapshots, 0 where the dates are exact."""

    reading: ObservationRule
    spacing_days: float
    sentence: str


def spells_of_observations(
    observations: Sequence[IntervalObservation], *, spacing_days: float | None = None
) -> tuple[tuple[Spell, ...], ObservationDates]:
    """Return the observations as spells, and how their dates were read.

    `spacing_days` is the number of days between snapshots (0: the dates are exact); None estimates it from the dates.

    >>> tenure = IntervalObservation(
    ...     subject="a", entered=0.0, left=14.0, observed_from=None, observed_until=21.0, ended_by="overtaken"
    ... )
    >>> (spell,), dates = spells_of_observations([tenure], spacing_days=7)
    >>> spell.last_in, spell.first_out, dates.reading
    (7.0, 14.0, 'first out')
    """
    ends = spacing(_moments(observations, entered=False)) if spacing_days is None else spacing_days
    middle = bool(ends) and _midway(observations, ends)
    all_dates = (
        0.0 if middle else (spacing(_moments(observations, entered=True)) if spacing_days is None else spacing_days)
    )
    days = all_dates or ends
    if not days:
        return tuple(_exact(tenure) for tenure in observations), ObservationDates(
            reading="exact", spacing_days=0.0, sentence=EXACT
        )
    rule: ObservationRule = "middle" if middle else (_likeliest(observations, days) if all_dates else "first out")
    if rule == "rounded":
        return tuple(_exact(tenure) for tenure in observations), _dates(rule, days)
    return tuple(_bracketed(observations, days, rule)), _dates(rule, days)


def spacing(moments: Sequence[float]) -> float:
    """Return the days between snapshots at these moments, 0 where the moments may be arbitrary days.

    The spacing is 2 to 31 days, and it must be improbable (0.5 %) that arbitrary days share it by chance.

    >>> spacing([0.0, 7.0, 21.0, 28.0, 49.0]), spacing([0.0, 3.0, 10.0])
    (7.0, 0.0)
    """
    moments_in_seconds = sorted({round(moment * SECONDS) for moment in moments})
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments_in_seconds)]
    if not gaps:
        return 0.0
    days = functools.reduce(math.gcd, gaps) / SECONDS
    likely_chance = days < 2 or len(gaps) * math.log(days) < -math.log(BY_CHANCE)
    return 0.0 if likely_chance or days > LONGEST_SPACING else days


EXACT = "The dates are taken as exact."


def _dates(reading: ObservationRule, days: float) -> ObservationDates:
    words = {
        "first out": "a tenure ended between the snapshot before `left` and `left`",
        "middle": "a tenure ended within half of that of `left`",
        "last in": "a tenure ended between `left` and the next snapshot",
        "rounded": "entries and ends are rounded to them, which cancels out",
    }[reading]
    return ObservationDates(reading=reading, spacing_days=days, sentence=f"Snapshots {days:g} days apart: {words}.")


def _moments(observations: Sequence[IntervalObservation], *, entered: bool) -> list[float]:
    ends = [tenure.left for tenure in observations if tenure.left is not None and tenure.ended_by == "overtaken"]
    return ends + [tenure.entered for tenure in observations if entered and tenure.observed_from is None]


def _exact(tenure: IntervalObservation) -> Spell:
    end = tenure.observed_until if tenure.left is None else tenure.left
    return Spell(
        subject=tenure.subject,
        entered=tenure.entered,
        at_risk_from=tenure.at_risk_from,
        last_in=end,
        first_out=end,
        ended_by=tenure.ended_by,
        scope=tenure.scope,
    )


def _bracketed(observations: Sequence[IntervalObservation], days: float, reading: ObservationRule) -> list[Spell]:
    phase = next((tenure.left for tenure in observations if tenure.left is not None), 0.0)
    never_missed = reading in ("last in", "middle") or any(_seen_once(tenure, days) for tenure in observations)

    def upwards(moment: float) -> float:
        return phase + days * math.ceil((moment - phase) / days - 1e-9)

    def downwards(moment: float) -> float:
        return phase + days * math.floor((moment - phase) / days + 1e-9)

    spells = []
    for tenure in observations:
        start = tenure.at_risk_from if never_missed else upwards(tenure.at_risk_from)
        last_in, first_out = _ends(tenure, days, reading, downwards(tenure.observed_until))
        if first_out < start:
            continue
        spells.append(
            Spell(
                subject=tenure.subject,
                entered=min(tenure.entered, start),
                at_risk_from=start,
                last_in=max(last_in, start),
                first_out=max(first_out, start),
                ended_by=tenure.ended_by,
                scope=tenure.scope,
            )
        )
    return spells


def _midway(observations: Sequence[IntervalObservation], days: float) -> bool:
    """Whether entries lie on snapshots of the same spacing, and ends in the middle between them, to the day."""
    entries = [tenure.entered for tenure in observations if tenure.observed_from is None]
    ends = [tenure.left for tenure in observations if tenure.left is not None and tenure.ended_by == "overtaken"]
    if not entries or not ends or spacing(entries) != days:
        return False
    return abs((ends[0] - entries[0]) % days - days / 2) <= 0.5


def _seen_once(tenure: IntervalObservation, days: float) -> bool:
    """Whether the list has a tenure that began and ended between two snapshots: then none was missed."""
    return (
        tenure.left is not None
        and tenure.ended_by == "overtaken"
        and 0 <= tenure.left - tenure.at_risk_from < days - 1e-9
    )


def _ends(tenure: IntervalObservation, days: float, reading: ObservationRule, last_look: float) -> tuple[float, float]:
    if tenure.left is None:
        look = tenure.observed_until if reading == "middle" else last_look
        return look, max(look, tenure.at_risk_from)
    on_snapshot = (
        reading == "first out"
        and abs((tenure.left - last_look) / days - round((tenure.left - last_look) / days)) < 1e-6
    )
    if reading == "last in":
        return tenure.left, tenure.left + days
    if reading == "middle":
        return tenure.left - days / 2, tenure.left + days / 2
    return (
        (tenure.left - days, tenure.left)
        if on_snapshot or tenure.ended_by == "overtaken"
        else (tenure.left, tenure.left)
    )


def _likeliest(observations: Sequence[IntervalObservation], days: float) -> ObservationRule:
    """Return the reading under which the list is most likely at its own best half-life."""
    events = [tenure for tenure in observations if tenure.left is not None and tenure.ended_by == "overtaken"]
    readings: dict[ObservationRule, float] = {"last in": _likelihood(_bracketed(observations, days, "last in"))}
    if not any(tenure.left is not None and tenure.left - tenure.at_risk_from < days - 1e-9 for tenure in events):
        readings["first out"] = _likelihood(_bracketed(observations, days, "first out"))
    readings["rounded"] = _rounded_likelihood(observations, days) - ODDS_AGAINST_ROUNDED
    return max(readings, key=lambda name: readings[name])


def _likelihood(spells: Sequence[Spell]) -> float:
    likelihood = rates(exposures(spells))
    half_life = most_likely(likelihood)
    if half_life is None:
        return -math.inf
    return float(likelihood.log_likelihood(np.array([math.log(2) / half_life]))[0])


def _rounded_likelihood(observations: Sequence[IntervalObservation], days: float) -> float:
    """Return the log likelihood where both dates are rounded: each may lie anywhere within its snapshot's period."""
    ended = [tenure for tenure in observations if tenure.left is not None and tenure.ended_by == "overtaken"]
    cells = np.array([round((tenure.left or 0.0) - tenure.at_risk_from, 9) / days for tenure in ended])
    censored = [tenure for tenure in observations if tenure.ended_by != "overtaken"]
    ongoing = math.fsum(_exact(tenure).last_in - tenure.at_risk_from for tenure in censored) / days
    never, counts = int((cells < 0.5).sum()), cells[cells >= 0.5]

    def negative(log_rate: float) -> float:
        rate = math.exp(log_rate)
        share = -math.expm1(-rate)
        unseen = max(1 - share / rate, 1e-300)
        lasting = len(counts) * (2 * math.log(share) - math.log(rate)) - rate * float((counts - 1).sum())
        return -(never * math.log(unseen) + lasting - rate * ongoing)

    return -float(optimize.minimize_scalar(negative, bounds=(-9.0, 4.0), method="bounded").fun)
