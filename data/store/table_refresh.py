"""Tables that hold what files of the home say, other than runs: loaded again, whole, when those files have changed.

The table `mirrors` notes, by the name of each group of tables, the digest of the files that they were loaded from.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pyarrow as pa

from data.serialization import digest, file_sha256
from data.store.database import transaction

if TYPE_CHECKING:
    import duckdb

TableGroup = Literal["ratings", "lifecycle", "cells"]


class TableContents(NamedTuple):
    """A table's rows, and the SQL that deletes the old ones and inserts these, which it calls `incoming`."""

    delete: str
    insert: str
    rows: pa.Table


def files_digest(paths: Sequence[Path]) -> str | None:
    """Return the digest of files by name and content; None for no file at all."""
    return digest([[path.name, file_sha256(path)] for path in paths]) if paths else None


def is_current(cursor: "duckdb.DuckDBPyConnection", group: TableGroup, files: str | None) -> bool:
    """Return whether the tables were loaded from the files of that digest; None stands for no file at all."""
    loaded = cursor.execute("SELECT files FROM mirrors WHERE name = ?", [group]).fetchone()
    return files == (loaded[0] if loaded else None)


def refresh(
    cursor: "duckdb.DuckDBPyConnection", group: TableGroup, files: str | None, tables: Sequence[TableContents]
) -> None:
    """Replace the tables' rows in one transaction and note the files' digest; with None they are loaded again later."""
    with transaction(cursor):
        cursor.execute("DELETE FROM mirrors WHERE name = ?", [group])
        for table in tables:
            cursor.execute(table.delete)
            cursor.register("incoming", table.rows)
            cursor.execute(table.insert)
            cursor.unregister("incoming")
        if files is not None:
            cursor.execute("INSERT INTO mirrors VALUES (?, ?)", [group, files])
