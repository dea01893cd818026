"""A warehouse on disk with runs that were never made: seeded scores of a few models, written as rows."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.home import Home
from data.serialization import canonical
from data.store.warehouse import Warehouse
from data.vocabulary import Machine, Settings
from leaderboard.standings import daily

SEASON = dt.date(2026, 1, 1)
NOON = dt.datetime(2026, 5, 1, 12)
CATEGORIES = ("single", "pair-left-right")
LOCAL = json.dumps(
    {"kind": "embedded", "pipeline": "Shapes", "repository": "shapes", "revision": "r", "dtype": "float32"}
)
BOX = Machine(
    name="box",
    device="cpu",
    cpu="a CPU",
    cores=2,
    memory_bytes=2**34,
    gpu=None,
    usd_per_hour=0.1,
    price_source="declared",
)
REMOTE = json.dumps(
    {"adapter": "openai_images", "base_url": "https://images.example/v1", "model": "big", "credential_env": "BIG_KEY"}
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """One model of a made run: its share of right samples, and what it costs and takes.

    Of its samples that came, the first `unsound` of each category are.
    """

    name: str
    right: float
    enters: int = 0
    retires: int | None = None
    successor: str | None = None
    usd: float = 1e-6
    failing: float = 0.0
    unsound: int = 0
    remote: bool = False
    size: int = 32


@dataclass(frozen=True, kw_only=True)
class MadeRun:
    """A committed run of some models."""

    run_id: str
    models: tuple[Made, ...]
    calendar: str = "replayed"
    day: dt.date = SEASON
    committed_at: dt.datetime = NOON
    version: str = "1"
    fingerprint: str = "fp"
    metrics: tuple[str, ...] = ("shapes_correct",)
    prompts: int = 40
    seeds: tuple[int, ...] = (0, 1)
    seed: int = field(default=1)


Fill = Callable[..., None]


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    home = Home(tmp_path / "observatory")
    home.prepare()
    with Warehouse.own(home) as owned:
        yield owned


@pytest.fixture
def fill(warehouse: Warehouse) -> Fill:
    """Write runs' rows as ingesting them would."""

    def write(*runs: MadeRun) -> None:
        for run in runs:
            write_run(warehouse, run)

    return write


@pytest.fixture(scope="session")
def ladder() -> tuple[Made, ...]:
    """Six models that come one after the other, each better and dearer than the one before; the third retires."""
    return (
        Made(name="m0", right=0.2, usd=1e-6),
        Made(name="m1", right=0.35, usd=2e-6),
        Made(name="m2", right=0.5, usd=3e-6, retires=60, successor="m4"),
        Made(name="m3", right=0.65, usd=4e-6, enters=15),
        Made(name="m4", right=0.85, usd=5e-6, enters=40),
        Made(name="m5", right=1.0, usd=9e-6, enters=65),
    )


@pytest.fixture(scope="session")
def made() -> Any:
    """The two classes that describe a run."""
    return Made, MadeRun


@pytest.fixture(scope="session")
def season_warehouse(tmp_path_factory: pytest.TempPathFactory, ladder: tuple[Made, ...]) -> Iterator[Warehouse]:
    """A replayed season of the ladder with its standings, made once, for tests that only read."""
    home = Home(tmp_path_factory.mktemp("season") / "observatory")
    home.prepare()
    with Warehouse.own(home) as owned:
        write_run(owned, MadeRun(run_id="r1", models=ladder, prompts=80))
        daily.update(owned)
        yield owned


