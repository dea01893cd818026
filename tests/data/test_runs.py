"""Claims about a run's folder: its plan, its journals folded, and its seal."""

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import data
from data.errors import HalflifeError, HomeError, InputFileError, JournalError
from data.journal import JournalWriter, read_journal
from data.media import MediaStore
from data.runs import RunFolder, fold_samples, runs
from data.serialization import file_sha256
from data.store.sealing import seal

ROOT = Path(data.__file__).parent.parent
KILLS = 20
LATER = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)

WORKER = """
import datetime as dt, os, sys
from pathlib import Path
from data.media import MediaStore
from data.runs import RunFolder
from data.vocabulary import Sample
run, media = RunFolder.open(Path(sys.argv[1])), MediaStore(Path(sys.argv[2]))
done = run.samples()
os.write(1, b"ready\\n")
with run.journal("worker") as journal:
    for r in run.plan.requests:
        if r.id in done:
            continue
        sha256 = media.put(r.id.encode() * 50, "png")
        journal.append("sample", Sample(
            id=r.id, run_id=run.run_id, model=r.model, prompt=r.prompt, category=r.category, seed=r.seed, status="ok",
            reason=None, started_at=dt.datetime.now(dt.UTC), call="steady", timing=None, width_asked=1, height_asked=1,
            media=sha256))
        os.write(1, r.id.encode() + b"\\n")
"""


def test_a_run_lies_under_its_month_and_reads_back_its_plan(observatory: Any) -> None:
    plan = observatory.plan()
    run = RunFolder.create(observatory.home, plan)
    assert run.path == observatory.home.runs / "2026-03" / plan.run_id
    assert RunFolder.open(run.path).plan == plan
    assert [each.run_id for each in runs(observatory.home)] == [plan.run_id]


def test_the_same_plan_made_later_opens_the_run_that_is_there(observatory: Any) -> None:
    plan = observatory.plan()
    RunFolder.create(observatory.home, plan)
    again = RunFolder.create(observatory.home, replace(plan, created_at=LATER))
    assert again.plan.created_at == plan.created_at


def test_another_plan_under_the_same_id_is_refused(observatory: Any) -> None:
    plan = observatory.plan()
    RunFolder.create(observatory.home, plan)
    with pytest.raises(HomeError, match="got one that wants other samples"):
        RunFolder.create(observatory.home, replace(plan, requests=plan.requests[1:]))


@pytest.mark.parametrize("name", ["../escape", "", "A", "a/b", ".hidden"])
def test_a_run_id_is_never_a_path(observatory: Any, name: str) -> None:
    with pytest.raises(ValueError, match="Expected a run id"):
        RunFolder.create(observatory.home, observatory.plan(name))


def test_a_folder_without_a_plan_is_no_run(observatory: Any) -> None:
    (observatory.home.runs / "2026-03" / "stray").mkdir(parents=True)
    assert runs(observatory.home) == []
    with pytest.raises(InputFileError, match=r"a run's folder with a plan\.json, got none"):
        RunFolder.open(observatory.home.runs / "2026-03" / "stray")


def test_a_plan_in_another_runs_folder_is_refused(observatory: Any) -> None:
    run = RunFolder.create(observatory.home, observatory.plan())
    run.path.rename(run.path.with_name("renamed"))
    with pytest.raises(InputFileError, match="Expected the plan of run 'renamed', got that of '20260301-shapes-0a'"):
        _ = RunFolder.open(run.path.with_name("renamed")).plan


def test_a_damaged_plan_is_refused_by_name(observatory: Any) -> None:
    run = RunFolder.create(observatory.home, observatory.plan())
    (run.path / "plan.json").write_text('{"run_id": ')
    with pytest.raises(InputFileError, match=r"plan\.json: Expected a run's plan, got:"):
        _ = RunFolder.open(run.path).plan


def test_every_worker_and_attempt_has_a_journal_of_its_own(observatory: Any) -> None:
    run = RunFolder.create(observatory.home, observatory.plan())
    with run.journal("a") as zombie, run.journal("a") as next_one, run.journal("b") as other:
        for journal in (zombie, next_one, other):
            journal.append("intent", {"sample": journal.path.name})
    assert [intent["sample"] for intent in run.intents()] == ["a-1.jsonl", "a-2.jsonl", "b-1.jsonl"]


def test_a_tenth_attempt_follows_the_ninth(observatory: Any) -> None:
    run = RunFolder.create(observatory.home, observatory.plan())
    for number in range(1, 12):
        with run.journal("a") as journal:
            journal.append("intent", {"number": number})
    assert [intent["number"] for intent in run.intents()] == list(range(1, 12))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["failed", "ok"], "ok"),
        (["ok", "failed"], "ok"),
        (["failed", "refused"], "refused"),
        (["failed", "unknown"], "failed"),
        (["unknown", "timed-out"], "timed-out"),
        (["unknown", "unknown"], "unknown"),
    ],
)
def test_repeats_of_a_sample_fold(observatory: Any, statuses: list[str], expected: str) -> None:
    plan = observatory.plan()
    run = RunFolder.create(observatory.home, plan)
    for status in statuses:
        with run.journal("worker") as journal:
            journal.append("sample", observatory.sample(plan, plan.requests[0], status=status))
    assert [sample.status for sample in run.samples().values()] == [expected]


