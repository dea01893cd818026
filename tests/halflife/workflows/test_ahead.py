"""Samples that another process generates ahead are those of the run; what it leaves is generated as ever."""

import datetime as dt
import threading
from pathlib import Path

from rich.console import Console

from data.home import Home
from halflife.output.progress import Bars
from halflife.workflows.ahead import generating_ahead
from halflife.workflows.observe import generate
from halflife.workflows.run_spec import RunSpec

SPEC = RunSpec(
    suite="shapes", models=("shapes-flash",), prompts=1, calendar="replayed", day=dt.date(2026, 8, 1), device="cpu"
)


def test_what_was_generated_ahead_is_not_generated_again(tmp_path: Path) -> None:
    home, silent, stop = Home(tmp_path), Bars(Console(quiet=True)), threading.Event()
    home.prepare()
    with generating_ahead(home, SPEC) as ahead:
        ahead.wait("Generating", silent, stop)
    run, summary = generate(home, SPEC, silent, stop)
    assert summary is not None
    assert (summary.planned, summary.before, summary.left) == (5, 5, 0)
    assert {sample.status for sample in run.samples().values()} == {"ok"}


def test_a_stopped_one_leaves_no_process_and_its_run_goes_on(tmp_path: Path) -> None:
    home, silent = Home(tmp_path), Bars(Console(quiet=True))
    home.prepare()
    with generating_ahead(home, SPEC) as ahead:
        pass
    assert not ahead.running
    run, summary = generate(home, SPEC, silent, threading.Event())
    assert summary is not None
    assert summary.left == 0
    assert len(run.samples()) == 5
