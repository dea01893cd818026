"""States and marks of drift in the warehouse: read from their journals again whenever those have grown."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data import drift_marks, states
from data.drift_marks import DriftMark
from data.home import Home
from data.identity import digest, file_sha256
from data.states import StateChange
from data.store.database import transaction
from data.store.ingest import COUNT, DATE, REAL, TEXT, TIMESTAMP, naive

if TYPE_CHECKING:
    import duckdb

STATES = pa.schema(
    [(name, TEXT) for name in ("model", "state", "reason", "decided_by", "successor")]
    + [("day", DATE), ("until", DATE), ("decided_at", TIMESTAMP)]
)
MARKS = pa.schema(
    [(name, TEXT) for name in ("model", "suite", "metric")]
    + [(name, REAL) for name in ("p", "shift", "low", "high")]
    + [("day", DATE), ("found_on", DATE), ("revision", COUNT), ("marked_at", TIMESTAMP)]
)
INSERT = {
    "model_states": "INSERT INTO model_states BY NAME SELECT * FROM held",
    "drift_marks": "INSERT INTO drift_marks BY NAME SELECT * FROM held",
}


def load_lifecycle(cursor: "duckdb.DuckDBPyConnection", home: Home) -> bool:
    """Bring the journals in, in one transaction, and return whether they had grown.

    Raises JournalError at a damaged line: who is quarantined must not be guessed.
    """
    files = [*states.journals(home), *drift_marks.journals(home)]
    state = digest([[path.name, file_sha256(path)] for path in files])
    known = cursor.execute("SELECT files FROM lifecycle_state").fetchone()
    if known == (state,) or (known is None and not files):
        return False
    changes, marks = states.history(home), drift_marks.marks(home)
    tables = {
        "model_states": pa.Table.from_pylist([_state_row(one) for one in changes], schema=STATES),
        "drift_marks": pa.Table.from_pylist([row for one in marks for row in _mark_rows(one)], schema=MARKS),
    }
    with transaction(cursor):
        cursor.execute("DELETE FROM model_states")
        cursor.execute("DELETE FROM drift_marks")
        cursor.execute("DELETE FROM lifecycle_state")
        for name, table in tables.items():
            cursor.register("held", table)
            cursor.execute(INSERT[name])
            cursor.unregister("held")
        cursor.execute("INSERT INTO lifecycle_state VALUES (?)", [state])
    return True


def _state_row(one: StateChange) -> dict[str, object]:
    return {
        "model": one.model, "state": one.state, "day": one.day, "reason": one.reason, "decided_by": one.by,
        "decided_at": naive(one.at), "successor": one.successor, "until": one.until,
    }  # fmt: skip


def _mark_rows(one: DriftMark) -> list[dict[str, object]]:
    same = {
        "model": one.model, "suite": one.suite, "day": one.day, "found_on": one.found_on, "revision": one.revision,
        "marked_at": naive(one.at),
    }  # fmt: skip
    return [
        same | {"metric": name, "p": held.p, "shift": held.shift, "low": held.low, "high": held.high}
        for name, held in one.shifts.items()
    ]
