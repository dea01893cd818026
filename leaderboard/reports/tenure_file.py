"""Tenures from a user's CSV file: `subject, entered, left, observed_from, observed_until, ended_by`.

`left` is empty while the subject is still in, `observed_from` unless observation began later than the tenure
(truncated). `ended_by` is overtaken, withdrawn or censored; empty means overtaken where there is a `left`, else
censored. Columns task, category and tier, if present, say what a tenure belongs to. Days are dates, times, or numbers
of days.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from data.errors import InputFileError
from data.formats.csv import Moment, TableRow, read_rows
from leaderboard.lifecycle.interval_observations import IntervalObservation
from leaderboard.lifecycle.rejoin import rejoined
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

    With `gap_days` a subject that was overtaken and came back within so many days counts as never gone. Raises
    InputFileError with file, line and column of the first error.
    """
    tenures, kind = [], None
    for row in read_rows(path, COLUMNS):
        moments = {name: row.moment(name) for name in COLUMNS[1:5]}
        for name, moment in moments.items():
            kind = kind or (moment and moment.kind)
            if moment and moment.kind != kind:
                raise row.wrong(name, f"a {kind} as in the rows before")
        tenures.append(_tenure(row, moments))
    if not tenures:
        raise InputFileError(path, "Expected at least one tenure below the header, got none. Add rows.", line=1)
    return tuple(tenures) if gap_days is None else rejoined(tenures, gap_days)


def _tenure(row: TableRow, moments: Mapping[str, Moment | None]) -> IntervalObservation:
    subject = row.text("subject")
    entered, until = moments["entered"], moments["observed_until"]
    if entered is None:
        raise row.wrong("entered", "a date such as 2026-01-31")
    if until is None:
        raise row.wrong("observed_until", "a date such as 2026-01-31")
    left, observed_from = moments["left"], moments["observed_from"]
    tenure = IntervalObservation(
        subject=subject,
        entered=entered.days,
        left=left and left.days,
        observed_from=observed_from and observed_from.days,
        observed_until=until.days,
        ended_by=_ending(row, left),
        scope={name: value for name in SCOPES if (value := row.cells.get(name))},
    )
    _check_order(row, tenure)
    if tenure.ended_by == "censored" and tenure.left is not None:
        return replace(tenure, left=None, observed_until=tenure.left)
    return tenure


def _ending(row: TableRow, left: Moment | None) -> Ended:
    word = row.cells["ended_by"].lower()
    ending = ENDINGS.get(word) if word else ("overtaken" if left else "censored")
    if ending is None:
        raise row.wrong("ended_by", "overtaken, withdrawn or censored")
    if left is None and ending != "censored":
        raise row.wrong("left", f"the day of a tenure that ended by {word!r}", "Add it, or leave 'ended_by' empty.")
    return ending


def _check_order(row: TableRow, tenure: IntervalObservation) -> None:
    if tenure.observed_until < tenure.at_risk_from:
        column = (
            "entered" if tenure.observed_from is None or tenure.observed_from <= tenure.entered else "observed_from"
        )
        raise row.wrong(column, "a day not after 'observed_until'")
    if tenure.left is None:
        return
    if tenure.left < tenure.entered:
        raise row.wrong("left", "a day not before 'entered'")
    if tenure.left < tenure.at_risk_from:
        raise row.wrong(
            "left", "a day not before 'observed_from'", "Leave out tenures that ended before observation began."
        )
    if tenure.left > tenure.observed_until:
        raise row.wrong("left", "a day not after 'observed_until'", "Leave it empty while the subject is still in.")
