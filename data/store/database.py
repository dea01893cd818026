"""How DuckDB is opened here: no extension from the network, and its file errors as errors that a user can fix."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import HalflifeError, HomeError, StoreBusyError
from data.files import unwritable
from data.store.migration import Migration, pending

if TYPE_CHECKING:
    import duckdb

DAMAGE = ("Error", "IOException", "SerializationException", "InternalException", "FatalException")
HELD_BY = re.compile(r"onflicting lock is held.*PID (?P<pid>[0-9]+)")
FULL = re.compile("Could not (write|fsync|sync|truncate)|No space left|Read-only file system|Permission denied")
SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}


def connect(path: Path, *, read_only: bool = False) -> "duckdb.DuckDBPyConnection":
    """Open a DuckDB file. Use a `cursor()` for each call: one connection does not serve two threads at once."""
    import duckdb

    return duckdb.connect(str(path), read_only=read_only, config=dict(SETTINGS))


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn DuckDB's errors of the file (disk full, read-only, damaged) into a HomeError that names `path`."""
    import duckdb

    try:
        yield
    except (duckdb.Error, OSError) as error:
        if isinstance(error, OSError) or FULL.search(str(error)):
            raise unwritable(path, str(error).splitlines()[0]) from error
        damage = damaged(error, path)
        if damage is None:
            raise
        raise damage from error


def damaged(error: Exception, path: Path | None = None) -> HomeError | None:
    """Return what to say of a DuckDB file that cannot be read as one; None for an error of any other kind."""
    if type(error).__module__.partition(".")[0] not in ("duckdb", "_duckdb") or type(error).__name__ not in DAMAGE:
        return None
    return HomeError(
        f"Expected a database of ours{f' in {path}' if path else ''}, got: {str(error).splitlines()[0].rstrip('.!')}. "
        "Run `halflife rebuild`: the run folders hold everything that is in it."
    )


@contextlib.contextmanager
def transaction(connection: "duckdb.DuckDBPyConnection") -> Iterator["duckdb.DuckDBPyConnection"]:
    """All of the block's statements on this connection, or none of them."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        import duckdb

        with contextlib.suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise


def migrate(connection: "duckdb.DuckDBPyConnection", steps: list[Migration], path: Path) -> list[int]:
    """Bring the warehouse at `path` to the newest shape and return the numbers that were applied."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER NOT NULL, name VARCHAR NOT NULL)")
    applied = {number for (number,) in connection.execute("SELECT number FROM schema_migrations").fetchall()}
    todo = pending(steps, applied, path)
    for migration in todo:
        with transaction(connection):
            connection.execute(migration.sql)
            connection.execute("INSERT INTO schema_migrations VALUES (?, ?)", [migration.number, migration.name])
    return [migration.number for migration in todo]


def unopened(path: Path, error: Exception) -> HalflifeError:
    """Return the error for a database file that cannot be opened: it is locked, cannot be written, or is damaged."""
    holder = HELD_BY.search(str(error))
    if holder:
        return StoreBusyError(path, int(holder["pid"]))
    if not path.exists() or FULL.search(str(error)):
        return unwritable(path, str(error).splitlines()[0])
    return damaged(error, path) or HomeError(
        f"Expected a database of ours in {path}, got: {str(error).splitlines()[0]} Run `halflife rebuild`."
    )
