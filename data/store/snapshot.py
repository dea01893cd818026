"""Read-only snapshots of the warehouse, each under a name of its own, and the one that is current.

A file that is replaced under its name would serve old data inside a process, so a snapshot never changes:
`board-<generation>.duckdb` is written temporary, synced and renamed, and `CURRENT` names the newest last of all.
"""

import contextlib
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import HomeError
from data.files import fsync_file, fsync_folder, make_folder, storage, write_atomic
from data.home import Home
from data.store.database import connect
from data.store.migration import MIGRATIONS, migrations
from data.store.state import content_state

if TYPE_CHECKING:
    import duckdb

NAME = re.compile(r"board-(?P<generation>[0-9]{1,15})\.duckdb")
APPLIED = "SELECT count(*) FROM schema_migrations"
GENERATIONS_KEPT = 3
GRACE_SECONDS = 60.0
LOOKS = 10


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published state of the warehouse; it never changes."""

    path: Path
    generation: int

    def connect(self) -> "duckdb.DuckDBPyConnection":
        """Open it to read only; take a `cursor()` for each query, and close the connection in the end.

        Raises HomeError for one that an earlier version published: it lacks what is asked for now.
        """
        connection = connect(self.path, read_only=True)
        [(applied,)] = connection.execute(APPLIED).fetchall()
        if applied < len(migrations(MIGRATIONS)):
            connection.close()
            raise HomeError(
                f"Expected what this version publishes in {self.path}, got what an earlier one did. "
                "Run `halflife rebuild`: the run folders hold everything that is in it."
            )
        return connection

    def state(self) -> str | None:
        """Return what it was made from, as `content_state` tells it; None where it cannot be read."""
        import duckdb

        with contextlib.suppress(duckdb.Error, HomeError, OSError), contextlib.closing(self.connect()) as connection:
            return content_state(connection)
        return None


def current(home: Home) -> Snapshot | None:
    """Return the newest snapshot, None before the first was published."""
    for _ in range(LOOKS):
        try:
            name = (home.published / "CURRENT").read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None
        snapshot = _snapshot(home.published / name)
        if snapshot is not None and snapshot.path.is_file():
            return snapshot
    return None


def snapshots(home: Home) -> list[Snapshot]:
    """Return the snapshots that are there, the oldest first."""
    if not home.published.is_dir():
        return []
    named = filter(None, map(_snapshot, home.published.iterdir()))
    return sorted(named, key=lambda snapshot: snapshot.generation)


def publish(home: Home, warehouse: Path) -> Snapshot:
    """Copy the warehouse's file, which its owner has just checkpointed, as the next generation. Raises HomeError."""
    make_folder(home.published)
    newest = current(home)
    generations = [snapshot.generation for snapshot in (*snapshots(home), *((newest,) if newest else ()))]
    generation = max(generations, default=0) + 1
    path = home.published / f"board-{generation}.duckdb"
    with storage(path):
        sweep(home)
        _copy_whole(warehouse, path)
        write_atomic(home.published / "CURRENT", f"{path.name}\n".encode("ascii"))
        _forget_old(home)
    return Snapshot(path, generation)


def sweep(home: Home) -> None:
    """Remove what a publisher that was killed left half written. Only the warehouse's owner publishes."""
    for left in home.published.glob(".*.tmp"):
        left.unlink(missing_ok=True)


def _copy_whole(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}.tmp")
    try:
        shutil.copyfile(source, temporary)
        fsync_file(temporary)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    fsync_folder(target.parent)


def _forget_old(home: Home) -> None:
    """Remove all but the newest generations; a younger one stays a while for who has just read CURRENT."""
    limit = time.time() - GRACE_SECONDS
    for snapshot in snapshots(home)[:-GENERATIONS_KEPT]:
        if snapshot.path.stat().st_mtime < limit:
            snapshot.path.unlink()


def _snapshot(path: Path) -> Snapshot | None:
    match = NAME.fullmatch(path.name)
    return Snapshot(path, int(match["generation"])) if match else None
