"""How long a lead lasts: days in which one model is first, and better than the second with certainty."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from leaderboard.lifecycle.tenure import Tenure, TenureProtocol, tenures

CERTAIN_Z = 1.645
"""The standard errors of the paired difference from which a lead is open: one-sided 5 %, as for a switch of route."""


class DailyLead(NamedTuple):
    """Who was first on a day, by how many standard errors, and all models of the field."""

    day: dt.date
    leader: str
    z: float
    field: tuple[str, ...]


def gap_tenures(
    leads: Iterable[DailyLead],
    *,
    gap_days: int = 7,
    retired: Mapping[str, dt.date] | None = None,
    certain_z: float = CERTAIN_Z,
) -> tuple[Tenure, ...]:
    """Return the intervals in which a lead was open, as tenures in a top of one.

    A lead is open at `certain_z` standard errors or more. It ends when it is no longer certain, whoever is second, and
    when another model takes it over; open again within `gap_days` counts as never closed. A leader that is retired ends
    it without the gap having closed.

    >>> leads = [DailyLead(dt.date(2026, 1, day), "a", z, ("a", "b")) for day, z in ((1, 2.5), (2, 2.0), (3, 0.4))]
    >>> (lead,) = gap_tenures(leads, gap_days=0)
    >>> lead.model, lead.left.isoformat(), lead.ended_by
    ('a', '2026-01-03', 'overtaken')
    """
    ranks: dict[dt.date, dict[str, int]] = {}
    for lead in leads:
        others = {model: 2 for model in lead.field if model != lead.leader}
        ranks[lead.day] = {lead.leader: 1 if lead.z >= certain_z else 2} | others
    return tenures(ranks, protocol=TenureProtocol(k=1, gap_days=gap_days), retired=retired)
