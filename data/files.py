"""Files that are whole or not there: written under a temporary name, synced, renamed; and the error of a full disk."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from data.errors import HomeError

WRITERS: Final = 16


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Put `data` at `path` so that a reader, and a machine after a power cut, sees all of it or what was there before.

    Raises HomeError when the disk is full or the place cannot be written.
    """
    with storage(path):
        temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}.tmp")
        try:
            _write_synced(temporary, data, mode)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        fsync_folder(path.parent)


def write_all_atomic(folder: Path, files: Mapping[str, bytes], *, modes: Mapping[str, int] | None = None) -> None:
    """Put each of `files` (paths below `folder`) in its place, each whole; all are on the disk before any is renamed.

    `modes` are the permissions of those that are not for all to read (0o644). Raises HomeError when the disk is full or
    a place cannot be written; then none of them has changed.
    """
    paths = {folder / name: data for name, data in files.items()}
    mode = {folder / name: number for name, number in (modes or {}).items()}
    temporary = {path: path.with_name(f".{path.name}.{os.urandom(6).hex()}.tmp") for path in paths}
    parents = {path.parent for path in paths}
    for parent in sorted(parents):
        make_folder(parent)
    with storage(folder):
        try:
            # A disk takes many waiting syncs at once in little more time than one.
            with ThreadPoolExecutor(WRITERS) as writers:
                list(
                    writers.map(lambda path: _write_synced(temporary[path], paths[path], mode.get(path, 0o644)), paths)
                )
            for path, written in temporary.items():
                os.replace(written, path)
        finally:
            for written in temporary.values():
                written.unlink(missing_ok=True)
        for parent in sorted(parents):
            fsync_folder(parent)


def fsync_folder(path: Path) -> None:
    """Make the names in a folder durable: what was created, renamed or removed in it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_file(path: Path) -> None:
    """Make the content of a file that another library wrote durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_data(descriptor: int) -> None:
    """Wait until what was written to an open file is on the disk (`fdatasync`, or `fsync` where there is none)."""
    if sys.platform == "darwin":
        os.fsync(descriptor)
    else:
        os.fdatasync(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder with its parents, each one's name durable; nothing when it is there. Raises HomeError."""
    with storage(path):
        if path.is_dir():
            return
        if path.parent != path:
            make_folder(path.parent)
        path.mkdir(exist_ok=True)
        fsync_folder(path.parent)


def check_openable(path: Path) -> None:
    """Raise HomeError where DuckDB cannot open files below `path`: `?` and the backslash mean something else to it."""
    unusable = sorted(set("?\\") & set(str(path.absolute())))
    if unusable:
        raise HomeError(
            f"Expected a directory whose path holds neither ? nor a backslash, which DuckDB cannot open, got {path}. "
            "Choose another one."
        )


@contextlib.contextmanager
def storage(path: Path) -> Iterator[None]:
    """Turn an OSError of the block (disk full, read-only, no permission) into a HomeError that names `path`."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from error


def unwritable(path: Path, reason: str) -> HomeError:
    """Return the error for a place that cannot be written; what was committed before stays as it was."""
    return HomeError(
        f"Expected to write {path}, got: {reason}. Free some space or choose another directory (--home); "
        "what was committed before is unharmed."
    )


def _write_synced(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb", closefd=True) as file:
        file.write(data)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
