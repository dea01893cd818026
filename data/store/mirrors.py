"""Tables that mirror files of the home other than runs: replaced whole, in one transaction, when those have changed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import pyarrow as pa

from data.store.database import transaction

if TYPE_CHECKING:
    import duckdb

Mirror = Literal["ratings", "lifecycle", "cells"]


class Replaced(NamedTuple):
    """A table's rows, and the SQL that takes the old ones away and inserts these, which it calls `held`."""

    delete: str
    insert: str
    rows: pa.Table


def is_current(cursor: "duckdb.DuckDBPyConnection", mirror: Mirror, files: str | None) -> bool:
    """Whether the tables were read from those files, named by their digest; None stands for no file at all."""
    known = cursor.execute("SELECT files FROM mirrors WHERE name = ?", [mirror]).fetchone()
    return files == (known[0] if known else None)


def replace(cursor: "duckdb.DuckDBPyConnection", mirror: Mirror, files: str | None, tables: Sequence[Replaced]) -> None:
    """Put the rows in the place of what the tables held, and note the files; None leaves them to be read again."""
    with transaction(cursor):
        cursor.execute("DELETE FROM mirrors WHERE name = ?", [mirror])
        for table in tables:
            cursor.execute(table.delete)
            cursor.register("held", table.rows)
            cursor.execute(table.insert)
            cursor.unregister("held")
        if files is not None:
            cursor.execute("INSERT INTO mirrors VALUES (?, ?)", [mirror, files])
