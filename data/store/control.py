"""The control database: what many processes decide together in short transactions. Results never live here.

SQLite of the standard library, WAL with `synchronous=FULL`: what a transaction returned from is on the disk. A
connection lives as long as its transaction, so nothing is shared between threads or carried through a fork. One more,
which is never used, keeps the log open: the last one to close would fold it into the file each time, five times slower.
"""

import contextlib
import os
import sqlite3
import weakref
from collections.abc import Iterator
from pathlib import Path

from data.errors import HomeError
from data.files import make_folder, unwritable
from data.store.migration import Migration, migrations, pending

MIGRATIONS = Path(__file__).parent / "control_migrations"
WAIT_SECONDS = 60.0


class Control:
    """The control database of a home (`Control(home.control)`), brought to its newest shape when it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        make_folder(path.parent)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            _migrate(connection, migrations(MIGRATIONS), path)
            keeper = sqlite3.connect(path, check_same_thread=False)
            keeper.execute("SELECT count(*) FROM schema_migrations").fetchone()
        self._close = weakref.finalize(self, _close, os.getpid(), keeper)

    def close(self) -> None:
        """Close the file; what was committed stays. A garbage-collected instance does it by itself."""
        self._close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection inside BEGIN IMMEDIATE: alone in writing, committed and on the disk when the block ends.

        An exception in the block undoes it. Rows are `sqlite3.Row`. Raises HomeError where the disk is full.
        """
        with self._connection() as connection, _immediate(connection):
            yield connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state while it reads, and keeps no writer waiting."""
        with self._connection() as connection:
            connection.execute("BEGIN DEFERRED")
            yield connection

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with _file_errors(self.path):
            connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
            with contextlib.closing(connection):
                connection.row_factory = sqlite3.Row
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection


@contextlib.contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors of the file system into a HomeError; errors of statements are raised as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise unwritable(path, str(error)) from error
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            problem = (
                f"Expected a control database of ours in {path}, got: {error}. Restore it from a copy, or move it away."
            )
            raise HomeError(problem) from error
        raise


def _close(pid: int, keeper: sqlite3.Connection) -> None:
    if os.getpid() == pid:
        keeper.close()


def _migrate(connection: sqlite3.Connection, steps: list[Migration], path: Path) -> None:
    with _immediate(connection):
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)"
        )
        applied = {number for (number,) in connection.execute("SELECT number FROM schema_migrations")}
        for migration in pending(steps, applied, path):
            for statement in _statements(migration.sql):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_migrations VALUES (?, ?)", [migration.number, migration.name])


def _statements(sql: str) -> Iterator[str]:
    """Split a migration into statements: `executescript` would commit the transaction that it stands in."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
