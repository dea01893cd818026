"""Measured cells in the warehouse: read from their journals again whenever those have grown."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data import measurements
from data.home import Home
from data.measurements import Measurement
from data.serialization import canonical, digest, file_sha256
from data.store.ingest import COUNT, REAL, TEXT, TIMESTAMP, naive
from data.store.mirrors import Replaced, is_current, replace

if TYPE_CHECKING:
    import duckdb

CELLS = pa.schema(
    [(name, TEXT) for name in ("setup", "model", "revision", "weights")]
    + [(name, COUNT) for name in ("width", "height", "frames", "steps")]
    + [("guidance", REAL), ("batch", COUNT), ("text_tokens", COUNT)]
    + [(name, TEXT) for name in ("dtype", "software", "accelerator", "processor", "machine", "status", "reason")]
    + [("seconds", pa.list_(REAL)), ("nominal_flops", REAL), ("executed_flops", REAL), ("joules", REAL)]
    + [("measured_at", TIMESTAMP), ("record", TEXT)]
)


def load_cells(cursor: "duckdb.DuckDBPyConnection", home: Home) -> bool:
    """Bring the journals in, in one transaction, and return whether they had grown. Raises JournalError."""
    journals = measurements.journals(home)
    files = digest([[path.name, file_sha256(path)] for path in journals]) if journals else None
    if is_current(cursor, "cells", files):
        return False
    rows = [_row(cell) for path in journals for cell in measurements.read_cells(path)]
    insert = "INSERT INTO cells BY NAME SELECT * FROM held ORDER BY measured_at, setup"
    replace(cursor, "cells", files, [Replaced("DELETE FROM cells", insert, pa.Table.from_pylist(rows, schema=CELLS))])
    return True


def _row(cell: Measurement) -> dict[str, object]:
    setup, shape, configuration = cell.setup, cell.setup.shape, cell.setup.configuration
    return {
        "setup": setup.id,
        "model": setup.model,
        "revision": setup.revision,
        "weights": setup.weights,
        "width": shape.width,
        "height": shape.height,
        "frames": shape.frames,
        "steps": shape.steps,
        "guidance": shape.guidance,
        "batch": shape.batch,
        "text_tokens": shape.text_tokens,
        "dtype": configuration.dtype,
        "software": configuration.software,
        "accelerator": setup.accelerator,
        "processor": setup.processor,
        "machine": cell.machine.name,
        "status": cell.status,
        "reason": cell.reason,
        "seconds": list(cell.seconds.steady),
        "nominal_flops": cell.work.nominal,
        "executed_flops": cell.work.executed,
        "joules": cell.energy.joules,
        "measured_at": naive(cell.measured_at),
        "record": canonical(cell).decode(),
    }
