"""Records grow by fields with defaults: what an earlier version wrote is read, ingested and named as it was.

`old_home` was sealed by the version before videos and inputs were known (commit c85a0a1).
"""

import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.home import Home
from data.journal import read_journal
from data.runs import RunFolder, runs
from data.serialization import canonical, digest, from_json, to_json
from data.store.export import export
from data.store.sealing import seal
from data.store.warehouse import Warehouse
from data.vocabulary import MediaInput, Prompt, Sample
from harness.plan import expand

LATEST_VIDEO = """
    SELECT fps_asked, video_seconds_asked, audio_asked, fps, video_seconds, audio,
           delivery, delivery_type, delivery_bytes
    FROM latest_samples ORDER BY model
"""
INPUT = MediaInput(sha256="a" * 64, media_type="image/png", path="pictures/fox.png")


@pytest.fixture
def old_home(tmp_path: Path) -> Home:
    shutil.copytree(Path(__file__).with_name("old_home"), tmp_path / "home")
    home = Home(tmp_path / "home")
    home.prepare()
    return home


@pytest.fixture
def old_run(old_home: Home) -> RunFolder:
    (run,) = runs(old_home)
    return run


def test_an_old_plan_and_its_samples_have_the_same_bytes_and_ids(old_run: RunFolder) -> None:
    plan = old_run.plan
    again = expand(
        plan.suite,
        plan.models,
        seeds=plan.seeds,
        calendar=plan.calendar,
        day=plan.day,
        machine=plan.machine,
        created_at=plan.created_at,
    )
    assert (again.run_id, again.requests) == (plan.run_id, plan.requests)
    assert canonical(again) + b"\n" == (old_run.path / "plan.json").read_bytes()
    (entry,) = read_journal(old_run.path / "journal" / "worker-1.jsonl")
    assert to_json(from_json(Sample, entry.record)) == entry.record


def test_an_old_run_is_ingested_beside_a_new_one_and_exported(
    old_home: Home, old_run: RunFolder, tmp_path: Path
) -> None:
    model = replace(old_run.plan.models[0], id="video", settings=replace(old_run.plan.models[0].settings, fps=24.0))
    suite, plan = old_run.plan.suite, old_run.plan
    suite = replace(suite, digest="b" * 64, prompts=(replace(suite.prompts[0], inputs={"image": INPUT}),))
    wanted = expand(
        suite, [model], seeds=[1], calendar="live", day=plan.day, machine=plan.machine, created_at=plan.created_at
    )
    run = RunFolder.create(old_home, wanted)
    delivered = {"fps": 24.0, "video_seconds": 5.0, "audio": True}
    delivered |= {"delivery": "c" * 64, "delivery_type": "video/mp4", "delivery_bytes": 99}
    asked = {"fps_asked": 24.0, "video_seconds_asked": 5.0, "audio_asked": True}
    (old_sample,) = old_run.samples().values()
    sample = replace(old_sample, id=wanted.requests[0].id, run_id=wanted.run_id, model="video", **asked, **delivered)
    with run.journal("worker") as journal:
        journal.append("sample", sample)
    assert run.samples() == {sample.id: sample}
    seal(run)
    with Warehouse.own(old_home) as warehouse:
        assert warehouse.ingest_all() == 2
        rows = warehouse.cursor().execute(LATEST_VIDEO).fetchall()
        inputs = warehouse.cursor().execute("SELECT inputs FROM prompts ORDER BY inputs NULLS FIRST").fetchall()
        warehouse.publish()
    assert rows == [(None,) * 9, (24.0, 5.0, True, 24.0, 5.0, True, "c" * 64, "video/mp4", 99)]
    assert inputs == [(None,), (canonical({"image": INPUT}).decode(),)]
    export(old_home, tmp_path / "out")
    exported = pq.read_table(tmp_path / "out" / "samples.parquet").to_pylist()
    assert [row["audio"] for row in sorted(exported, key=lambda row: str(row["model"]))] == [None, True]


def test_a_prompt_without_inputs_is_named_as_before_and_one_with_them_is_another() -> None:
    prompt = Prompt(id="p0", text="a red circle", category="single")
    assert "inputs" not in to_json(prompt)
    with_input = replace(prompt, inputs={"image": INPUT})
    assert digest(with_input) != digest(prompt)
    assert from_json(Prompt, to_json(with_input)) == with_input
