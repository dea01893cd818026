"""States and marks of drift in the warehouse: read from their journals again whenever those have grown."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data.home import Home
from data.lifecycle import drift_marks, states
from data.lifecycle.drift_marks import DriftMark
from data.lifecycle.states import StateChange
from data.serialization import digest, file_sha256
from data.store.ingest import COUNT, DATE, REAL, TEXT, TIMESTAMP, naive
from data.store.mirrors import Replaced, is_current, replace

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
MODEL_STATES = "DELETE FROM model_states", "INSERT INTO model_states BY NAME SELECT * FROM held"
DRIFT_MARKS = "DELETE FROM drift_marks", "INSERT INTO drift_marks BY NAME SELECT * FROM held"


def load_lifecycle(cursor: "duckdb.DuckDBPyConnection", home: Home) -> bool:
    """Bring the journals in, in one transaction, and return whether they had grown.

    Raises JournalError at a damaged line: who is quarantined must not be guessed.
    """
    journals = [*states.journals(home), *drift_marks.journals(home)]
    files = digest([[path.name, file_sha256(path)] for path in journals]) if journals else None
    if is_current(cursor, "lifecycle", files):
        return False
    changes = [_state_row(one) for one in states.history(home)]
    marks = [row for one in drift_marks.marks(home) for row in _mark_rows(one)]
    tables = [
        Replaced(*MODEL_STATES, pa.Table.from_pylist(changes, schema=STATES)),
        Replaced(*DRIFT_MARKS, pa.Table.from_pylist(marks, schema=MARKS)),
    ]
    replace(cursor, "lifecycle", files, tables)
    return True


def _state_row(one: StateChange) -> dict[str, object]:
    return {
        "model": one.model,
        "state": one.state,
        "day": one.day,
        "reason": one.reason,
        "decided_by": one.by,
        "decided_at": naive(one.at),
        "successor": one.successor,
        "until": one.until,
    }


def _mark_rows(one: DriftMark) -> list[dict[str, object]]:
    same = {
        "model": one.model,
        "suite": one.suite,
        "day": one.day,
        "found_on": one.found_on,
        "revision": one.revision,
        "marked_at": naive(one.at),
    }
    return [
        same | {"metric": name, "p": held.p, "shift": held.shift, "low": held.low, "high": held.high}
        for name, held in one.shifts.items()
    ]