def test_of_two_ok_samples_the_earliest_stays(observatory: Any) -> None:
    plan = observatory.plan()
    early, late = (
        observatory.sample(plan, plan.requests[0], started_at=LATER + dt.timedelta(hours=hour), request_id=str(hour))
        for hour in (1, 2)
    )
    assert fold_samples([late, early])[early.id] == early
    assert fold_samples([early, late])[early.id] == early


@given(st.permutations(["failed", "unknown", "ok", "refused", "timed-out"]), st.integers(0, 5))
def test_the_order_of_journals_does_not_change_what_they_say(statuses: list[str], cut: int) -> None:
    fields = {"id": "s", "run_id": "r", "model": "m", "prompt": "p", "category": "c", "seed": 1, "reason": None}
    more = {"call": "steady", "timing": None, "width_asked": 1, "height_asked": 1}
    samples = [
        data.vocabulary.Sample(status=status, started_at=LATER + dt.timedelta(seconds=n), **fields, **more)  # type: ignore[arg-type]
        for n, status in enumerate(statuses)
    ]
    assert fold_samples(samples) == fold_samples(samples[cut:] + samples[:cut])


def test_a_score_with_a_value_stands_before_a_reason_and_the_last_before_others(observatory: Any) -> None:
    plan = observatory.plan()
    run = RunFolder.create(observatory.home, plan)
    sample = observatory.sample(plan, plan.requests[0])
    with run.journal("scores") as journal:
        for value in (None, 0.25, 0.5, None):
            journal.append("score", observatory.score(sample, value))
        journal.append("score", observatory.score(sample, 0.75, version="2"))
    values = {key[2]: score.value for key, score in run.scores().items()}
    assert values == {"1": 0.5, "2": 0.75}


def test_a_damaged_line_is_named_and_the_rest_can_be_kept(observatory: Any) -> None:
    run = observatory.filled(observatory.plan())
    path = run.path / "journal" / "worker-1.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b"steady", b"stead!"), *lines[3:]]))
    with pytest.raises(JournalError, match=r"worker-1\.jsonl, line 3"):
        run.samples()
    assert [damage.line for damage in run.damaged()] == [3]
    assert len(RunFolder.open(run.path, skip_damaged=True).samples()) == 5


def test_a_record_of_another_version_is_named(observatory: Any) -> None:
    run = RunFolder.create(observatory.home, observatory.plan())
    with run.journal("worker") as journal:
        journal.append("load", {"model": "small"})
    with pytest.raises(JournalError, match=r"worker-1\.jsonl, line 1: Load: expected the keys .* another version"):
        run.loads()


def test_a_run_is_sealed_with_counts_and_digests_that_hold(observatory: Any) -> None:
    run = observatory.filled(observatory.plan())
    assert not run.committed
    seal(run)
    commit = json.loads((run.path / "COMMIT.json").read_bytes())
    assert run.committed
    assert (commit["attempt"], commit["counts"]["ok"], commit["counts"]["scores"]) == (1, 6, 6)
    for file in commit["files"].values():
        assert file_sha256(run.path / file["name"]) == file["sha256"]
        assert pq.read_table(run.path / file["name"]).num_rows == file["rows"]


def test_an_incomplete_run_is_sealed_only_where_that_is_meant(observatory: Any) -> None:
    plan = observatory.plan()
    run = RunFolder.create(observatory.home, plan)
    with run.journal("worker") as journal:
        journal.append("sample", observatory.sample(plan, plan.requests[0]))
    assert run.missing() == [request.id for request in plan.requests[1:]]
    with pytest.raises(HalflifeError, match=r"Expected all 6 samples of run .*, got 5 fewer\. Run it again"):
        seal(run)
    assert not run.committed
    seal(run, partial=True)
    commit = run.commit()
    assert commit is not None
    assert (commit.counts["planned"], commit.counts["samples"]) == (6, 1)


