"""Claims about export: plain files for pandas, a folder that is whole or not there."""

import csv
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.errors import HalflifeError, HomeError
from data.store.export import QUERIES, export
from data.store.warehouse import Warehouse


@pytest.fixture
def published(observatory: Any, standings: Callable[[Warehouse], None]) -> Any:
    observatory.sealed(observatory.plan())
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.ingest_all()
        warehouse.refresh_means()
        standings(warehouse)
        warehouse.publish()
    return observatory


def test_parquet_files_say_what_is_published(published: Any, tmp_path: Path) -> None:
    files = export(published.home, tmp_path / "out")
    assert [file.name for file in files] == [f"{name}.parquet" for name in QUERIES]
    frames = {file.stem: pd.read_parquet(file) for file in files}
    assert {name: len(frame) for name, frame in frames.items()} == {
        "runs": 1,
        "models": 1,
        "prompts": 3,
        "samples": 6,
        "scores": 6,
        "standings": 1,
    }
    assert list(frames["samples"]["step_seconds"][0]) == [0.1, 0.2]


def test_csv_files_say_the_same_with_lists_as_json(published: Any, tmp_path: Path) -> None:
    files = {file.stem: pd.read_csv(file) for file in export(published.home, tmp_path / "out", "csv")}
    parquet = {file.stem: pd.read_parquet(file) for file in export(published.home, tmp_path / "two", "parquet")}
    assert {name: list(frame.columns) for name, frame in files.items()} == {
        name: list(frame.columns) for name, frame in parquet.items()
    }
    assert files["samples"]["step_seconds"][0] == "[0.1,0.2]"
    assert list(files["scores"]["value"]) == list(parquet["scores"]["value"])


def test_no_cell_of_a_csv_file_is_a_formula(observatory: Any, tmp_path: Path) -> None:
    hostile = ["=HYPERLINK(A1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a=b", "1-2"]
    plan = observatory.plan()
    prompts = tuple(replace(plan.suite.prompts[0], id=f"p{i}", text=text) for i, text in enumerate(hostile))
    observatory.sealed(replace(plan, suite=replace(plan.suite, prompts=prompts)))
    with Warehouse.own(observatory.home) as warehouse:
        warehouse.load_recorded()
        warehouse.publish()
    for form in ("csv", "parquet"):
        export(observatory.home, tmp_path / form, form)
    with (tmp_path / "csv" / "prompts.csv").open(newline="") as file:
        texts = {row["prompt"]: row["text"] for row in csv.DictReader(file)}
    assert texts == {f"p{i}": text if text[0] in "a1" else f"'{text}" for i, text in enumerate(hostile)}
    assert sorted(pd.read_parquet(tmp_path / "parquet" / "prompts.parquet")["text"]) == sorted(hostile)


def test_an_earlier_export_is_replaced(published: Any, tmp_path: Path) -> None:
    export(published.home, tmp_path / "out", "parquet")
    export(published.home, tmp_path / "out", "csv")
    assert sorted(os.listdir(tmp_path / "out")) == sorted(f"{name}.csv" for name in QUERIES)
    assert sorted(os.listdir(tmp_path)) == ["observatory", "out"]


def test_what_a_killed_export_left_is_removed(published: Any, tmp_path: Path) -> None:
    (tmp_path / ".out.0123456789ab.tmp").mkdir()
    (tmp_path / ".out.0123456789ab.tmp" / "runs.csv").touch()
    export(published.home, tmp_path / "out", "csv")
    assert sorted(os.listdir(tmp_path)) == ["observatory", "out"]


def test_a_folder_with_anything_else_in_it_is_left_alone(published: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("")
    with pytest.raises(
        HomeError, match=r"Expected an empty folder or an earlier export in .*, got 'thesis\.tex' in it"
    ):
        export(published.home, tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["thesis.tex"]
    with pytest.raises(HomeError, match="Expected a folder to export into, got the file"):
        export(published.home, tmp_path / "out" / "thesis.tex")


def test_a_place_that_cannot_be_written_is_told(published: Any) -> None:
    with pytest.raises(HomeError, match="Expected to write /proc/"):
        export(published.home, Path("/proc/halflife-export"))


def test_nothing_published_is_told_with_what_to_run(observatory: Any, tmp_path: Path) -> None:
    with pytest.raises(HalflifeError, match=r"Expected a published board in .*, got none\. Run `halflife run`"):
        export(observatory.home, tmp_path / "out")
