"""Measurements in the warehouse (the table `cells`), loaded again whenever their journals have changed."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data.home import Home
from data.measurements import Measurement, measurement_journals
from data.serialization import canonical
from data.store.ingest import COUNT, REAL, TEXT, TIMESTAMP, naive
from data.store.table_refresh import TableContents, files_digest, is_current, refresh

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
INSERT = "INSERT INTO cells BY NAME SELECT * FROM incoming ORDER BY measured_at, setup"


def load_measurements(cursor: "duckdb.DuckDBPyConnection", home: Home) -> bool:
    """Load the journals in one transaction; False where they have not changed since. Raises JournalError."""
    journals = measurement_journals(home)
    files = files_digest(journals.paths())
    if is_current(cursor, "cells", files):
        return False
    rows = pa.Table.from_pylist([_row(measurement) for measurement in journals.records()], schema=CELLS)
    refresh(cursor, "cells", files, [TableContents("DELETE FROM cells", INSERT, rows)])
    return True


def _row(measurement: Measurement) -> dict[str, object]:
    setup, shape, configuration = measurement.setup, measurement.setup.shape, measurement.setup.configuration
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
        "machine": measurement.machine.name,
        "status": measurement.status,
        "reason": measurement.reason,
        "seconds": list(measurement.seconds.steady),
        "nominal_flops": measurement.work.nominal,
        "executed_flops": measurement.work.executed,
        "joules": measurement.energy.joules,
        "measured_at": naive(measurement.measured_at),
        "record": canonical(measurement).decode(),
    }
