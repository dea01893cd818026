"""Tenures: the intervals of days in which a model was in the top k, out of the history of daily standings.

The protocol is fixed and stated with every tenure: rank ≤ k by the estimate; a model that drops out and is back within
`gap_days` counts as never gone; observation is by whole days, so an end lies between two of them.
"""

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

EndedBy = Literal["overtaken", "retired", "censored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenureProtocol:
    """What counts as being at the top: rank ≤ `k`, and back within `gap_days` days counts as never gone."""

    k: int = 3
    gap_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """An interval of days in which a model was in the top k.

    `entered` is the first day seen in, `last_seen` the last, `left` the first day seen out or None. `known_start` is
    False where the model was there when observation began (left truncation). `observed_from` is the first day at risk:
    on earlier ones the whole field fitted into the top k, and nobody could be pushed out; None where it always did.
    `observed_until` is the last day of observation. Half-life counts `ended_by` "overtaken" alone; a
    retired model is a competing risk, and censored there.
    """

    model: str
    entered: dt.date
    known_start: bool
    observed_from: dt.date | None
    last_seen: dt.date
    left: dt.date | None
    observed_until: dt.date
    ended_by: EndedBy
    protocol: TenureProtocol

    @property
    def exposure_days(self) -> float:
        """Days at risk, each unseen end taken in the middle of the two days that bracket it; 0 when never at risk."""
        if self.observed_from is None:
            return 0.0
        seen = (self.last_seen - self.observed_from).days
        start_unseen = 0.5 if self.known_start and self.observed_from == self.entered else 0.0
        end_unseen = (self.left - self.last_seen).days / 2 if self.left else 0.0
        return seen + start_unseen + end_unseen

    @property
    def age_at_risk_from(self) -> float:
        """Age in days at which the tenure came at risk (delayed entry), from the first day it was seen in."""
        return float((self.observed_from - self.entered).days) if self.observed_from else 0.0


def tenures(
    ranks: Mapping[dt.date, Mapping[str, int]],
    *,
    protocol: TenureProtocol | None = None,
    retired: Mapping[str, dt.date] | None = None,
    changed: Mapping[str, Sequence[dt.date]] | None = None,
) -> tuple[Tenure, ...]:
    """Return every tenure, by the day it began, from the ranks of each day of observation.

    `ranks` maps a day to the rank of each model of that day's field. A tenure that ends on or after the model's
    `retired` date, or because the model is no longer in the field by then, ended by retirement. From a day on which a
    model `changed` under its name it counts as another model: the tenure before ends without being overtaken.

    >>> ranks = {dt.date(2026, 1, day): {"a": rank, "b": 3 - rank} for day, rank in ((1, 1), (4, 1), (8, 2))}
    >>> first, second = tenures(ranks, protocol=TenureProtocol(k=1, gap_days=0))
    >>> first.model, first.left.isoformat(), first.ended_by, first.exposure_days
    ('a', '2026-01-08', 'overtaken', 5.0)
    >>> second.model, second.ended_by
    ('b', 'censored')
    """
    protocol, retired, days = protocol or TenureProtocol(), retired or {}, sorted(ranks)
    all_tenures: list[Tenure] = []
    for model in sorted({model for field in ranks.values() for model in field}):
        inside = [day for day in days if ranks[day].get(model, protocol.k + 1) <= protocol.k]
        for revision in _revisions(inside, (changed or {}).get(model, ())):
            intervals = _intervals(revision, days, protocol.gap_days)
            all_tenures += [_tenure(model, interval, days, ranks, (protocol, retired)) for interval in intervals]
    return tuple(sorted(all_tenures, key=lambda tenure: (tenure.entered, tenure.model)))


def from_standings(
    frame: "pd.DataFrame",
    *,
    protocol: TenureProtocol | None = None,
    retired: Mapping[str, dt.date] | None = None,
    changed: Mapping[str, Sequence[dt.date]] | None = None,
) -> tuple[Tenure, ...]:
    """Return the tenures of one calendar, suite, category and metric: columns day, model, rank of the standings.

    >>> import pandas as pd
    >>> days = pd.to_datetime(["2026-01-01", "2026-01-02"])
    >>> (tenure,) = from_standings(pd.DataFrame({"day": days, "model": ["a", "a"], "rank": [1, 1]}))
    >>> tenure.model, tenure.last_seen.isoformat(), tenure.ended_by
    ('a', '2026-01-02', 'censored')
    """
    ranks: dict[dt.date, dict[str, int]] = {}
    ranked = frame.dropna(subset=["rank"])
    for day, model, rank in zip(ranked["day"], ranked["model"], ranked["rank"], strict=True):
        date = day.date() if isinstance(day, dt.datetime) else day
        ranks.setdefault(date, {})[str(model)] = int(rank)
    return tenures(ranks, protocol=protocol, retired=retired, changed=changed)


def _revisions(inside: Sequence[dt.date], cuts: Sequence[dt.date]) -> list[list[dt.date]]:
    """Split the days in the top k where the model changed under its name."""
    return [list(group) for _, group in itertools.groupby(inside, key=lambda day: sum(cut <= day for cut in cuts))]


def _intervals(inside: Sequence[dt.date], days: Sequence[dt.date], gap_days: int) -> list[tuple[dt.date, dt.date]]:
    """Join days in the top k to intervals; they are separate if the model was out for more than `gap_days` between."""
    following = dict(itertools.pairwise(days))
    intervals: list[tuple[dt.date, dt.date]] = []
    for day in inside:
        if intervals and (day - following[intervals[-1][1]]).days <= gap_days:
            intervals[-1] = (intervals[-1][0], day)
        else:
            intervals.append((day, day))
    return intervals


def _tenure(
    model: str,
    interval: tuple[dt.date, dt.date],
    days: Sequence[dt.date],
    ranks: Mapping[dt.date, Mapping[str, int]],
    rules: tuple[TenureProtocol, Mapping[str, dt.date]],
) -> Tenure:
    (protocol, retired), (entered, last_seen) = rules, interval
    left = next((day for day in days if day > last_seen), None)
    at_risk = (day for day in days if entered <= day <= last_seen and len(ranks[day]) >= protocol.k)
    return Tenure(
        model=model,
        entered=entered,
        known_start=entered > days[0],
        observed_from=next(at_risk, None),
        last_seen=last_seen,
        left=left,
        observed_until=days[-1],
        ended_by=_ended_by(model, left, ranks, (retired, protocol.k)),
        protocol=protocol,
    )


def _ended_by(
    model: str,
    left: dt.date | None,
    ranks: Mapping[dt.date, Mapping[str, int]],
    rules: tuple[Mapping[str, dt.date], int],
) -> EndedBy:
    if left is None:
        return "censored"
    (retired, k) = rules
    withdrawn, rank = retired.get(model), ranks[left].get(model)
    in_again = rank is not None and rank <= k
    return "retired" if rank is None or in_again or (withdrawn is not None and withdrawn <= left) else "overtaken"
