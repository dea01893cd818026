"""Ratings from outside in the warehouse: read from the shelf again whenever its files have changed."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data.errors import HalflifeError
from data.history.shelf import Imported, files, read_imported
from data.home import Home
from data.identity import digest
from data.store.database import transaction
from data.store.ingest import DATE, REAL, TEXT, TIMESTAMP, naive

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
    state = digest([f"{path.parent.name}/{path.name}" for path in found])
    known = cursor.execute("SELECT files FROM ratings_state").fetchone()
    if known == (state,) or (known is None and not found):
        return False, ()
    held: list[Imported] = []
    refused: list[HalflifeError] = []
    for path in found:
        try:
            held.append(read_imported(path))
        except HalflifeError as error:
            refused.append(error)
    with transaction(cursor):
        cursor.execute("DELETE FROM ratings")
        cursor.execute("DELETE FROM ratings_state")
        table = pa.Table.from_pylist([row for one in held for row in _rows(one)], schema=RATINGS)
        cursor.register("held", table)
        cursor.execute(NEWEST)
        cursor.unregister("held")
        if not refused:
            cursor.execute("INSERT INTO ratings_state VALUES (?)", [state])
    return True, tuple(refused)


def _rows(one: Imported) -> list[dict[str, object]]:
    at = naive(one.imported_at)
    return [
        {
            "source": one.source, "task": one.task, "category": rated.category, "day": rated.day,
            "model": rated.model, "rating": rated.rating, "low": rated.low, "high": rated.high, "imported_at": at,
        }
        for rated in one.ratings
    ]  # fmt: skip
