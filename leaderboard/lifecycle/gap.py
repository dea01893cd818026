"""How long a lead stays open: spells in which the first is surely better than the second, by one who holds the lead."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from leaderboard.lifecycle.tenure import Protocol, Tenure, tenures

SURELY = 1.645
"""Standard errors of the paired difference at which a lead is open: one-sided 5 %, as a switch of route needs."""


class DailyLead(NamedTuple):
    """Who was first on a day, by how many standard errors, and who else stood in the field."""

    day: dt.date
    leader: str
    z: float
    field: tuple[str, ...]


def gap_tenures(
    leads: Iterable[DailyLead],
    *,
    gap_days: int = 7,
    retired: Mapping[str, dt.date] | None = None,
    surely: float = SURELY,
) -> tuple[Tenure, ...]:
    """Return the spells in which a lead was open, as tenures in a top of one.

    A spell ends when the lead is no longer sure, whoever is second then, and when another takes it over; back within
    `gap_days` counts as never closed. A leader that is retired ends it without the gap having closed.
    """
    ranks: dict[dt.date, dict[str, int]] = {}
    for lead in leads:
        others = {model: 2 for model in lead.field if model != lead.leader}
        ranks[lead.day] = {lead.leader: 1 if lead.z >= surely else 2} | others
    return tenures(ranks, protocol=Protocol(k=1, gap_days=gap_days), retired=retired)
