"""A spell at the top, as survival estimators need it: days at risk, and the two moments between which it ended.

Moments are days as floats; only their differences matter. An end is known exactly, or only to lie between two
snapshots. A spell that goes on is censored, and so is one that the provider ended by withdrawing the model: the
half-life is that of being overtaken (a cause-specific hazard).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from leaderboard.inference.vocabulary import Array
from leaderboard.lifecycle.tenure import EndedBy, Tenure

Ended = Literal["overtaken", "withdrawn", "censored"]
ENDS: Mapping[EndedBy, Ended] = {"overtaken": "overtaken", "retired": "withdrawn", "censored": "censored"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A spell at risk from `at_risk_from` on, which is later than `entered` where observation began late.

    It ended after `last_in` and not after `first_out`; the two are equal where the moment is known. For a spell that
    goes on both are the end of observation. `scope` says what it belongs to: task, category, tier. Raises ValueError
    for moments that are not in order.
    """

    subject: str
    entered: float
    at_risk_from: float
    last_in: float
    first_out: float
    ended_by: Ended
    scope: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.entered <= self.at_risk_from <= self.last_in <= self.first_out:
            raise ValueError(f"Expected a spell whose moments follow each other, got {self}.")


class Exposures(NamedTuple):
    """Spells as arrays of shape (spells,): days at risk at the last moment in and at the first out, and the events.

    `low` equals `high` where the end is known or the spell censored; a withdrawal between two snapshots is censored in
    the middle of them.
    """

    low: Array
    high: Array
    event: "np.typing.NDArray[np.bool_]"

    @property
    def events(self) -> int:
        """The number of spells that ended by being overtaken."""
        return int(self.event.sum())


def exposures(spells: Sequence[Spell]) -> Exposures:
    """Return days at risk and events of spells, as the estimators need them.

    >>> days = {"entered": 0.0, "at_risk_from": 2.0, "last_in": 7.0, "first_out": 9.0}
    >>> at_risk = exposures([Spell(subject="a", ended_by="overtaken", **days)])
    >>> at_risk.low.tolist(), at_risk.high.tolist(), at_risk.events
    ([5.0], [7.0], 1)
    """
    start = np.array([spell.at_risk_from for spell in spells], dtype=np.float64)
    low = np.array([spell.last_in for spell in spells], dtype=np.float64) - start
    high = np.array([spell.first_out for spell in spells], dtype=np.float64) - start
    event = np.array([spell.ended_by == "overtaken" for spell in spells], dtype=np.bool_)
    middle = (low + high) / 2
    return Exposures(np.where(event, low, middle), np.where(event, high, middle), event)


def spells_of_tenures(
    tenures: Sequence[Tenure], scope: Mapping[str, str] | None = None, *, exact: bool = False
) -> tuple[Spell, ...]:
    """Return the tenures that were at risk as spells.

    An end lies between the last day seen in and the first day seen out, or, where days are `exact`, on the latter.

    >>> import datetime as dt
    >>> from leaderboard.lifecycle.tenure import TenureProtocol, tenures
    >>> ranks = {dt.date(2026, 1, day): {"a": rank} | {"b": 3 - rank} for day, rank in ((1, 1), (4, 1), (8, 2))}
    >>> first, _ = spells_of_tenures(tenures(ranks, protocol=TenureProtocol(k=1, gap_days=0)))
    >>> first.subject, first.first_out - first.last_in, first.ended_by
    ('a', 4.0, 'overtaken')
    """
    return tuple(_spell(tenure, scope or {}, exact) for tenure in tenures if tenure.observed_from is not None)


def _spell(tenure: Tenure, scope: Mapping[str, str], exact: bool) -> Spell:
    start = float((tenure.observed_from or tenure.entered).toordinal())
    last_in = max(start, float(tenure.last_seen.toordinal()))
    first_out = float(tenure.left.toordinal()) if tenure.left else last_in
    return Spell(
        subject=tenure.model,
        entered=float(tenure.entered.toordinal()),
        at_risk_from=start,
        last_in=first_out if exact else last_in,
        first_out=first_out,
        ended_by=ENDS[tenure.ended_by],
        scope=scope,
    )
