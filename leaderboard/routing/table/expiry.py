"""When a route turns stale and when it expires, drawn from the measured half-life of places at the top.

A place is stale once the probability that its holder is still in the top k has fallen to 0.8, expired at 0.5. The
exponential has no memory: how long the incumbent has held its place says nothing about how much longer it will, so the
clock starts when the evidence was last fresh. On the live calendar that is the end of the last day of evidence (a table
made late is born old). A replayed calendar's days are not on the real clock: its samples are as fresh as the table, and
the clock starts when the table is made.
"""

import datetime as dt
from dataclasses import dataclass

from data.errors import RoutingError
from data.vocabulary import Calendar
from leaderboard.lifecycle.half_life import EXPIRED_AT, STALE_AT, HalfLife, age_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """Soft and hard end of a tier."""

    stale_after: dt.datetime
    expires_at: dt.datetime


def expiry(measured: HalfLife, *, calendar: Calendar, last_day: dt.date, generated_at: dt.datetime) -> Expiry:
    """Return when a tier decided on evidence up to `last_day` turns stale and expires.

    Raises RoutingError where it would be expired at birth: the evidence is older than its half-life.
    """
    if measured.days is None:
        raise RoutingError("Expected a half-life to draw an expiry from, got none. Give the policy a prior.")
    fresh = generated_at
    if calendar == "live":
        fresh = min(generated_at, dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC))
    ends = [fresh + dt.timedelta(days=age_at(p, measured.days)) for p in (STALE_AT, EXPIRED_AT)]
    if ends[1] <= generated_at:
        raise RoutingError(
            f"Expected evidence younger than the half-life of {measured.days:.0f} days, got a last run on {last_day}. "
            "Run the suite again, then build the table."
        )
    return Expiry(stale_after=ends[0], expires_at=ends[1])
