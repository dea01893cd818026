"""Marks of drift: a deployment that changed under its name, journalled beside the states, with what it changed in."""

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.files import make_folder
from data.home import Home
from data.journal import JournalWriter, read_records

KIND: Final = "drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One metric that moved: by how much (since minus before), with its confidence sequence, and the anytime p value.

    Without a number (bytes that changed) the shift and its ends are None.
    """

    p: float
    shift: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftMark:
    """From `day` on a model is another one under its name. `found_on` is the night on which that was sure.

    `revision` counts the model's revisions as they were measured: 1 is the first change's. The clocks of its tenures
    begin anew on `day`.
    """

    model: str
    suite: str
    day: dt.date
    found_on: dt.date
    revision: int
    shifts: Mapping[str, Shift]
    at: dt.datetime


def marks(home: Home) -> tuple[DriftMark, ...]:
    """Return every mark, by day. Raises JournalError at a damaged line."""
    return tuple(sorted((one for path in journals(home) for one in read_marks(path)), key=lambda one: one.day))


def read_marks(path: Path) -> list[DriftMark]:
    """Return the marks of one journal. Raises JournalError at a damaged line, or one of another version."""
    return read_records(path, KIND, DriftMark)


def journals(home: Home) -> list[Path]:
    """Return the journals of drift, in order of their names."""
    folder = home.lifecycle / "drift"
    return sorted(folder.glob("*.jsonl")) if folder.is_dir() else []


def write_marks(home: Home, found: list[DriftMark]) -> None:
    """Journal marks durably. Raises HomeError where the disk is full."""
    if found:
        folder = home.lifecycle / "drift"
        make_folder(folder)
        name = f"{found[0].at.astimezone(dt.UTC):%Y%m%dT%H%M%S}-{os.urandom(4).hex()}.jsonl"
        with JournalWriter(folder / name) as journal:
            journal.append_many(KIND, found)
