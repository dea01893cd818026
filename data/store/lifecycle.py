"""States and marks of drift in the warehouse, loaded again whenever their journals have changed."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data.home import Home
from data.lifecycle.drift_marks import DriftMark, drift_journals, marks
from data.lifecycle.states import StateChange, history, state_journals
from data.store.ingest import COUNT, DATE, REAL, TEXT, TIMESTAMP, naive
from data.store.table_refresh import TableContents, files_digest, is_current, refresh

if TYPE_CHECKING:
    import duckdb

STATES = pa.schema(
    [(name, TEXT) for name in ("model", "state", "reason", "decided_by", "successor")]
    + [("day", DATE), ("until", DATE), ("decided_at", TIMESTAMP)]
)
MARKS = pa.schema(
    [(name, TEXT) for name in ("model", "suite", "suite_digest", "metric")]
    + [(name, REAL) for name in ("p", "shift", "low", "high")]
    + [("day", DATE), ("found_on", DATE), ("revision", COUNT), ("marked_at", TIMESTAMP)]
)
MODEL_STATES = "DELETE FROM model_states", "INSERT INTO model_states BY NAME SELECT * FROM incoming"
DRIFT_MARKS = "DELETE FROM drift_marks", "INSERT INTO drift_marks BY NAME SELECT * FROM incoming"


def load_lifecycle(cursor: "duckdb.DuckDBPyConnection", home: Home) -> bool:
    """Load the journals in one transaction; False where they have not changed since they were loaded.

    Raises JournalError at a damaged line: whether a model is quarantined must not be guessed.
    """
    files = files_digest([*state_journals(home).paths(), *drift_journals(home).paths()])
    if is_current(cursor, "lifecycle", files):
        return False
    state_rows = [_state_row(change) for change in history(home)]
    mark_rows = [row for mark in marks(home) for row in _mark_rows(mark)]
    tables = [
        TableContents(*MODEL_STATES, pa.Table.from_pylist(state_rows, schema=STATES)),
        TableContents(*DRIFT_MARKS, pa.Table.from_pylist(mark_rows, schema=MARKS)),
    ]
    refresh(cursor, "lifecycle", files, tables)
    return True


def _state_row(change: StateChange) -> dict[str, object]:
    return {
        "model": change.model,
        "state": change.state,
        "day": change.day,
        "reason": change.reason,
        "decided_by": change.by,
        "decided_at": naive(change.at),
        "successor": change.successor,
        "until": change.until,
    }


def _mark_rows(mark: DriftMark) -> list[dict[str, object]]:
    common = {
        "model": mark.model,
        "suite": mark.suite,
        "suite_digest": mark.suite_digest,
        "day": mark.day,
        "found_on": mark.found_on,
        "revision": mark.revision,
        "marked_at": naive(mark.at),
    }
    return [
        common | {"metric": name, "p": shift.p, "shift": shift.shift, "low": shift.low, "high": shift.high}
        for name, shift in mark.shifts.items()
    ]
