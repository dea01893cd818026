"""A small observatory to test on: plans, samples and scores with every field filled, and runs that are sealed."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from data.home import Home
from data.runs import RunFolder
from data.serialization import digest
from data.store.sealing import seal
from data.vocabulary import (
    Load,
    LocalSource,
    Machine,
    Metric,
    Model,
    Plan,
    Price,
    Prompt,
    RemoteSource,
    Request,
    Sample,
    Score,
    Settings,
    Suite,
    Timing,
)

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
SETTINGS = Settings(width=64, height=64, steps=8, guidance=2.5, extra={"scheduler": "ddim"})
LOCAL = LocalSource(kind="embedded", pipeline="ShapesPipeline", repository="shapes-small", revision="1")
REMOTE = RemoteSource(adapter="openai_images", base_url="http://127.0.0.1:9/v1", model="m", credential_env="KEY")
PRICE = Price(unit="image", usd=0.04, as_of=dt.date(2026, 1, 2), source="a page")
MACHINE = Machine(
    name="bench",
    device="cpu",
    cpu="a cpu",
    cores=2,
    memory_bytes=2**34,
    gpu=None,
    usd_per_hour=0.1,
    price_source="declared",
    software={"python": "3.11"},
)
QUALITY = Metric(
    name="shapes_correct",
    title="Entirely right",
    evaluator="shapes_check",
    unit="share",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    kind="quality",
)


@dataclass(frozen=True)
class Observatory:
    """Builds records that belong together, and run folders under one home."""

    home: Home

    def suite(self, prompts: int = 3) -> Suite:
        """A suite of two categories."""
        listed = tuple(
            Prompt(
                id=f"p{i}",
                text=f"a red circle, number {i}",
                category=("single", "pair")[i % 2],
                tags=("colour", "count"),
                expectation={"things": [{"colour": "red", "shape": "circle"}]},
            )
            for i in range(prompts)
        )
        return Suite(
            name="shapes",
            version="1",
            task="text-to-image",
            title="Shapes",
            licence="Apache-2.0",
            source="ours",
            primary_metric=QUALITY.name,
            prompts=listed,
            digest=digest(listed),
        )

    def model(self, name: str = "small", **changes: Any) -> Model:
        """A local contender that came out before the season."""
        model = Model(
            id=name,
            title=name.title(),
            family="shapes",
            task="text-to-image",
            provider="embedded",
            source=LOCAL,
            settings=SETTINGS,
            revision="1",
            revision_pinned=True,
            licence="Apache-2.0",
            released=dt.date(2026, 1, 5),
        )
        return replace(model, **changes)

    def plan(
        self, name: str = "20260301-shapes-0a", *, models: Iterable[Model] = (), prompts: int = 3, **changes: Any
    ) -> Plan:
        """A plan of two seeds; `changes` are fields of Plan."""
        suite, contenders = self.suite(prompts), tuple(models) or (self.model(),)
        seeds = changes.pop("seeds", (1, 2))
        requests = tuple(
            Request(
                id=digest([m.id, p.id, seed, suite.digest])[:32],
                model=m.id,
                prompt=p.id,
                text=p.text,
                category=p.category,
                seed=seed,
                settings=m.settings,
            )
            for m in contenders
            for p in suite.prompts
            for seed in seeds
        )
        day = changes.pop("day", NOON.date())
        calendar = changes.pop("calendar", "live")
        return Plan(
            run_id=name,
            suite=suite,
            models=contenders,
            seeds=seeds,
            calendar=calendar,
            day=day,
            machine=MACHINE,
            created_at=NOON,
            requests=requests,
            **changes,
        )

    def sample(self, plan: Plan, request: Request, **changes: Any) -> Sample:
        """An ok sample of a request, every field filled."""
        sample = Sample(
            id=request.id,
            run_id=plan.run_id,
            model=request.model,
            prompt=request.prompt,
            category=request.category,
            seed=request.seed,
            status="ok",
            reason=None,
            started_at=NOON,
            call="steady",
            timing=Timing(seconds=0.5, cpu_seconds=0.9, text_seconds=0.1, step_seconds=(0.1, 0.2), decode_seconds=0.1),
            width_asked=64,
            height_asked=64,
            width=64,
            height=64,
            frames=1,
            media=digest(request.id),
            media_type="image/png",
            media_bytes=321,
            cost_usd=0.5 * 0.1 / 3600,
            cost_source="machine-seconds",
            provider_timings={"queue": 0.25},
        )
        return replace(sample, **changes)

    def score(self, sample: Sample, value: float | None = 1.0, **changes: Any) -> Score:
        """A score of the suite's metric."""
        score = Score(
            sample=sample.id,
            metric=QUALITY.name,
            value=value,
            reason=None if value is not None else "no expectation",
            evaluator="shapes_check",
            version="1",
            fingerprint="f0",
            detail={"found": 1},
        )
        return replace(score, **changes)

    def load(self, plan: Plan, model: str = "small") -> Load:
        """How long a model took into memory."""
        return Load(run_id=plan.run_id, model=model, at=NOON, import_seconds=1.5, load_seconds=0.25)

    def filled(
        self, plan: Plan, value: Callable[[Request], float | None] = lambda request: request.seed / 2
    ) -> RunFolder:
        """A run that is complete and scored, and not sealed."""
        run = RunFolder.create(self.home, plan)
        samples = [self.sample(plan, request) for request in plan.requests]
        with run.journal("worker") as journal:
            journal.append_many("load", [self.load(plan, model.id) for model in plan.models])
            journal.append_many("sample", samples)
        with run.journal("scores") as journal:
            values = zip(plan.requests, samples, strict=True)
            journal.append_many("score", [self.score(sample, value(request)) for request, sample in values])
        run.declare([QUALITY])
        return run

    def sealed(self, plan: Plan, **options: Any) -> RunFolder:
        """A run that is complete, scored and sealed."""
        run = self.filled(plan, **options)
        seal(run, at=NOON)
        return run


@pytest.fixture
def observatory(tmp_path: Path) -> Observatory:
    """A builder over a prepared home in an empty folder."""
    home = Home(tmp_path / "observatory")
    home.prepare()
    return Observatory(home)
