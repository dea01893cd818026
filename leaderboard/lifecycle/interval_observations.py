"""What the dates of a list of tenures mean: exact days, or the snapshots at which somebody looked.

A list rarely says how it was made, and it matters: with weekly snapshots a stay of ten days is seen as seven or as
fourteen. Snapshots betray themselves by dates that all lie a whole number of weeks apart. Then three readings are
possible, and the most likely one is taken: `left` is the first snapshot without the model, the last one with it, or
both dates are exact ones rounded to the week. Ends that lie midway between the snapshots of the entries are middles.
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
"""In log odds: people who look once a week write down what they saw; exact dates rounded to weeks are rare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalObservation:
    """One tenure as a list has it, in days: `left` is None while it lasts, `observed_from` None unless truncated."""

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


def stays_of(
    seen: Sequence[IntervalObservation], *, spacing_days: float | None = None
) -> tuple[tuple[Spell, ...], ObservationDates]:
    """Return sightings as stays and how their dates were read.

    `spacing_days` says how far apart the snapshots are (0: the dates are exact); without it the dates tell.
    """
    ends = spacing(_moments(seen, entered=False)) if spacing_days is None else spacing_days
    middle = bool(ends) and _midway(seen, ends)
    both = 0.0 if middle else (spacing(_moments(seen, entered=True)) if spacing_days is None else spacing_days)
    days = both or ends
    if not days:
        return tuple(_exact(one) for one in seen), ObservationDates(reading="exact", spacing_days=0.0, sentence=EXACT)
    chosen: ObservationRule = "middle" if middle else (_likeliest(seen, days) if both else "first out")
    if chosen == "rounded":
        return tuple(_exact(one) for one in seen), _dates(chosen, days)
    return tuple(_bracketed(seen, days, chosen)), _dates(chosen, days)


def spacing(moments: Sequence[float]) -> float:
    """Return how many days apart snapshots at these moments are, 0 where they may well be days of any kind.

    Two days or more, 31 at most, and so few chances that the moments share it by accident that it is no accident.
    """
    whole = sorted({round(moment * SECONDS) for moment in moments})
    gaps = [later - earlier for earlier, later in itertools.pairwise(whole)]
    if not gaps:
        return 0.0
    found = functools.reduce(math.gcd, gaps) / SECONDS
    likely_chance = found < 2 or len(gaps) * math.log(found) < -math.log(BY_CHANCE)
    return 0.0 if likely_chance or found > LONGEST_SPACING else found


EXACT = "The dates are taken as exact."


def _dates(reading: ObservationRule, days: float) -> ObservationDates:
    words = {
        "first out": "a stay ended between the snapshot before `left` and `left`",
        "middle": "a stay ended within half of that of `left`",
        "last in": "a stay ended between `left` and the next snapshot",
        "rounded": "entries and ends are rounded to them, which cancels out",
    }[reading]
    return ObservationDates(reading=reading, spacing_days=days, sentence=f"Snapshots {days:g} days apart: {words}.")


def _moments(seen: Sequence[IntervalObservation], *, entered: bool) -> list[float]:
    ends = [one.left for one in seen if one.left is not None and one.ended_by == "overtaken"]
    return ends + [one.entered for one in seen if entered and one.observed_from is None]


def _exact(one: IntervalObservation) -> Spell:
    end = one.observed_until if one.left is None else one.left
    return Spell(
        subject=one.subject,
        entered=one.entered,
        at_risk_from=one.at_risk_from,
        last_in=end,
        first_out=end,
        ended_by=one.ended_by,
        scope=one.scope,
    )


