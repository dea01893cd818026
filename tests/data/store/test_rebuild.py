"""Claims about rebuilding: the same content as the store that grew, and the old one until the new one is whole."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.errors import StoreBusyError
from data.runs import RunFolder
from data.store.patience import Patience
from data.store.rebuild import rebuild
from data.store.sealing import seal
from data.store.snapshot import current
from data.store.warehouse import Warehouse

FIRST = dt.date(2026, 3, 1)


def season(observatory: Any, standings: Callable[[Warehouse], None]) -> None:
    """A store that grew over days: two calendars, failures, a missing score, a run that was scored and sealed again."""
    models = [observatory.model("old"), observatory.model("new", released=dt.date(2026, 4, 9))]
    plans = [
        observatory.plan("20260301-shapes-0a", models=models),
        observatory.plan("20260302-shapes-0b", models=models, day=dt.date(2026, 3, 2)),
        observatory.plan("20260301-replay-0c", models=models, calendar="replayed"),
    ]
    with Warehouse.own(observatory.home) as warehouse:
        for plan in plans:
            run = observatory.filled(plan, value=lambda request: 0.1 * request.seed if request.prompt != "p2" else None)
            with run.journal("worker") as journal:
                failed = observatory.sample(
                    plan, plan.requests[0], status="failed", reason="out of memory", timing=None
                )
                journal.append("sample", replace(failed, started_at=failed.started_at - dt.timedelta(hours=1)))
            seal(run)
            warehouse.ingest_all()
            standings(warehouse)
            warehouse.publish()
        rescore(observatory, RunFolder.open(observatory.home.runs / "2026-03" / "20260301-shapes-0a"))
        warehouse.ingest_all()
        warehouse.refresh_means()
        standings(warehouse)
        warehouse.publish()


def rescore(observatory: Any, run: RunFolder) -> None:
    with run.journal("scores") as journal:
        journal.append_many("score", [observatory.score(sample, 0.3, version="2") for sample in run.samples().values()])
    seal(run)


def test_a_rebuilt_store_equals_the_one_that_grew(
    observatory: Any, content: Callable[[Path], dict[str, Any]], standings: Callable[[Warehouse], None]
) -> None:
    season(observatory, standings)
    path = observatory.home.store / "warehouse.duckdb"
    grown = content(path)
    rebuilt = rebuild(observatory.home, standings=standings)
    assert (rebuilt.runs, rebuilt.refused, rebuilt.generation) == (3, (), 5)
    assert content(path) == grown
    assert {len(grown[name]) > 0 for name in ("standings", "prompt_means", "daily_prompt_means", "scores")} == {True}
    assert content(current(observatory.home).path) == grown


def test_a_store_that_is_damaged_is_made_again(observatory: Any, standings: Callable[[Warehouse], None]) -> None:
    season(observatory, standings)
    (observatory.home.store / "warehouse.duckdb").write_bytes(b"garbage" * 1000)
    (observatory.home.store / "warehouse.duckdb.wal").write_bytes(b"garbage")
    assert rebuild(observatory.home).runs == 3
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.ingest_all() == 0


def test_what_is_refused_is_told_and_the_rest_rebuilt(observatory: Any, standings: Callable[[Warehouse], None]) -> None:
    season(observatory, standings)
    (observatory.home.runs / "2026-03" / "20260301-replay-0c" / "scores.parquet").unlink()
    rebuilt = rebuild(observatory.home)
    assert rebuilt.runs == 2
    assert ["scores.parquet" in str(error) for error in rebuilt.refused] == [True]


def test_a_store_with_an_owner_is_not_rebuilt(observatory: Any) -> None:
    with Warehouse.own(observatory.home), pytest.raises(StoreBusyError, match="is owned by process"):
        rebuild(observatory.home, patience=Patience(seconds=0))


def test_a_rebuild_that_fails_leaves_the_old_store_and_nothing_beside(
    observatory: Any, content: Callable[[Path], dict[str, Any]], standings: Callable[[Warehouse], None]
) -> None:
    season(observatory, standings)
    grown = content(observatory.home.store / "warehouse.duckdb")

    def broken(warehouse: Warehouse) -> None:
        raise ZeroDivisionError("standings")

    with pytest.raises(ZeroDivisionError, match="standings"):
        rebuild(observatory.home, standings=broken)
    assert content(observatory.home.store / "warehouse.duckdb") == grown
    assert {path.name for path in observatory.home.store.iterdir()} == {"owner.lock", "warehouse.duckdb"}


def test_a_run_copied_from_another_machine_is_merged(observatory: Any, tmp_path: Path) -> None:
    plan = observatory.plan()
    observatory.sealed(plan)
    there = observatory.sealed(observatory.plan("20260302-shapes-0b", day=dt.date(2026, 3, 2)))
    there.path.rename(tmp_path / "elsewhere")
    assert rebuild(observatory.home).runs == 1
    (tmp_path / "elsewhere").rename(there.path)
    with Warehouse.own(observatory.home) as warehouse:
        assert warehouse.ingest_all() == 1
