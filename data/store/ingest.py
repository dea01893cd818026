"""Bringing one sealed run into the warehouse: checked against its COMMIT.json, then loaded in one transaction."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data.commit import Commit
from data.errors import InputFileError
from data.pricing import output_price
from data.runs import RunFolder
from data.serialization import canonical, file_sha256
from data.store.database import transaction
from data.suites.units import prompt_units
from data.vocabulary import Metric, Model, Plan, Prompt

if TYPE_CHECKING:
    import duckdb

TEXT, REAL, COUNT, FLAG = pa.string(), pa.float64(), pa.int32(), pa.bool_()
DATE, TIMESTAMP = pa.date32(), pa.timestamp("us")

RUNS = pa.schema(
    [(name, TEXT) for name in ("run_id", "suite", "suite_version", "suite_digest", "suite_title", "task")]
    + [("primary_metric", TEXT), ("calendar", TEXT), ("day", DATE)]
    + [("created_at", TIMESTAMP), ("committed_at", TIMESTAMP), ("machine", TEXT), ("device", TEXT)]
    + [
        ("usd_per_hour", REAL),
        ("price_source", TEXT),
        ("machine_json", TEXT),
        ("seeds", COUNT),
        ("plan_digest", TEXT),
        ("brought", TEXT),
    ]
)
PROMPTS = pa.schema(
    [(name, TEXT) for name in ("run_id", "prompt", "text", "category")]
    + [("tags", pa.list_(TEXT)), ("held_out", FLAG), ("expectation", TEXT), ("inputs", TEXT), ("prompt_unit", TEXT)]
)
MODELS = pa.schema(
    [(name, TEXT) for name in ("run_id", "model", "title", "family", "task", "provider", "location", "revision")]
    + [("revision_pinned", FLAG), ("licence", TEXT), ("released", DATE), ("retired", DATE), ("successor", TEXT)]
    + [("steps", COUNT), ("guidance", REAL), ("width", COUNT), ("height", COUNT), ("frames", COUNT)]
    + [("settings", TEXT), ("source", TEXT), ("price_unit", TEXT), ("price_usd", REAL), ("price_as_of", DATE)]
)
METRICS = pa.schema(
    [(name, TEXT) for name in ("run_id", "metric", "title", "evaluator", "unit")]
    + [("higher_is_better", FLAG), ("low", REAL), ("high", REAL), ("kind", TEXT), ("neutral", FLAG), ("beside", TEXT)]
)

FORGET = (
    "DELETE FROM runs WHERE run_id = ?",
    "DELETE FROM prompts WHERE run_id = ?",
    "DELETE FROM models WHERE run_id = ?",
    "DELETE FROM samples WHERE run_id = ?",
    "DELETE FROM scores WHERE run_id = ?",
    "DELETE FROM loads WHERE run_id = ?",
    "DELETE FROM declared_metrics WHERE run_id = ?",
    "DELETE FROM ingested WHERE run_id = ?",
)
# A replayed season gives a sample the day on which its model came out, or the season's first day if it is older.
LOAD_SEALED = {
    "samples": """
        INSERT INTO samples BY NAME
        SELECT sealed.*,
               CASE runs.calendar WHEN 'replayed' THEN greatest(models.released, runs.day) ELSE runs.day END AS day
        FROM read_parquet(?) AS sealed
        JOIN runs ON runs.run_id = sealed.run_id
        JOIN models ON models.run_id = sealed.run_id AND models.model = sealed.model
    """,
    "scores": "INSERT INTO scores BY NAME SELECT * FROM read_parquet(?)",
    "loads": "INSERT INTO loads BY NAME SELECT * FROM read_parquet(?)",
}
COUNT_ROWS = {
    "samples": "SELECT count(*) FROM samples WHERE run_id = ?",
    "scores": "SELECT count(*) FROM scores WHERE run_id = ?",
    "loads": "SELECT count(*) FROM loads WHERE run_id = ?",
}


def ingest(cursor: "duckdb.DuckDBPyConnection", run: RunFolder, commit: Commit, commit_digest: str) -> None:
    """Load a sealed run in one transaction, in place of an earlier seal of it, and record that it was done.

    Raises InputFileError, with nothing changed, where a file differs from what COMMIT.json says.
    """
    import duckdb

    check(run, commit)
    try:
        with transaction(cursor):
            _load(cursor, run, commit)
            cursor.execute("INSERT INTO ingested VALUES (?, ?, ?)", [run.run_id, commit.attempt, commit_digest])
    except (duckdb.DataError, duckdb.IntegrityError, duckdb.ProgrammingError) as error:
        problem = (
            f"Expected a sealed run of ours, got: {str(error).splitlines()[0]} Delete COMMIT.json and run it again."
        )
        raise InputFileError(run.path, problem) from error


def check(run: RunFolder, commit: Commit) -> None:
    """Compare a run's files with its COMMIT.json. Raises InputFileError that names the first that differs."""
    place = run.path / "COMMIT.json"
    if commit.run_id != run.run_id:
        raise InputFileError(place, f"Expected the commit of run {run.run_id!r}, got that of {commit.run_id!r}.")
    missing = sorted(LOAD_SEALED.keys() - commit.files.keys())
    if missing:
        raise InputFileError(
            place, f"Expected it to name the sealed {', '.join(missing)}, got none. Seal the run again."
        )
    expected = {"plan.json": commit.plan} | {commit.files[name].name: commit.files[name].sha256 for name in LOAD_SEALED}
    for name, sha256 in expected.items():
        try:
            got = file_sha256(run.path / name)
        except OSError as error:
            raise InputFileError(run.path / name, f"Expected a sealed file, got: {error.strerror}. {REMEDY}") from error
        if got != sha256:
            problem = f"Expected sha256 {sha256[:12]}… as COMMIT.json says, got {got[:12]}…. {REMEDY}"
            raise InputFileError(run.path / name, problem)


