"""Append-only journals: one writer each, a checksum a line, a line acknowledged once it is on the disk.

A line is `<16 hex digits of blake2b> <canonical JSON>\\n`. A write that was cut short leaves a tail without its line
feed: it was never acknowledged, readers pass over it and the next writer cuts it off. A whole line whose checksum
does not fit is damage: it is named, and the lines around it stay good, because no line depends on another.
"""

import contextlib
import hashlib
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from data.errors import HomeError, JournalError
from data.files import fsync_folder, storage, sync_data, unwritable
from data.serialization import Record, canonical, from_json, parse

CHECKSUM_DIGITS = 16
TAIL_PIECE = 1 << 16


class JournalEntry(NamedTuple):
    """One acknowledged line: its kind, its record as JSON, and its number in the file (from 1)."""

    kind: str
    record: dict[str, Any]
    line: int


class DamagedLine(NamedTuple):
    """One whole line that does not fit its checksum, and its number in the file (from 1)."""

    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class JournalContents:
    """What a journal's bytes say: the good lines, and the damaged ones."""

    entries: list[JournalEntry]
    damaged: list[DamagedLine]


class JournalWriter:
    """The one writer of a journal file; opening an existing file cuts a torn tail off first.

    Threads of one process may share it. After an error of the disk it takes nothing more: open the next attempt.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._broken: str | None = None
        self._alone = threading.Lock()
        with storage(path):
            created = not path.exists()
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._size = _size_of_whole_lines(self._file)
            os.ftruncate(self._file, self._size)
            if created:
                fsync_folder(path.parent)

    def append(self, kind: str, record: Mapping[str, Any] | Any) -> None:
        """Write one record (a mapping, or a record of the vocabulary); it is durable when this returns.

        Raises HomeError when the disk is full: then nothing of the line stays in the file.
        """
        self.append_many(kind, [record])

    def append_many(self, kind: str, records: Iterable[Mapping[str, Any] | Any]) -> None:
        """Write several records with one wait for the disk; all are durable when this returns."""
        data = b"".join(line(kind, record) for record in records)
        if data:
            with self._alone:
                self._write(data)

    def close(self) -> None:
        """Let the file go; a journal that holds nothing is removed."""
        if self._file < 0:
            return
        os.close(self._file)
        self._file = -1
        if self._size == 0 and self._broken is None:
            with contextlib.suppress(OSError):
                self.path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        if self._broken is not None:
            raise unwritable(self.path, self._broken)
        if self._file < 0:
            raise ValueError(f"Expected an open journal, got {self.path}, which was closed.")
        try:
            _write_all(self._file, data, self._size)
            sync_data(self._file)
        except OSError as error:
            self._broken = error.strerror or str(error)
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise unwritable(self.path, self._broken) from error
        self._size += len(data)


def line(kind: str, record: Mapping[str, Any] | Any) -> bytes:
    """Return the journal line of one record, checksum and line feed included."""
    body = canonical({"kind": kind, "record": record})
    return checksum(body) + b" " + body + b"\n"


def checksum(body: bytes) -> bytes:
    """Return the 16 hex digits (64 bits of blake2b) that guard a line."""
    return hashlib.blake2b(body, digest_size=CHECKSUM_DIGITS // 2).hexdigest().encode()


def read_journal(path: Path, *, skip_damaged: bool = False) -> list[JournalEntry]:
    """Return the acknowledged lines in their order; a torn tail is passed over.

    Raises JournalError that names file and line at the first damaged line, or passes over damaged lines where
    `skip_damaged` says so (`inspect_journal` tells which they are).
    """
    contents = inspect_journal(path)
    if contents.damaged and not skip_damaged:
        raise damaged_line(contents.damaged[0])
    return contents.entries


def read_records(path: Path, kind: str, record: type[Record]) -> list[Record]:
    """Return the records of one kind in a journal. Raises JournalError at a damaged line, or one that does not fit."""
    return [record_of(path, entry, record) for entry in read_journal(path) if entry.kind == kind]


def record_of(path: Path, entry: JournalEntry, record: type[Record]) -> Record:
    """Return what a line of a journal holds. Raises JournalError where another version wrote it."""
    try:
        return from_json(record, entry.record)
    except ValueError as error:
        raise JournalError(f"{path}, line {entry.line}: {error} Was it written by another version?") from error


def inspect_journal(path: Path) -> JournalContents:
    """Return the good lines of a journal and the places of its damaged ones."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HomeError(
            f"Expected to read the journal {path}, got: {error.strerror}. Check its permissions."
        ) from error
    return read_lines(path, data)


def read_lines(path: Path, data: bytes) -> JournalContents:
    """Return what `data`, read from the journal at `path`, says."""
    entries: list[JournalEntry] = []
    damaged: list[DamagedLine] = []
    acknowledged = data[: data.rfind(b"\n") + 1]
    for number, text in enumerate(acknowledged.split(b"\n")[:-1], start=1):
        entry = _entry(text, number)
        if entry is None:
            damaged.append(DamagedLine(path, number))
        else:
            entries.append(entry)
    return JournalContents(entries, damaged)


def damaged_line(damage: DamagedLine) -> JournalError:
    """Return the error that names a damaged line."""
    return JournalError(
        f"{damage.path}, line {damage.line}: expected a line that fits its checksum, got a damaged one. "
        "Restore the file from a copy, or delete that line: the other lines stay good, and what it held is done again."
    )


def _entry(text: bytes, number: int) -> JournalEntry | None:
    body = text[CHECKSUM_DIGITS + 1 :]
    if text[: CHECKSUM_DIGITS + 1] != checksum(body) + b" ":
        return None
    try:
        content = parse(body)
        return JournalEntry(content["kind"], content["record"], number)
    except (ValueError, TypeError, KeyError):
        return None


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written


def _size_of_whole_lines(file: int) -> int:
    """Return the size of the file up to its last line feed, found from the end."""
    end = os.fstat(file).st_size
    while end > 0:
        start = max(0, end - TAIL_PIECE)
        line_feed = os.pread(file, end - start, start).rfind(b"\n")
        if line_feed >= 0:
            return start + line_feed + 1
        end = start
    return 0