def test_sealing_again_does_nothing(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    before = {path.name: path.stat().st_mtime_ns for path in run.path.iterdir()}
    seal(run, at=LATER)
    assert {path.name: path.stat().st_mtime_ns for path in run.path.iterdir()} == before


def test_new_scores_seal_the_run_again_under_the_next_attempt(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    with run.journal("scores") as journal:
        journal.append("score", observatory.score(next(iter(run.samples().values())), 0.5, version="2"))
    seal(run, at=LATER)
    commit = run.commit()
    assert commit is not None
    assert (commit.attempt, commit.counts["scores"], commit.sealed_at) == (2, 7, LATER)
    assert commit.committed_at < LATER
    assert sorted(path.name for path in run.path.glob("*.parquet")) == [
        "loads-2.parquet",
        "samples-2.parquet",
        "scores-2.parquet",
    ]


def test_a_damaged_seal_is_made_again_from_the_journals(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    (run.path / "samples.parquet").write_bytes(b"")
    seal(run)
    assert run.commit().attempt == 2
    assert pq.read_table(run.path / "samples-2.parquet").num_rows == 6


def test_a_seal_is_never_made_from_fewer_journals_than_before(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    (run.path / "journal" / "worker-1.jsonl").unlink()
    with pytest.raises(InputFileError, match=r"the journals that were sealed, got none named worker-1\.jsonl"):
        seal(run, partial=True)


def test_scores_of_samples_that_are_not_ok_are_set_aside_and_counted(observatory: Any) -> None:
    run = observatory.filled(observatory.plan())
    sample = next(iter(run.samples().values()))
    with run.journal("worker") as journal:
        journal.append("score", observatory.score(replace(sample, id="f" * 32)))
        journal.append("sample", replace(sample, id="e" * 32))
    seal(run)
    commit = run.commit()
    assert commit is not None
    assert (commit.counts["samples"], commit.counts["scores"], commit.counts["set_aside"]) == (6, 6, 2)


def test_a_refused_sample_is_sealed_without_timing_and_without_a_score(observatory: Any) -> None:
    plan = observatory.plan(prompts=1, seeds=(1,))
    run = RunFolder.create(observatory.home, plan)
    with run.journal("worker") as journal:
        refused = observatory.sample(plan, plan.requests[0], status="refused", reason="unsafe", timing=None, media=None)
        journal.append("sample", refused)
        journal.append("score", observatory.score(refused))
    seal(run)
    row = pq.read_table(run.path / "samples.parquet").to_pylist()[0]
    assert (row["status"], row["reason"], row["seconds"], row["step_seconds"]) == ("refused", "unsafe", None, None)
    assert pq.read_table(run.path / "scores.parquet").num_rows == 0


def test_declared_metrics_are_kept_and_replaced_by_name(observatory: Any) -> None:
    run = observatory.filled(observatory.plan())
    (metric,) = run.metrics()
    run.declare([replace(metric, title="New"), replace(metric, name="another")])
    assert [(each.name, each.title) for each in run.metrics()] == [("another", metric.title), (metric.name, "New")]


def test_damaged_metrics_and_commits_are_named(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    (run.path / "metrics.json").write_text("[")
    (run.path / "COMMIT.json").write_text("{}")
    with pytest.raises(InputFileError, match=r"metrics\.json: Expected metrics, got"):
        run.metrics()
    with pytest.raises(InputFileError, match=r"COMMIT\.json: Expected a run's commit, got"):
        run.commit()


def test_a_commit_that_names_a_path_is_refused(observatory: Any) -> None:
    run = observatory.sealed(observatory.plan())
    text = (run.path / "COMMIT.json").read_text()
    (run.path / "COMMIT.json").write_text(text.replace('"samples.parquet"', '"../../samples.parquet"'))
    with pytest.raises(InputFileError, match="the plain name of a Parquet file"):
        run.commit()


def work_until_killed(run: RunFolder, media: Path, acknowledgements: int | None) -> list[str]:
    """Let a worker go on with the run, kill it after so many acknowledgements, and return all that it acknowledged."""
    command = [sys.executable, "-c", WORKER, str(run.path), str(media)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        seen = []
        while acknowledgements is None or len(seen) <= acknowledgements:
            line = worker.stdout.readline()
            if not line:
                break
            seen.append(line)
        if acknowledgements is not None:
            os.kill(worker.pid, signal.SIGKILL)
        seen += worker.stdout.readlines()
    return [line.decode().strip() for line in seen[1:]]


def test_a_worker_killed_at_random_moments_loses_and_repeats_nothing(observatory: Any) -> None:
    plan = observatory.plan(prompts=60)
    run, dice = RunFolder.create(observatory.home, plan), random.Random(7)
    acknowledged: list[str] = []
    for _ in range(KILLS):
        acknowledged += work_until_killed(run, observatory.home.media, dice.randrange(5))
        assert set(acknowledged) <= set(run.samples())
    acknowledged += work_until_killed(run, observatory.home.media, None)
    lines = [entry for path in (run.path / "journal").iterdir() for entry in read_journal(path)]
    assert sorted(entry.record["id"] for entry in lines) == sorted(request.id for request in plan.requests)
    assert len(acknowledged) == len(set(acknowledged))
    media = MediaStore(observatory.home.media)
    assert all(media.path(sample.media).stat().st_size == 32 * 50 for sample in run.samples().values())
    seal(run)
    assert run.commit().counts["ok"] == len(plan.requests)


def test_a_reopened_attempt_cuts_what_a_kill_left(observatory: Any) -> None:
    run = observatory.filled(observatory.plan())
    path = run.path / "journal" / "worker-1.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    assert len(run.samples()) == 6
    JournalWriter(path).close()
    assert path.read_bytes() == whole
