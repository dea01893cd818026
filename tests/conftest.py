"""What all tests may use: a short demo, run once for real, a made season, cells of accelerators that are not here."""

import contextlib
import datetime as dt
import fcntl
import io
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from data.architectures.shape import Shape
from data.flops.flops_model import load_flops_model
from data.home import Home
from data.measurements import ComputeWork, Configuration, Energy, Measurement, Memory, Seconds, Setup
from data.runs import RunFolder
from data.serialization import digest
from data.store.sealing import seal
from data.store.warehouse import Warehouse
from data.vocabulary import (
    LocalSource,
    Machine,
    Metric,
    Model,
    Plan,
    Prompt,
    Request,
    Sample,
    Score,
    Settings,
    Suite,
    Timing,
)
from halflife.cli import main
from leaderboard.standings import daily

hypothesis.settings.register_profile("halflife", deadline=None)  # a busy machine is slow, not wrong
hypothesis.settings.load_profile("halflife")

SEASON, NOON = dt.date(2026, 3, 1), dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
CONTENDERS = {"old": (0.4, 4.0, 0), "thrifty": (0.55, 1.0, 0), "better": (0.7, 3.0, 20), "best": (0.95, 9.0, 45)}
"""Of each made model its share of right samples, its seconds a call, and the day on which it enters."""

ROOT = Path(__file__).resolve().parents[1]


Fill = Callable[[Path], None]
MadeOnce = Callable[[str, Fill], Path]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Give each core a worker, up to six: the demo, which one worker waits for, takes longer than the rest on five."""
    return min(6, len(os.sched_getaffinity(0)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: the demo, and the browser."""
    order = {"test_demo.py": 0, "test_browser.py": 1}
    items.sort(key=lambda item: order.get(item.path.name, 2))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """Makes a folder that all workers read: `made_once("season", fill)`; whoever asks first fills it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def make(name: str, fill: Fill) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return make


def environment_of(home: Path) -> dict[str, str]:
    return {"HALFLIFE_HOME": str(home), "COLUMNS": "100", "NO_COLOR": "1"}


def start_halflife(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a user would, in a process of its own."""
    command = [sys.executable, "-m", "halflife", *arguments]
    environment = os.environ | environment_of(home)
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=900, check=False)


def call_halflife(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line's `main` in this process, which spares its imports each time."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    command = ["halflife", *arguments]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.chdir(ROOT)
        patch.setattr(sys, "argv", command)
        for variable, value in environment_of(home).items():
            patch.setenv(variable, value)
        with pytest.raises(SystemExit) as end:
            main()
    code = end.value.code
    stdout, stderr = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(
        command, code if isinstance(code, int) else int(code is not None), stdout, stderr
    )


@pytest.fixture(scope="session")
def halflife() -> "Callable[..., subprocess.CompletedProcess[str]]":
    """Runs the command line on an observatory directory: `halflife(home, "routes", "show")`."""
    return call_halflife


@pytest.fixture(scope="session")
def demo_home(made_once: MadeOnce) -> Path:
    """The observatory that a short `halflife demo` leaves behind, with its output in `demo.txt` beside it."""

    def fill(folder: Path) -> None:
        done = start_halflife(folder / "observatory", "demo", "--prompts", "3")
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "demo.txt").write_text(done.stdout)

    return made_once("demo", fill) / "observatory"


@pytest.fixture(scope="session")
def sealed_season(made_once: MadeOnce) -> Path:
    """An observatory with one sealed run that nothing was generated for: four models of a replayed season.

    Tests that write take a copy. `old` and `thrifty` are there from the start, `better` enters on day 20, `best` on 45.
    """
    return made_once("sealed-season", fill_season) / "observatory"


def fill_season(folder: Path) -> None:
    home = Home(folder / "observatory")
    home.prepare()
    seal_run(home, made_plan())


@pytest.fixture
def another_content() -> Callable[[Path], None]:
    """Seals, into a copy of the made season, a run of the suite's next version, which lacks some prompts."""

    def seal_next(home: Path) -> None:
        plan = made_plan()
        prompts = plan.suite.prompts[:40]
        suite = replace(plan.suite, version="2", prompts=prompts, digest=digest(prompts))
        kept = {prompt.id for prompt in prompts}
        requests = tuple(request for request in plan.requests if request.prompt in kept)
        seal_run(Home(home), replace(plan, run_id="20260301-shapes-0b", suite=suite, requests=requests))

    return seal_next


