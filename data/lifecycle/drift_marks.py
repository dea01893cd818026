"""Marks of drift: a deployment that changed under its name, and the metrics in which it did."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from data.home import Home
from data.record_journals import RecordJournals
from data.vocabulary import UNWRITTEN_DEFAULT

KIND: Final = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One metric that moved: by how much (after minus before), with its confidence sequence and anytime-valid p value.

    Without a number (bytes that changed) the shift and its ends are None.
    """

    p: float
    shift: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftMark:
    """From `day` on a model is another one under its name; `found_on` is the night on which drift was significant.

    `revision` counts the revisions that were seen in the measurements; the first change makes revision 1. Tenures of
    the model start anew on `day`. `suite_digest` is the content of the suite that showed it, None in older marks.
    """

    model: str
    suite: str
    day: dt.date
    found_on: dt.date
    revision: int
    shifts: Mapping[str, Shift]
    at: dt.datetime
    suite_digest: str | None = field(default=None, metadata=UNWRITTEN_DEFAULT)


def marks(home: Home) -> tuple[DriftMark, ...]:
    """Return every mark, by day. Raises JournalError at a damaged line."""
    return tuple(sorted(drift_journals(home).records(), key=lambda mark: mark.day))


def drift_journals(home: Home) -> RecordJournals[DriftMark]:
    """Return the journals of drift in a home."""
    return RecordJournals(home.lifecycle / "drift", KIND, DriftMark)


def write_marks(home: Home, new: Sequence[DriftMark]) -> None:
    """Write marks durably. Raises HomeError where the disk is full."""
    if new:
        drift_journals(home).write(new, new[0].at)
