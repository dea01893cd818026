"""What the harness's tests share: a small suite, models, a home, a progress that counts."""

import datetime as dt
import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.vocabulary import LocalSource, Machine, Model, Plan, Prompt, Settings, Suite
from harness.plan import expand

DAY = dt.date(2026, 3, 1)
CREATED = dt.datetime(2026, 3, 1, 2, 30, tzinfo=dt.UTC)


class CountingProgress:
    """Keeps the phases with how many steps each was to have and had."""

    def __init__(self) -> None:
        self.phases: list[list[Any]] = []
        self.on_advance: Callable[[], None] = lambda: None

    def begin(self, name: str, total: int) -> None:
        self.phases.append([name, total, 0])

    def advance(self, steps: int = 1) -> None:
        self.phases[-1][2] += steps
        self.on_advance()

    def end(self) -> None:
        pass


@pytest.fixture
def progress() -> CountingProgress:
    return CountingProgress()


@pytest.fixture
def machine() -> Machine:
    return Machine(
        name="bench",
        device="cpu",
        cpu="a CPU",
        cores=2,
        memory_bytes=8 * 2**30,
        gpu=None,
        usd_per_hour=3.6,
        price_source="declared",
    )


@pytest.fixture
def suite() -> Suite:
    prompts = tuple(
        Prompt(id=f"p{number}", text=f"a picture of {number} things", category="counting") for number in range(4)
    )
    return Suite(
        name="things",
        version="1",
        task="text-to-image",
        title="Things",
        licence="CC0-1.0",
        source="these tests",
        primary_metric="clip_score",
        prompts=prompts,
        digest="d" * 64,
    )


@pytest.fixture
def model() -> Model:
    return Model(
        id="painter",
        title="Painter",
        family="painters",
        task="text-to-image",
        provider="local",
        source=LocalSource(kind="directory", pipeline="DiffusionPipeline", repository="nowhere", revision="1"),
        settings=Settings(width=16, height=16),
        revision="1",
        revision_pinned=True,
        licence="MIT",
        released=DAY,
    )


@pytest.fixture
def models(model: Model) -> tuple[Model, ...]:
    return model, replace(model, id="sketcher", title="Sketcher")


@pytest.fixture
def plan(suite: Suite, models: tuple[Model, ...], machine: Machine) -> Plan:
    return expand(suite, models, seeds=(0, 1), calendar="live", day=DAY, machine=machine, created_at=CREATED)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "observatory")
    place.prepare()
    return place


@pytest.fixture
def run(home: Home, plan: Plan) -> RunFolder:
    return RunFolder.create(home, plan)


@pytest.fixture
def media(home: Home) -> MediaStore:
    return MediaStore(home.media)


@pytest.fixture(scope="session")
def painting() -> ModuleType:
    """The module of the quick generator, which is also a program of its own."""
    place = Path(__file__).with_name("painting.py")
    spec = importlib.util.spec_from_file_location("painting", place)
    if spec is None or spec.loader is None:
        raise ImportError(f"Expected a module in {place}, got none.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
