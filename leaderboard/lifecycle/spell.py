"""One stay at the top as the estimators see it: days at risk, and between which two moments it ended.

Moments are days as floats; only their differences matter. An end is known exactly, or only to lie between two
snapshots; a stay that goes on is censored, one that the provider ended is censored at its withdrawal (the half-life is
that of being overtaken, cause by cause).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from leaderboard.inference.intervals import Array
from leaderboard.lifecycle.tenure import EndedBy, Tenure

Ended = Literal["overtaken", "withdrawn", "censored"]
ENDS: Mapping[EndedBy, Ended] = {"overtaken": "overtaken", "retired": "withdrawn", "censored": "censored"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stay that was at risk from `at_risk_from` on, which is later than `entered` where observation began late.

    It ended after `last_in` and not after `first_out`; the two are equal where the moment is known. Of a stay that goes
    on `last_in` and `first_out` are the end of observation. `scope` holds what it belongs to: task, category, tier.
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
            raise ValueError(f"Expected a stay whose moments follow each other, got {self}.")


class Exposures(NamedTuple):
    """Stays as arrays of shape (stays,): days at risk at the last moment in and at the first out, and the events.

    `low` equals `high` where the end is known or the stay censored; a withdrawal between two snapshots is censored in
    the middle of them.
    """

    low: Array
    high: Array
    event: "np.typing.NDArray[np.bool_]"

    @property
    def events(self) -> int:
        """How many stays ended by being overtaken."""
        return int(self.event.sum())


def exposures(stays: Sequence[Spell]) -> Exposures:
    """Return what the estimators need of stays."""
    start = np.array([one.at_risk_from for one in stays], dtype=np.float64)
    low = np.array([one.last_in for one in stays], dtype=np.float64) - start
    high = np.array([one.first_out for one in stays], dtype=np.float64) - start
    event = np.array([one.ended_by == "overtaken" for one in stays], dtype=np.bool_)
    middle = (low + high) / 2
    return Exposures(np.where(event, low, middle), np.where(event, high, middle), event)


def of_tenures(
    found: Sequence[Tenure], scope: Mapping[str, str] | None = None, *, exact: bool = False
) -> tuple[Spell, ...]:
    """Return the tenures that were at risk as stays.

    An end lies between the last day seen in and the first day seen out, or, where days are `exact`, on the latter.
    """
    return tuple(_of_tenure(one, scope or {}, exact) for one in found if one.observed_from is not None)


def _of_tenure(one: Tenure, scope: Mapping[str, str], exact: bool) -> Spell:
    start = float((one.observed_from or one.entered).toordinal())
    last = max(start, float(one.last_seen.toordinal()))
    out = float(one.left.toordinal()) if one.left else last
    return Spell(
        subject=one.model,
        entered=float(one.entered.toordinal()),
        at_risk_from=start,
        last_in=out if exact else last,
        first_out=out,
        ended_by=ENDS[one.ended_by],
        scope=scope,
    )
