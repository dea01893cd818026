"""Claims about numbered migrations: in order, once each, and an older warehouse is brought along."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.errors import HalflifeError
from data.store import control, sealing, warehouse
from data.store.database import connect, migrate
from data.store.ingest import METRICS, MODELS, PROMPTS, RUNS
from data.store.migration import migrations, pending
from data.store.warehouse import STANDINGS, Warehouse


def folder(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, sql in files.items():
        (path / f"{name[1:]}.sql").write_text(sql)
    return path


def applied(path: Path, steps: Path) -> list[int]:
    with contextlib.closing(connect(path)) as connection:
        return migrate(connection, migrations(steps), path)


def test_migrations_are_applied_in_order_and_once(tmp_path: Path) -> None:
    steps = folder(tmp_path / "steps", _002_more="INSERT INTO t VALUES (2)", _001_first="CREATE TABLE t (n INTEGER)")
    assert applied(tmp_path / "db", steps) == [1, 2]
    assert applied(tmp_path / "db", steps) == []
    folder(steps, _003_last="UPDATE t SET n = n * 10")
    assert applied(tmp_path / "db", steps) == [3]
    with contextlib.closing(connect(tmp_path / "db")) as connection:
        assert connection.execute("SELECT n FROM t").fetchall() == [(20,)]


def test_a_migration_that_fails_is_undone_whole(tmp_path: Path) -> None:
    steps = folder(tmp_path / "steps", _001_first="CREATE TABLE t (n INTEGER); INSERT INTO t VALUES ('x')")
    with pytest.raises(duckdb.ConversionException, match="Could not convert string 'x'"):
        applied(tmp_path / "db", steps)
    folder(steps, _001_first="CREATE TABLE t (n INTEGER)")
    assert applied(tmp_path / "db", steps) == [1]


@pytest.mark.parametrize("names", [["_001_a", "_003_b"], ["_001_a", "_001_b"], ["_002_a"]])
def test_gaps_and_repeats_in_the_numbers_are_refused(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(ValueError, match="Expected migrations numbered from 001 without gaps"):
        migrations(folder(tmp_path / "steps", **dict.fromkeys(names, "SELECT 1")))


def test_a_file_without_a_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Expected a migration named NNN_title\.sql, got 'first\.sql'"):
        migrations(folder(tmp_path / "steps", _first="SELECT 1"))


def test_a_database_that_is_newer_is_refused(tmp_path: Path) -> None:
    known = migrations(folder(tmp_path / "steps", _001_first="SELECT 1"))
    with pytest.raises(HalflifeError, match=r"up to 001, got 007: a newer version made it\. Update this one"):
        pending(known, {1, 7}, tmp_path / "db")


@pytest.mark.parametrize("steps", [warehouse.MIGRATIONS, control.MIGRATIONS])
def test_our_own_migrations_are_numbered(steps: Path) -> None:
    assert migrations(steps)


def test_an_older_warehouse_with_runs_in_it_is_brought_along(
    observatory: Any, content: Callable[[Path], dict[str, Any]]
) -> None:
    observatory.sealed(observatory.plan())
    path = observatory.home.store / "warehouse.duckdb"
    with contextlib.closing(connect(path)) as connection:
        migrate(connection, migrations(warehouse.MIGRATIONS)[:1], path)
    assert "prompt_means" not in content(path)
    with Warehouse.own(observatory.home) as owned:
        owned.ingest_all()
        owned.publish()
    assert len(content(path)["prompt_means"]) == 3
    assert sorted(number for number, _ in content(path)["schema_migrations"]) == list(
        range(1, len(migrations(warehouse.MIGRATIONS)) + 1)
    )


def test_what_is_sealed_and_what_is_stored_have_the_same_columns(observatory: Any) -> None:
    expected = {
        "samples": [*sealing.SAMPLES.names[:6], "day", *sealing.SAMPLES.names[6:]],
        "scores": sealing.SCORES.names,
        "loads": sealing.LOADS.names,
        "runs": RUNS.names,
        "prompts": PROMPTS.names,
        "models": MODELS.names,
        "declared_metrics": METRICS.names,
        "standings": list(STANDINGS),
    }
    with Warehouse.own(observatory.home) as owned, owned.cursor() as cursor:
        assert {name: cursor.table(name).columns for name in expected} == expected
