"""External ratings in the warehouse, loaded again whenever their files have changed."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data.errors import HalflifeError
from data.history.store import Imported, import_files, read_import
from data.home import Home
from data.serialization import digest
from data.store.ingest import DATE, REAL, TEXT, TIMESTAMP, naive
from data.store.table_refresh import TableContents, is_current, refresh

if TYPE_CHECKING:
    import duckdb

RATINGS = pa.schema(
    [(name, TEXT) for name in ("source", "task", "category")]
    + [("day", DATE), ("model", TEXT)]
    + [(name, REAL) for name in ("rating", "low", "high")]
    + [("imported_at", TIMESTAMP)]
)
NEWEST = """
    INSERT INTO ratings SELECT * FROM incoming
    QUALIFY row_number() OVER (PARTITION BY source, task, category, day, model ORDER BY imported_at DESC) = 1
    ORDER BY source, task, category, day, model
"""


def load_ratings(cursor: "duckdb.DuckDBPyConnection", home: Home) -> tuple[bool, tuple[HalflifeError, ...]]:
    """Load the imports in one transaction; return whether they had changed, and which files were refused and why."""
    paths = import_files(home)
    files = digest([f"{path.parent.name}/{path.name}" for path in paths]) if paths else None
    if is_current(cursor, "ratings", files):
        return False, ()
    imports: list[Imported] = []
    refused: list[HalflifeError] = []
    for path in paths:
        try:
            imports.append(read_import(path))
        except HalflifeError as error:
            refused.append(error)
    rows = pa.Table.from_pylist([row for imported in imports for row in _rows(imported)], schema=RATINGS)
    refresh(cursor, "ratings", None if refused else files, [TableContents("DELETE FROM ratings", NEWEST, rows)])
    return True, tuple(refused)


def _rows(imported: Imported) -> list[dict[str, object]]:
    at = naive(imported.imported_at)
    return [
        {
            "source": imported.source,
            "task": imported.task,
            "category": rating.category,
            "day": rating.day,
            "model": rating.model,
            "rating": rating.rating,
            "low": rating.low,
            "high": rating.high,
            "imported_at": at,
        }
        for rating in imported.ratings
    ]