REMEDY = "Restore the folder from a copy, or delete its COMMIT.json and run it again: its journals are sealed again."


def _load(cursor: "duckdb.DuckDBPyConnection", run: RunFolder, commit: Commit) -> None:
    for statement in FORGET:
        cursor.execute(statement, [run.run_id])
    for name, table in plan_tables(run.plan, commit).items():
        if table.num_rows:
            cursor.from_arrow(table).insert_into(name)
    for name, statement in LOAD_SEALED.items():
        sealed = commit.files[name]
        cursor.execute(statement, [str(run.path / sealed.name)])
        rows = cursor.execute(COUNT_ROWS[name], [run.run_id]).fetchone()
        if rows is None or rows[0] != sealed.rows:
            problem = f"Expected {sealed.rows} {name} of run {run.run_id!r}, got {rows and rows[0]}. {REMEDY}"
            raise InputFileError(run.path / sealed.name, problem)


def plan_tables(plan: Plan, commit: Commit) -> dict[str, pa.Table]:
    """Return the rows that a plan and its commit give to the tables runs, prompts, models and declared_metrics."""
    return {
        "runs": pa.Table.from_pylist([_run_row(plan, commit)], schema=RUNS),
        "prompts": pa.Table.from_pylist(_prompt_rows(plan), schema=PROMPTS),
        "models": pa.Table.from_pylist([_model_row(plan, model) for model in plan.models], schema=MODELS),
        "declared_metrics": pa.Table.from_pylist(
            [_metric_row(plan, metric) for metric in commit.metrics], schema=METRICS
        ),
    }


def _run_row(plan: Plan, commit: Commit) -> dict[str, Any]:
    suite, machine = plan.suite, plan.machine
    return {
        "run_id": plan.run_id,
        "suite": suite.name,
        "suite_version": suite.version,
        "suite_digest": suite.digest,
        "suite_title": suite.title,
        "task": suite.task,
        "primary_metric": suite.primary_metric,
        "calendar": plan.calendar,
        "day": plan.day,
        "created_at": naive(plan.created_at),
        "committed_at": naive(commit.committed_at),
        "machine": machine.name,
        "device": machine.device,
        "usd_per_hour": machine.usd_per_hour,
        "price_source": machine.price_source,
        "machine_json": canonical(machine).decode(),
        "seeds": len(plan.seeds),
        "plan_digest": commit.plan,
        "brought": plan.brought and plan.brought.origin,
    }


def _prompt_rows(plan: Plan) -> list[dict[str, Any]]:
    units = prompt_units(plan.suite.prompts)
    return [_prompt_row(plan, prompt) | {"prompt_unit": units[prompt.id]} for prompt in plan.suite.prompts]


def _prompt_row(plan: Plan, prompt: Prompt) -> dict[str, Any]:
    return {
        "run_id": plan.run_id,
        "prompt": prompt.id,
        "text": prompt.text,
        "category": prompt.category,
        "tags": list(prompt.tags),
        "held_out": prompt.held_out,
        "expectation": _json(prompt.expectation),
        "inputs": _json(prompt.inputs or None),
    }


def _model_row(plan: Plan, model: Model) -> dict[str, Any]:
    same = ("title", "family", "task", "provider", "location", "revision", "revision_pinned", "licence", "released")
    size = ("steps", "guidance", "width", "height", "frames")
    offer = output_price(model)
    return {
        "run_id": plan.run_id,
        "model": model.id,
        **{name: getattr(model, name) for name in (*same, "retired", "successor")},
        **{name: getattr(model.settings, name) for name in size},
        "settings": canonical(model.settings).decode(),
        "source": canonical(model.source).decode(),
        "price_unit": offer and offer.unit,
        "price_usd": offer and offer.usd,
        "price_as_of": model.price.as_of if offer and model.price else None,
    }


def _metric_row(plan: Plan, metric: Metric) -> dict[str, Any]:
    same = ("title", "evaluator", "unit", "higher_is_better", "kind", "neutral", "beside")
    low, high = metric.bounds
    values = {name: getattr(metric, name) for name in same}
    return {"run_id": plan.run_id, "metric": metric.name, "low": low, "high": high, **values}


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else canonical(value).decode()


def naive(value: dt.datetime) -> dt.datetime:
    """Return an aware time as the warehouse holds it: naive, in UTC."""
    return value.astimezone(dt.UTC).replace(tzinfo=None)
