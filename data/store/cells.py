"""Measured cells in the warehouse: read from their journals again whenever those have grown."""

from typing import TYPE_CHECKING

import pyarrow as pa

from data import profiles
from data.home import Home
from data.identity import canonical, digest, file_sha256
from data.profiles import Cell
from data.store.database import transaction
from data.store.ingest import COUNT, REAL, TEXT, TIMESTAMP, naive

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
    files = profiles.journals(home)
    state = digest([[path.name, file_sha256(path)] for path in files])
    known = cursor.execute("SELECT files FROM cells_state").fetchone()
    if known == (state,) or (known is None and not files):
        return False
    rows = [_row(cell) for path in files for cell in profiles.read_cells(path)]
    with transaction(cursor):
        cursor.execute("DELETE FROM cells")
        cursor.execute("DELETE FROM cells_state")
        cursor.register("held", pa.Table.from_pylist(rows, schema=CELLS))
        cursor.execute("INSERT INTO cells BY NAME SELECT * FROM held ORDER BY measured_at, setup")
        cursor.unregister("held")
        cursor.execute("INSERT INTO cells_state VALUES (?)", [state])
    return True


def _row(cell: Cell) -> dict[str, object]:
    setup, shape, configuration = cell.setup, cell.setup.shape, cell.setup.configuration
    return {
        "setup": setup.id, "model": setup.model, "revision": setup.revision, "weights": setup.weights,
        "width": shape.width, "height": shape.height, "frames": shape.frames, "steps": shape.steps,
        "guidance": shape.guidance, "batch": shape.batch, "text_tokens": shape.text_tokens,
        "dtype": configuration.dtype, "software": configuration.software, "accelerator": setup.accelerator,
        "processor": setup.processor, "machine": cell.machine.name, "status": cell.status, "reason": cell.reason,
        "seconds": list(cell.seconds.steady), "nominal_flops": cell.work.nominal,
        "executed_flops": cell.work.executed, "joules": cell.energy.joules, "measured_at": naive(cell.measured_at),
        "record": canonical(cell).decode(),
    }  # fmt: skip
