"""The field: which run of which model stands on which day, as spans of days in which nothing changes."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.vocabulary import Calendar

SEASON_DAYS = 90
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedRun:
    """A committed run of one model: it stands from `day` on, until a later run of the model or until it is retired.

    `run_day` is the day of the run; on a replayed calendar that is the first day of the season, and `day` the day of
    the model's samples, on which it enters.
    """

    model: str
    run_id: str
    run_day: dt.date
    day: dt.date
    committed_at: dt.datetime
    retired: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingSpan:
    """Days `first` to `last`, both included, on which the same runs stand; `members` maps a model to its run."""

    first: dt.date
    last: dt.date
    members: Mapping[str, str]

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Each day of the span."""
        return tuple(self.first + DAY * i for i in range((self.last - self.first).days + 1))


def spans(entries: Iterable[CommittedRun], calendar: Calendar) -> tuple[StandingSpan, ...]:
    """Return the spans of a calendar in order, without gaps; days on which nobody stands are left out.

    Live: from the first run's day to the last run's; on each day the newest committed run per model that is not of a
    later day. Replayed: 90 days from the newest run's day, and of each model the newest run alone. A model is out from
    its retired date on.
    """
    held = sorted(entries, key=lambda one: (one.committed_at, one.run_id))
    if not held:
        return ()
    if calendar == "replayed":
        held = list({one.model: one for one in held}.values())
        start = max(held, key=lambda one: one.committed_at).run_day
        end = start + DAY * (SEASON_DAYS - 1)
    else:
        start, end = min(one.day for one in held), max(one.day for one in held)
    edges = {start} | {one.day for one in held} | {one.retired for one in held if one.retired}
    starts = sorted(edge for edge in edges if start <= edge <= end)
    ends = [edge - DAY for edge in starts[1:]] + [end]
    found = (StandingSpan(first=a, last=b, members=_members(held, a)) for a, b in zip(starts, ends, strict=True))
    return tuple(span for span in found if span.members)


def _members(entries: list[CommittedRun], day: dt.date) -> dict[str, str]:
    """Return the runs that stand on `day`; `entries` are in order of commitment."""
    standing: dict[str, CommittedRun] = {}
    for entry in entries:
        older = standing.get(entry.model)
        if entry.day <= day and (older is None or older.day <= entry.day):
            standing[entry.model] = entry
    return {
        model: entry.run_id for model, entry in sorted(standing.items()) if entry.retired is None or day < entry.retired
    }
