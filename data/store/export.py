"""The published tables as plain files for people with pandas."""

import contextlib
import glob
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from data.errors import HalflifeError, HomeError
from data.files import check_openable, fsync_file, fsync_folder, make_folder, storage
from data.folders import alone_in, replace_folder
from data.home import Home
from data.store.database import writing
from data.store.snapshot import current

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    Computed = Callable[[duckdb.DuckDBPyConnection], Mapping[str, pd.DataFrame]]

Format = Literal["parquet", "csv"]

FORMULA = "^[=+@\\t\\r-]"
"""How text begins that a spreadsheet takes for a formula."""

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
    check_openable(out)
    with contextlib.closing(snapshot.connect()) as connection:
        frames = computed(connection) if computed else {}
        _check_replaceable(out, frames)
        make_folder(out.absolute().parent)
        with _replacing(out.absolute()) as folder, writing(out):
            _write(connection, folder, format, frames)
    return [out / f"{name}.{format}" for name in (*QUERIES, *frames)]


@contextlib.contextmanager
def _replacing(place: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes its place when the block ends well; what a killed export left is removed."""
    with storage(place), alone_in(place.parent):
        for left in place.parent.glob(f".{glob.escape(place.name)}.*.tmp"):
            shutil.rmtree(left)
        temporary = place.with_name(f".{place.name}.{os.urandom(6).hex()}.tmp")
        try:
            temporary.mkdir()
            yield temporary
            replace_folder(temporary, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _write(
    connection: "duckdb.DuckDBPyConnection", folder: Path, format: Format, frames: "Mapping[str, pd.DataFrame]"
) -> None:
    queries = QUERIES if format == "csv" else WITH_LISTS
    for name in (*queries, *frames):
        relation = connection.sql(queries[name]) if name in queries else connection.from_df(frames[name])
        path = folder / f"{name}.{format}"
        if format == "csv":
            _without_formulas(relation).write_csv(str(path), header=True)
        else:
            relation.write_parquet(str(path), compression="zstd")
        fsync_file(path)
    fsync_folder(folder)


def _without_formulas(relation: "duckdb.DuckDBPyRelation") -> "duckdb.DuckDBPyRelation":
    """Put an apostrophe before text that begins as a formula: what came from outside is text in a spreadsheet too."""
    columns = []
    for column, kind in zip((f'"{name}"' for name in relation.columns), relation.types, strict=True):
        begins = f"regexp_matches({column}, '{FORMULA}')"
        defused = f"CASE WHEN {begins} THEN chr(39) || {column} ELSE {column} END AS {column}"
        columns.append(defused if str(kind) == "VARCHAR" else column)
    return relation.project(", ".join(columns))


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