def seal_run(home: Home, plan: Plan) -> None:
    run = RunFolder.create(home, plan)
    write_journal(run)
    run.declare(
        [
            Metric(
                name="right",
                title="Right",
                evaluator="check",
                unit="share",
                higher_is_better=True,
                bounds=(0.0, 1.0),
                kind="quality",
            )
        ]
    )
    seal(run)
    with Warehouse.own(home) as warehouse:
        warehouse.ingest_all()
        daily.update(warehouse)
        warehouse.publish()


def made_plan() -> Plan:
    models = tuple(
        Model(
            id=name,
            title=name.title(),
            family="made",
            task="text-to-image",
            provider="nobody",
            revision="1",
            source=LocalSource(kind="embedded", pipeline="P", repository=name, revision="1"),
            revision_pinned=True,
            settings=Settings(width=64, height=64),
            licence="CC0-1.0",
            released=SEASON + dt.timedelta(days=enters),
        )
        for name, (_, _, enters) in CONTENDERS.items()
    )
    prompts = tuple(Prompt(id=f"p{i:02}", text=f"prompt {i}", category=("single", "pair")[i % 2]) for i in range(48))
    suite = Suite(
        name="shapes",
        version="1",
        task="text-to-image",
        title="Made",
        licence="CC0-1.0",
        source="here",
        primary_metric="right",
        prompts=prompts,
        digest=digest(prompts),
    )
    machine = Machine(
        name="box",
        device="cpu",
        cpu="a cpu",
        cores=2,
        memory_bytes=2**34,
        gpu=None,
        usd_per_hour=0.1,
        price_source="declared",
    )
    requests = tuple(
        Request(
            id=digest([m.id, p.id])[:32],
            model=m.id,
            prompt=p.id,
            text=p.text,
            category=p.category,
            seed=0,
            settings=m.settings,
        )
        for m in models
        for p in prompts
    )
    return Plan(
        run_id="20260301-shapes-0a",
        suite=suite,
        models=models,
        seeds=(0,),
        calendar="replayed",
        day=SEASON,
        machine=machine,
        created_at=NOON,
        requests=requests,
    )


def write_journal(run: RunFolder) -> None:
    generator = random.Random(7)
    hardness = [generator.random() for _ in range(48)]
    with run.journal("worker") as journal:
        for i, one in enumerate(run.plan.requests):
            share, pace, _ = CONTENDERS[one.model]
            seconds = pace * generator.uniform(0.95, 1.05)
            right = 0.3 * hardness[i % 48] + 0.7 * generator.random() < share
            journal.append(
                "sample",
                Sample(
                    id=one.id,
                    run_id=run.run_id,
                    model=one.model,
                    prompt=one.prompt,
                    category=one.category,
                    seed=0,
                    status="ok",
                    reason=None,
                    started_at=NOON,
                    call="steady",
                    timing=Timing(seconds=seconds),
                    width_asked=64,
                    height_asked=64,
                    width=64,
                    height=64,
                    frames=1,
                    media=digest(one.id),
                    media_type="image/png",
                    media_bytes=99,
                    cost_usd=seconds * 1e-6,
                    cost_source="machine-seconds",
                ),
            )
            journal.append(
                "score",
                Score(
                    sample=one.id,
                    metric="right",
                    value=float(right),
                    reason=None,
                    evaluator="check",
                    version="1",
                    fingerprint="f0",
                ),
            )


@pytest.fixture
def cell_of() -> Callable[..., Measurement]:
    """Makes a cell that is ok: `cell_of("sdxl", shape, 2.0, 2.1, on="h200", joules=900.0)`."""
    return made_cell


def made_cell(
    model: str, shape: Shape, *steady: float, on: str, joules: float | None = None, **setup: Any
) -> Measurement:
    nominal = float(load_flops_model().totals(model, [shape])[0])
    return Measurement(
        setup=Setup(
            model=model,
            revision="random",
            weights="random",
            shape=shape,
            accelerator=on,
            processor="a processor",
            configuration=Configuration(dtype="bfloat16"),
            repeats=len(steady),
            versions={},
            **setup,
        ),
        status="ok",
        seconds=Seconds(steady=steady),
        memory=Memory(),
        work=ComputeWork(nominal=nominal, executed=nominal),
        energy=Energy(joules=joules, reason=None if joules else "unavailable"),
        machine=Machine(
            name="nowhere's",
            device="cuda",
            cpu="a CPU",
            cores=2,
            memory_bytes=2**34,
            gpu=None,
            usd_per_hour=0.1,
            price_source="declared",
        ),
        seed=0,
        measured_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    )
