"""The field: which run of which model counts on which day, as spans of days in which nothing changes."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data.vocabulary import Calendar

SEASON_DAYS = 90
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedRun:
    """A committed run of one model: it counts from `day` on, until a later run of the model or until it is retired.

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
    """Days `first` to `last`, both included, on which the same runs count; `members` maps a model to its run."""

    first: dt.date
    last: dt.date
    members: Mapping[str, str]

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Each day of the span."""
        return tuple(self.first + DAY * i for i in range((self.last - self.first).days + 1))


def spans(entries: Iterable[CommittedRun], calendar: Calendar) -> tuple[StandingSpan, ...]:
    """Return the spans of a calendar in order, without gaps; days without any model are left out.

    Live: from the first run's day to the last run's; on each day the newest committed run per model that is not of a
    later day. Replayed: 90 days from the newest run's day, and of each model the newest run alone. A model is out from
    its retired date on.
    """
    runs = sorted(entries, key=lambda run: (run.committed_at, run.run_id))
    if not runs:
        return ()
    if calendar == "replayed":
        runs = list({run.model: run for run in runs}.values())
        start = max(runs, key=lambda run: run.committed_at).run_day
        end = start + DAY * (SEASON_DAYS - 1)
    else:
        start, end = min(run.day for run in runs), max(run.day for run in runs)
    edges = {start} | {run.day for run in runs} | {run.retired for run in runs if run.retired}
    starts = sorted(edge for edge in edges if start <= edge <= end)
    ends = [edge - DAY for edge in starts[1:]] + [end]
    days = zip(starts, ends, strict=True)
    all_spans = (StandingSpan(first=first, last=last, members=_members(runs, first)) for first, last in days)
    return tuple(span for span in all_spans if span.members)


def _members(entries: list[CommittedRun], day: dt.date) -> dict[str, str]:
    """Return the runs that count on `day`; `entries` are in order of commitment."""
    standing: dict[str, CommittedRun] = {}
    for entry in entries:
        older = standing.get(entry.model)
        if entry.day <= day and (older is None or older.day <= entry.day):
            standing[entry.model] = entry
    return {
        model: entry.run_id for model, entry in sorted(standing.items()) if entry.retired is None or day < entry.retired
    }
