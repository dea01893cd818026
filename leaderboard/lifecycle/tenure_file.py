"""Tenures that a person brings as CSV: `subject, entered, left, observed_from, observed_until, ended_by`.

`left` is empty while the subject is still in, `observed_from` unless observation began later than the tenure
(truncated). `ended_by` is overtaken, withdrawn or censored; empty means overtaken where there is a `left`, else
censored. Columns task, category and tier, where there are any, are scopes of their own. Days are dates, times, or
numbers of days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

from data.errors import InputFileError
from data.formats.csv import Moment, TableRow, read_rows
from leaderboard.lifecycle.interval_observations import IntervalObservation
from leaderboard.lifecycle.spell import Ended

COLUMNS: Final = ("subject", "entered", "left", "observed_from", "observed_until", "ended_by")
SCOPES: Final = ("task", "category", "tier")
ENDINGS: Final[Mapping[str, Ended]] = {
    "overtaken": "overtaken",
    "event": "overtaken",
    "displaced": "overtaken",
    "withdrawn": "withdrawn",
    "withdrawal": "withdrawn",
    "retired": "withdrawn",
    "censored": "censored",
    "ongoing": "censored",
}


def read_tenures(path: Path, *, gap_days: float | None = None) -> tuple[IntervalObservation, ...]:
    """Return the tenures of a file in its order.

    With `gap_days` a subject that was overtaken and is back within so many days never left. Raises InputFileError with
    file, line and column for the first thing that does not hold.
    """
    found, kind = [], None
    for row in read_rows(path, COLUMNS):
        moments = {name: row.moment(name) for name in COLUMNS[1:5]}
        for name, moment in moments.items():
            kind = kind or (moment and moment.kind)
            if moment and moment.kind != kind:
                raise row.wrong(name, f"a {kind} as in the rows before")
        found.append(_sighting(row, moments))
    if not found:
        raise InputFileError(path, "Expected at least one tenure below the header, got none. Add rows.", line=1)
    return tuple(found) if gap_days is None else joined(found, gap_days)


def joined(found: Sequence[IntervalObservation], gap_days: float) -> tuple[IntervalObservation, ...]:
    """Return the tenures with those of one subject made one that part by no more than `gap_days`."""

    def key(one: IntervalObservation) -> tuple[str, list[tuple[str, str]]]:
        return one.subject, sorted(one.scope.items())

    whole: list[IntervalObservation] = []
    for _, group in groupby(sorted(found, key=lambda one: (*key(one), one.entered)), key=key):
        first, *others = group
        before = first
        for one in others:
            back = before.left is not None and before.ended_by == "overtaken" and one.entered - before.left <= gap_days
            if back:
                before = replace(one, entered=before.entered, observed_from=before.observed_from)
            else:
                whole.append(before)
                before = one
        whole.append(before)
    return tuple(whole)


def _sighting(row: TableRow, moments: Mapping[str, Moment | None]) -> IntervalObservation:
    subject = row.text("subject")
    entered, until = moments["entered"], moments["observed_until"]
    if entered is None:
        raise row.wrong("entered", "a date such as 2026-01-31")
    if until is None:
        raise row.wrong("observed_until", "a date such as 2026-01-31")
    left, since = moments["left"], moments["observed_from"]
    one = IntervalObservation(
        subject=subject,
        entered=entered.days,
        left=left and left.days,
        observed_from=since and since.days,
        observed_until=until.days,
        ended_by=_ending(row, left),
        scope={n: v for n in SCOPES if (v := row.cells.get(n))},
    )
    _check_order(row, one)
    if one.ended_by == "censored" and one.left is not None:
        return replace(one, left=None, observed_until=one.left)
    return one


def _ending(row: TableRow, left: Moment | None) -> Ended:
    said = row.cells["ended_by"].lower()
    ending = ENDINGS.get(said) if said else ("overtaken" if left else "censored")
    if ending is None:
        raise row.wrong("ended_by", "overtaken, withdrawn or censored")
    if left is None and ending != "censored":
        raise row.wrong("left", f"the day of a tenure that ended by {said!r}", "Add it, or leave 'ended_by' empty.")
    return ending


def _check_order(row: TableRow, one: IntervalObservation) -> None:
    if one.observed_until < one.at_risk_from:
        column = "entered" if one.observed_from is None or one.observed_from <= one.entered else "observed_from"
        raise row.wrong(column, "a day not after 'observed_until'")
    if one.left is None:
        return
    if one.left < one.entered:
        raise row.wrong("left", "a day not before 'entered'")
    if one.left < one.at_risk_from:
        raise row.wrong("left", "a day not before 'observed_from'", "A tenure that ended unobserved has no place here.")
    if one.left > one.observed_until:
        raise row.wrong("left", "a day not after 'observed_until'", "Leave it empty while the subject is still in.")
