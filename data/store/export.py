"""The published tables as plain files for people with pandas."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from data.errors import HalflifeError, HomeError
from data.files import fsync_file, fsync_folder, make_folder, storage
from data.home import Home
from data.store.database import writing
from data.store.snapshot import current

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    Computed = Callable[[duckdb.DuckDBPyConnection], Mapping[str, pd.DataFrame]]

Format = Literal["parquet", "csv"]

# In CSV a list is its JSON text.
QUERIES = {
    "runs": "SELECT * FROM runs ORDER BY day, run_id",
    "models": "SELECT * FROM models ORDER BY run_id, model",
    "prompts": "SELECT * REPLACE (to_json(tags) AS tags) FROM prompts ORDER BY run_id, prompt",
    "samples": "SELECT * REPLACE (to_json(step_seconds) AS step_seconds) FROM samples ORDER BY run_id, sample",
    "scores": "SELECT * FROM scores ORDER BY run_id, sample, metric, version, fingerprint",
    "standings": "SELECT * FROM standings ORDER BY calendar, suite, category, metric, day, rank, model",
}
WITH_LISTS = QUERIES | {
    "prompts": "SELECT * FROM prompts ORDER BY run_id, prompt",
    "samples": "SELECT * FROM samples ORDER BY run_id, sample",
}


def export(home: Home, out: Path, format: Format = "parquet", *, computed: "Computed | None" = None) -> list[Path]:
    """Write the current snapshot's tables into the folder `out` and return the files, one a table.

    `computed` makes further tables from the snapshot, by name.

    The folder appears whole: it is written under a temporary name and renamed. An earlier export in its place is
    replaced; a folder that holds anything else is refused. Raises HalflifeError where nothing was published yet,
    HomeError where `out` cannot be written.
    """
    snapshot = current(home)
    if snapshot is None:
        raise HalflifeError(
            f"Expected a published board in {home.path}, got none. Run `halflife run` or `halflife demo`."
        )
    with contextlib.closing(snapshot.connect()) as connection:
        frames = computed(connection) if computed else {}
    _check_replaceable(out, frames)
    make_folder(out.absolute().parent)
    temporary = out.absolute().with_name(f".{out.absolute().name}.{os.urandom(6).hex()}.tmp")
    try:
        with contextlib.closing(snapshot.connect()) as connection, storage(out), writing(out):
            temporary.mkdir()
            _write(connection, temporary, format, frames)
            _put_in_place(temporary, out.absolute())
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return [out / f"{name}.{format}" for name in (*QUERIES, *frames)]


def _write(
    connection: "duckdb.DuckDBPyConnection", folder: Path, format: Format, frames: "Mapping[str, pd.DataFrame]"
) -> None:
    relations = {name: connection.sql(query) for name, query in (QUERIES if format == "csv" else WITH_LISTS).items()}
    for name, relation in (relations | {name: connection.from_df(frame) for name, frame in frames.items()}).items():
        path = folder / f"{name}.{format}"
        if format == "csv":
            relation.write_csv(str(path), header=True)
        else:
            relation.write_parquet(str(path), compression="zstd")
        fsync_file(path)
    fsync_folder(folder)


def _check_replaceable(out: Path, more: Iterable[str]) -> None:
    ours = {f"{name}.{format}" for name in (*QUERIES, *more) for format in ("parquet", "csv")}
    if out.exists() and not out.is_dir():
        raise HomeError(f"Expected a folder to export into, got the file {out}. Choose another one (--out).")
    others = {path.name for path in out.iterdir()} - ours if out.is_dir() else set()
    if others:
        raise HomeError(
            f"Expected an empty folder or an earlier export in {out}, got {min(others)!r} in it. "
            "Choose another one (--out)."
        )


def _put_in_place(temporary: Path, out: Path) -> None:
    former = temporary.with_suffix(".old")
    if out.is_dir():
        os.rename(out, former)
    os.rename(temporary, out)
    fsync_folder(out.parent)
    shutil.rmtree(former, ignore_errors=True)
