"""A folder of journals that hold records of one kind, `<time>-<random>.jsonl`: one journal a writer."""

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from data.files import make_folder
from data.journal import JournalWriter, read_records
from data.serialization import Record


@dataclass(frozen=True, slots=True)
class RecordJournals(Generic[Record]):
    """The journals of one folder; lines of another kind than `kind` are passed over."""

    folder: Path
    kind: str
    record: type[Record]

    def paths(self) -> list[Path]:
        """Return the journals in the order of their names; none where there is no folder."""
        return sorted(self.folder.glob("*.jsonl")) if self.folder.is_dir() else []

    def records(self) -> list[Record]:
        """Return all records, journal by journal.

        Raises JournalError at a damaged line, or one that another version wrote.
        """
        return [record for path in self.paths() for record in read_records(path, self.kind, self.record)]

    def create(self, at: dt.datetime) -> JournalWriter:
        """Return a journal of its own for one writer; without a line it is removed again. Raises HomeError."""
        make_folder(self.folder)
        return JournalWriter(self.folder / f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%S}-{os.urandom(4).hex()}.jsonl")

    def write(self, records: Sequence[Record], at: dt.datetime) -> None:
        """Write records durably into a journal of their own; nothing for none. Raises HomeError on a full disk."""
        if records:
            with self.create(at) as journal:
                journal.append_many(self.kind, records)