def _bracketed(seen: Sequence[IntervalObservation], days: float, reading: ObservationRule) -> list[Spell]:
    phase = next(one.left for one in seen if one.left is not None) if any(one.left for one in seen) else 0.0
    never_missed = reading in ("last in", "middle") or any(_seen_once(one, days) for one in seen)

    def upwards(moment: float) -> float:
        return phase + days * math.ceil((moment - phase) / days - 1e-9)

    def downwards(moment: float) -> float:
        return phase + days * math.floor((moment - phase) / days + 1e-9)

    found = []
    for one in seen:
        start = one.at_risk_from if never_missed else upwards(one.at_risk_from)
        last, out = _ends(one, days, reading, downwards(one.observed_until))
        if out < start:
            continue
        found.append(
            Spell(
                subject=one.subject,
                entered=min(one.entered, start),
                at_risk_from=start,
                last_in=max(last, start),
                first_out=max(out, start),
                ended_by=one.ended_by,
                scope=one.scope,
            )
        )
    return found


def _midway(seen: Sequence[IntervalObservation], days: float) -> bool:
    """Whether entries lie on snapshots of the same spacing, and ends in the middle between them, to the day."""
    entries = [one.entered for one in seen if one.observed_from is None]
    ends = [one.left for one in seen if one.left is not None and one.ended_by == "overtaken"]
    if not entries or not ends or spacing(entries) != days:
        return False
    return abs((ends[0] - entries[0]) % days - days / 2) <= 0.5


def _seen_once(one: IntervalObservation, days: float) -> bool:
    """Whether a stay that began and ended between two snapshots is in the list: then none was missed."""
    return one.left is not None and one.ended_by == "overtaken" and 0 <= one.left - one.at_risk_from < days - 1e-9


def _ends(one: IntervalObservation, days: float, reading: ObservationRule, last_look: float) -> tuple[float, float]:
    if one.left is None:
        look = one.observed_until if reading == "middle" else last_look
        return look, max(look, one.at_risk_from)
    looked = reading == "first out" and abs((one.left - last_look) / days - round((one.left - last_look) / days)) < 1e-6
    if reading == "last in":
        return one.left, one.left + days
    if reading == "middle":
        return one.left - days / 2, one.left + days / 2
    return (one.left - days, one.left) if looked or one.ended_by == "overtaken" else (one.left, one.left)


def _likeliest(seen: Sequence[IntervalObservation], days: float) -> ObservationRule:
    """Return the reading under which the list is most likely at its own best half-life."""
    events = [one for one in seen if one.left is not None and one.ended_by == "overtaken"]
    readings: dict[ObservationRule, float] = {"last in": _likelihood(_bracketed(seen, days, "last in"))}
    if not any(one.left is not None and one.left - one.at_risk_from < days - 1e-9 for one in events):
        readings["first out"] = _likelihood(_bracketed(seen, days, "first out"))
    readings["rounded"] = _rounded_likelihood(seen, days) - ODDS_AGAINST_ROUNDED
    return max(readings, key=lambda name: readings[name])


def _likelihood(stays: Sequence[Spell]) -> float:
    held = rates(exposures(stays))
    found = most_likely(held)
    if found is None:
        return -math.inf
    return float(held.log_likelihood(np.array([math.log(2) / found]))[0])


def _rounded_likelihood(seen: Sequence[IntervalObservation], days: float) -> float:
    """Both ends fall anywhere within their cells: a stay of mean m cells is seen as n of them with these chances."""
    ended = [one for one in seen if one.left is not None and one.ended_by == "overtaken"]
    cells = np.array([round((one.left or 0.0) - one.at_risk_from, 9) / days for one in ended])
    going = math.fsum(_exact(one).last_in - one.at_risk_from for one in seen if one.ended_by != "overtaken") / days
    none, some = int((cells < 0.5).sum()), cells[cells >= 0.5]

    def negative(log_rate: float) -> float:
        rate = math.exp(log_rate)
        share = -math.expm1(-rate)
        unseen = max(1 - share / rate, 1e-300)
        lasting = len(some) * (2 * math.log(share) - math.log(rate)) - rate * float((some - 1).sum())
        return -(none * math.log(unseen) + lasting - rate * going)

    return -float(optimize.minimize_scalar(negative, bounds=(-9.0, 4.0), method="bounded").fun)
