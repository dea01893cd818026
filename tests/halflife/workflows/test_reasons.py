"""Why samples failed or have no score: one reason for all that differ in digits alone, the most frequent first."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from data.catalogue import load_catalogue, this_machine
from data.home import Home
from data.runs import RunFolder
from data.suites import load_suite, narrowed
from data.vocabulary import Sample, Score, Status
from halflife.workflows.reasons import Reason, failures, unscored
from harness.plan import expand

NOW = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    catalogue, suite = load_catalogue(), narrowed(load_suite("shapes"), (), each=1)
    models = catalogue.select(("shapes-flash",), task=suite.task)
    machine = this_machine(catalogue, None, device="cpu")
    plan = expand(suite, models, seeds=(0,), calendar="replayed", day=NOW.date(), machine=machine, created_at=NOW)
    return RunFolder.create(Home(tmp_path), plan)


def keep(run: RunFolder, statuses: list[tuple[Status, str | None]]) -> list[Sample]:
    base = {"run_id": run.run_id, "category": "x", "started_at": NOW, "call": "steady", "timing": None}
    samples = [
        Sample(
            id=request.id,
            model=request.model,
            prompt=request.prompt,
            seed=0,
            status=status,
            reason=reason,
            width_asked=32,
            height_asked=32,
            **base,  # type: ignore[arg-type]
        )
        for request, (status, reason) in zip(run.plan.requests, statuses, strict=False)
    ]
    with run.journal("worker") as journal:
        journal.append_many("sample", samples)
    return samples


def test_failures_that_differ_in_digits_are_one_reason(run: RunFolder) -> None:
    keep(run, [("failed", "401: req-1"), ("refused", "no"), ("failed", "401: req-2"), ("ok", None)])
    assert failures(run) == (
        Reason("shapes-flash", "failed", 2, "401: req-1"),
        Reason("shapes-flash", "refused", 1, "no"),
    )


def test_a_metric_without_any_score_says_why_and_one_score_is_enough(run: RunFolder) -> None:
    metric = run.plan.suite.primary_metric
    sample, other, *_ = keep(run, [("ok", None), ("ok", None)])
    score = Score(
        sample=sample.id, metric=metric, value=None, reason="unknown words", evaluator="e", version="1", fingerprint="f"
    )
    with run.journal("scores") as journal:
        journal.append("score", score)
    assert unscored(run) == (Reason(metric, "without a score", 1, "unknown words"),)
    with run.journal("scores") as journal:
        journal.append("score", replace(score, sample=other.id, value=1.0, reason=None))
    assert unscored(run) == ()
