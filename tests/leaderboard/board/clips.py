"""A small real observatory of clips for the tests of the board: four models of the season, drawn clips, real files."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.home import Home
from data.media import MediaStore
from data.store.warehouse import Warehouse
from data.video.encode import delivery, master
from leaderboard.routing.serving import publish as routing
from leaderboard.routing.table.build import build_from
from leaderboard.standings import daily
from tests.leaderboard.board import season

FRAMES, RATE, SIDE = 8, 8.0, 32
MODELS = ("fern-1", "reed-2", "fern-2", "oak-1-turbo")
METRICS = (
    ("motion_correct", "All right: things and motion", "motion_check", "share", True, 0.0, 1.0, "quality", False, None),
    ("dynamic_degree", "Motion", "motion", "diagonals/s", True, 0.0, None, "quality", True, None),
    (
        "temporal_consistency",
        "Alike",
        "temporal_consistency",
        "cosine",
        True,
        -1.0,
        1.0,
        "quality",
        False,
        "dynamic_degree",
    ),
)


def build(path: Path) -> Home:
    """Make the observatory and publish its first snapshot; `fern-1` fails at its first prompt."""
    home = Home(path)
    home.prepare()
    prompts = season.made_prompts(4)
    samples = _samples(MediaStore(home.media), prompts)
    runs = season.made_runs().assign(
        task="text-to-video", suite="moving", suite_title="Moving shapes", primary_metric="motion_correct", seeds=1
    )
    models = season.made_models()
    models = models[models["model"].isin(MODELS)].assign(task="text-to-video", frames=FRAMES, width=SIDE, height=SIDE)
    settings = json.dumps({"width": SIDE, "height": SIDE, "steps": 12, "frames": FRAMES, "fps": RATE})
    frames = {
        "ingested": pd.DataFrame([{"run_id": "r1", "attempt": 1, "commit_digest": "c" * 64}]),
        "runs": runs,
        "prompts": prompts,
        "models": models.assign(settings=settings),
        "samples": samples,
        "scores": _scores(samples),
        "declared_metrics": pd.DataFrame(
            [("r1", *metric) for metric in METRICS], columns=["run_id", *season.METRIC_COLUMNS, "neutral", "beside"]
        ),
    }
    with Warehouse.own(home) as warehouse:
        for table, frame in frames.items():
            season.insert(warehouse, table, frame)
        warehouse.refresh_means()
        daily.update(warehouse, k=3)
        with warehouse.cursor() as cursor:
            table = build_from(cursor, suite="moving", calendar="replayed", generated_at=dt.datetime.now(dt.UTC))
        routing.publish(table, home.routing)
        warehouse.publish()
    return home


def _samples(media: MediaStore, prompts: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    chosen = [model for model in season.MODELS if model.id in MODELS]
    for place, model in enumerate(chosen):
        for number, prompt in enumerate(prompts.itertuples()):
            row = season.made_sample(rng, model, prompt, 0) | {"call": "first" if number == 0 else "steady"}
            row |= {"frames_asked": FRAMES, "fps_asked": RATE, "width_asked": SIDE, "height_asked": SIDE}
            if place == 0 and number == 0:
                rows.append(row | {"status": "failed", "reason": "RuntimeError: out of memory"})
            else:
                rows.append(row | {"status": "ok", "reason": None} | _clip(media, place, number))
    return pd.DataFrame(rows)


def _clip(media: MediaStore, place: int, number: int) -> dict[str, Any]:
    """Return a clip whose square goes right, of a colour and height that tell models and prompts apart."""
    frames = np.full((FRAMES, SIDE, SIDE, 3), 240, np.uint8)
    for at in range(FRAMES):
        frames[at, 3 + number : 11 + number, 2 + 2 * at : 10 + 2 * at] = (200, 60 * place, 12 * number)
    exact, shown = (write(frames, frames_per_second=RATE) for write in (master, delivery))
    files = {"media": media.put(exact, "mp4"), "delivery": media.put(shown, "mp4")}
    types = {"media_type": "video/mp4", "media_bytes": len(exact), "width": SIDE, "height": SIDE, "frames": FRAMES}
    return files | types | {"fps": RATE, "video_seconds": FRAMES / RATE, "audio": False}


def _scores(samples: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    made = samples[samples["status"] == "ok"][["run_id", "sample", "model", "prompt", "category"]]
    place = made["model"].map({model: place for place, model in enumerate(MODELS)})
    values = {
        "motion_correct": (rng.random(len(made)) < 0.25 + 0.22 * place).astype(float),
        "dynamic_degree": 0.4 + 0.1 * place + rng.normal(0, 0.02, len(made)),
        "temporal_consistency": 0.9 - 0.05 * place + rng.normal(0, 0.01, len(made)),
    }
    evaluators = {metric: evaluator for metric, _, evaluator, *_ in METRICS}
    return pd.concat(
        made.assign(metric=metric, value=value, evaluator=evaluators[metric], version="1", fingerprint="")
        for metric, value in values.items()
    )
