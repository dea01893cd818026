"""Building the warehouse again from the sealed runs: in a file of its own, which replaces the old one at the end."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from data.errors import HalflifeError
from data.files import fsync_folder, make_folder, storage
from data.home import Home
from data.store.lock import OwnerLock
from data.store.patience import Patience, when_free
from data.store.warehouse import Warehouse
from data.vocabulary import Progress

Standings = Callable[[Warehouse], object]


class Rebuilt(NamedTuple):
    """What a rebuild did: runs that are in, what was refused and why, and the generation that was published."""

    runs: int
    refused: tuple[HalflifeError, ...]
    generation: int


def rebuild(
    home: Home,
    progress: Progress | None = None,
    *,
    standings: Standings | None = None,
    patience: Patience | None = None,
) -> Rebuilt:
    """Make the warehouse again from the record, publish it, and put it in the old one's place.

    `standings` fills the table of standings from the prompt means that are in by then. Until the end the old warehouse
    and its snapshots stay as they are. Raises StoreBusyError where another process owns the store for longer than
    `patience`, HomeError where the disk is full.
    """
    make_folder(home.store)
    path, rebuilt_path = home.store / "warehouse.duckdb", home.store / "rebuilt.duckdb"
    with when_free(lambda: OwnerLock(home.store / "owner.lock"), patience or Patience()):
        _remove(rebuilt_path)
        try:
            rebuilt = _build(home, rebuilt_path, progress, standings)
            _replace(rebuilt_path, path)
        finally:
            _remove(rebuilt_path)
    return rebuilt


def _build(home: Home, path: Path, progress: Progress | None, standings: Standings | None) -> Rebuilt:
    with Warehouse(home, path) as warehouse:
        new = warehouse.load_recorded(progress)
        warehouse.refresh_means()
        if standings:
            standings(warehouse)
        return Rebuilt(new, warehouse.refused, warehouse.publish())


def _replace(rebuilt_path: Path, path: Path) -> None:
    """Swap the files; the old one's write-ahead log goes first, it must not be read into the new one."""
    with storage(path):
        _wal(path).unlink(missing_ok=True)
        os.replace(rebuilt_path, path)
        fsync_folder(path.parent)


def _remove(path: Path) -> None:
    with storage(path):
        path.unlink(missing_ok=True)
        _wal(path).unlink(missing_ok=True)


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
