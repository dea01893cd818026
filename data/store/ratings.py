"""Ratings from outside in the warehouse: read from the shelf again whenever its files have changed."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data.errors import HalflifeError
from data.history.store import Imported, files, read_imported
from data.home import Home
from data.serialization import digest
from data.store.ingest import DATE, REAL, TEXT, TIMESTAMP, naive
from data.store.mirrors import Replaced, is_current, replace

if TYPE_CHECKING:
    import duckdb

RATINGS = pa.schema(
    [(name, TEXT) for name in ("source", "task", "category")]
    + [("day", DATE), ("model", TEXT)]
    + [(name, REAL) for name in ("rating", "low", "high")]
    + [("imported_at", TIMESTAMP)]
)
NEWEST = """
    INSERT INTO ratings SELECT * FROM held
    QUALIFY row_number() OVER (PARTITION BY source, task, category, day, model ORDER BY imported_at DESC) = 1
    ORDER BY source, task, category, day, model
"""


def load_ratings(cursor: "duckdb.DuckDBPyConnection", home: Home) -> tuple[bool, tuple[HalflifeError, ...]]:
    """Bring the shelf in, in one transaction; return whether it had changed, and which files were refused and why."""
    found = files(home)
    state = digest([f"{path.parent.name}/{path.name}" for path in found]) if found else None
    if is_current(cursor, "ratings", state):
        return False, ()
    held: list[Imported] = []
    refused: list[HalflifeError] = []
    for path in found:
        try:
            held.append(read_imported(path))
        except HalflifeError as error:
            refused.append(error)
    rows = pa.Table.from_pylist([row for one in held for row in _rows(one)], schema=RATINGS)
    replace(cursor, "ratings", None if refused else state, [Replaced("DELETE FROM ratings", NEWEST, rows)])
    return True, tuple(refused)


def _rows(one: Imported) -> list[dict[str, object]]:
    at = naive(one.imported_at)
    return [
        {
            "source": one.source,
            "task": one.task,
            "category": rated.category,
            "day": rated.day,
            "model": rated.model,
            "rating": rated.rating,
            "low": rated.low,
            "high": rated.high,
            "imported_at": at,
        }
        for rated in one.ratings
    ]