def write_run(warehouse: Warehouse, run: MadeRun) -> None:
    samples, scores = _samples(run)
    with warehouse.cursor() as cursor:
        _insert(cursor, "ingested", [[run.run_id, 1, f"commit-{run.run_id}"]])
        _insert(
            cursor,
            "runs",
            [
                [
                    run.run_id,
                    "shapes",
                    "1",
                    "digest-of-shapes",
                    "Shapes",
                    "text-to-image",
                    "shapes_correct",
                    run.calendar,
                    run.day,
                    run.committed_at,
                    run.committed_at,
                    "box",
                    "cpu",
                    0.1,
                    "declared",
                    canonical(BOX).decode(),
                    len(run.seeds),
                    "plan",
                    None,
                ]
            ],
        )
        _insert(cursor, "models", [_model_row(run, model) for model in run.models])
        declared = [
            [run.run_id, metric, metric, "check", "", True, 0.0, 1.0, "quality", None, None] for metric in run.metrics
        ]
        _insert(cursor, "declared_metrics", declared)
        for table, frame in (("samples", samples), ("scores", scores)):
            if len(frame):
                cursor.from_df(frame.reindex(columns=_names(cursor, table))).insert_into(table)


def _names(cursor: Any, table: str) -> list[str]:
    return [str(column) for column in cursor.table(table).columns]


def _insert(cursor: Any, table: str, rows: list[list[Any]]) -> None:
    names = _names(cursor, table)
    for row in rows:
        cursor.table(table).insert(row) if len(row) == len(names) else pytest.fail(f"{table} has {names}")


def _model_row(run: MadeRun, model: Made) -> list[Any]:
    retired = None if model.retires is None else run.day + dt.timedelta(days=model.retires)
    price = ["image", 0.04, dt.date(2026, 4, 1)] if model.remote else [None, None, None]
    settings = Settings(width=model.size, height=model.size, steps=8, guidance=2.5)
    return [
        run.run_id,
        model.name,
        model.name.upper(),
        "family",
        "text-to-image",
        "somebody",
        "remote" if model.remote else "local",
        "r1",
        True,
        "Apache-2.0",
        run.day + dt.timedelta(days=model.enters),
        retired,
        model.successor,
        8,
        2.5,
        model.size,
        model.size,
        1,
        canonical(settings).decode(),
        REMOTE if model.remote else LOCAL,
        *price,
    ]


def _samples(run: MadeRun) -> tuple[pd.DataFrame, pd.DataFrame]:
    generator = np.random.default_rng(run.seed)
    hardness = generator.random(run.prompts)
    samples, scores = [], []
    for model in run.models:
        entered = run.day + dt.timedelta(days=model.enters) if run.calendar == "replayed" else run.day
        for number, prompt in enumerate(range(run.prompts)):
            for seed in run.seeds:
                ok = generator.random() >= model.failing
                key = {
                    "run_id": run.run_id,
                    "sample": f"{model.name}-{prompt}-{seed}",
                    "model": model.name,
                    "prompt": f"p{prompt:03}",
                    "category": CATEGORIES[prompt % 2],
                }
                usd = None if model.remote else model.usd * generator.lognormal(0, 0.02)
                samples.append(
                    key
                    | {
                        "seed": seed,
                        "day": entered,
                        "status": "ok" if ok else "failed",
                        "started_at": run.committed_at,
                        "call": "first" if number == 0 and seed == run.seeds[0] else "steady",
                        "seconds": model.usd * 1e4 * generator.lognormal(0, 0.1),
                        "cost_usd": usd,
                        "cost_source": "unknown" if model.remote else "machine-seconds",
                        "width_asked": 32,
                        "height_asked": 32,
                        "frames_asked": 1,
                        "seed_support": "echoed",
                    }
                )
                if ok and number // 2 < model.unsound and seed == run.seeds[0]:
                    gate = {"metric": "integrity_ok", "value": 0.0, "evaluator": "integrity", "version": "1"}
                    scores.append(key | gate | {"fingerprint": "gate"})
                for metric in run.metrics if ok else ():
                    right = float(0.3 * hardness[prompt] + 0.7 * generator.random() < model.right)
                    scores.append(
                        key
                        | {
                            "metric": metric,
                            "value": right,
                            "evaluator": "check",
                            "version": run.version,
                            "fingerprint": run.fingerprint,
                        }
                    )
    return pd.DataFrame(samples), pd.DataFrame(scores)
