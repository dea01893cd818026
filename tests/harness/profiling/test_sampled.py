"""A run of samples is a cell a model: its steady calls, its first apart, once in the home."""

import datetime as dt
from pathlib import Path
from typing import Any

from data.catalogue.library import load_catalogue
from data.home import Home
from data.measurements import load_measurements
from data.runs import RunFolder
from data.vocabulary import Load, Sample, Suite, Timing
from harness.plan import expand
from harness.profiling.sampled import keep_cells

AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_steady_samples_that_are_ok_are_the_seconds_of_a_models_cell(
    tmp_path: Path, suite: Suite, machine: Any
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    model = load_catalogue().model("shapes-nano")
    plan = expand(suite, [model], seeds=(0,), calendar="live", day=AT.date(), machine=machine, created_at=AT)
    run = RunFolder.create(home, plan)
    with run.journal("w") as journal:
        journal.append("load", Load(run_id=plan.run_id, model=model.id, at=AT, import_seconds=1.0, load_seconds=2.0))
        for number, request in enumerate(plan.requests):
            journal.append(
                "sample",
                Sample(
                    id=request.id,
                    run_id=plan.run_id,
                    model=model.id,
                    prompt=request.prompt,
                    category="c",
                    seed=0,
                    status="failed" if number == 3 else "ok",
                    reason="No." if number == 3 else None,
                    started_at=AT,
                    call="steady" if number else "first",
                    width_asked=32,
                    height_asked=32,
                    timing=Timing(seconds=9.0 - number, step_seconds=(0.1,) * 8, text_seconds=0.01, cpu_seconds=0.5),
                ),
            )
    (cell,) = keep_cells(home, run, lambda model, shape: shape.steps)
    assert (cell.seconds.load, cell.seconds.first, cell.seconds.steady) == (2.0, 9.0, (8.0, 7.0))
    assert (cell.setup.model, cell.setup.accelerator, cell.setup.repeats) == ("shapes-nano", "cpu", 2)
    assert (cell.setup.shape.steps, cell.work.nominal) == (8, 8.0)
    assert keep_cells(home, run, lambda model, shape: shape.steps) == [cell]
    assert load_measurements(home) == (cell,)
