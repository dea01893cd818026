"""A small real observatory of pictures for the tests of the board: eight models over a replayed season.

Failures among them; seeded, so that it is the same every time. Rows go into the warehouse in bulk, media and snapshots
through the store's own code.
"""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from data.home import Home
from data.media import MediaStore
from data.store.warehouse import Warehouse
from leaderboard.routing.serving import publish as routing
from leaderboard.routing.table.build import build_from
from leaderboard.standings import daily

START = dt.date(2026, 1, 1)
DIGEST = "d1" * 32
SEEDS = (0, 1)
COLOURS = {
    "red": "#d62728",
    "blue": "#1f77b4",
    "green": "#2ca02c",
    "yellow": "#f2c80f",
    "purple": "#9467bd",
    "orange": "#ff7f0e",
}
SHAPES = ("circle", "square", "triangle")
CATEGORIES = ("single", "pair-left-right", "pair-above-below", "colour-binding", "long-caption")
HARDNESS = {"single": 0.0, "pair-left-right": 0.9, "pair-above-below": 1.0, "colour-binding": 1.3, "long-caption": 1.7}
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> a red circle"
REFUSAL = "content_policy_violation: the provider would not draw <b>this</b>"


class SeasonModel(NamedTuple):
    """One model of the season: its skill, seconds a call, price, and the days on which it enters and leaves."""

    id: str
    title: str
    skill: float
    seconds: float
    day: int
    location: str = "local"
    usd: float | None = None
    retired: int | None = None


MODELS = (
    SeasonModel("sprout-1", "Sprout 1", -0.6, 0.021, 0),
    SeasonModel("fern-1", "Fern 1", 0.5, 0.044, 0),
    SeasonModel("moss-1", "Moss 1", 0.1, 0.032, 0, retired=70),
    SeasonModel("reed-2", "Reed 2", 1.2, 0.058, 14),
    SeasonModel("cloud-draw", "Cloud Draw", 2.0, 2.9, 21, location="remote", usd=0.004),
    SeasonModel("fern-2", "Fern 2", 2.6, 0.047, 38),
    SeasonModel("oak-1", "Oak 1", 3.6, 0.190, 55),
    SeasonModel("oak-1-turbo", "Oak 1 Turbo", 3.3, 0.081, 76),
)
METRICS = (
    ("shapes_correct", "All shapes right", "shapes_check", "share", True, 0.0, 1.0, "quality"),
    ("clip_score", "CLIP score", "clip_score", "100 × cosine", True, -100.0, 100.0, "quality"),
    ("integrity_ok", "Whole and as asked", "integrity", "share", True, 0.0, 1.0, "gate"),
    ("laplacian_variance", "Laplacian variance", "image_statistics", "grey levels²", False, 0.0, None, "sensor"),
)


def build(path: Path, *, prompts_a_category: int = 12) -> Home:
    """Make the observatory and publish its first snapshot."""
    home = Home(path)
    home.prepare()
    prompts = made_prompts(prompts_a_category)
    samples, scores = _results(MediaStore(home.media), prompts)
    frames = {
        "ingested": pd.DataFrame([{"run_id": "r1", "attempt": 1, "commit_digest": "c" * 64}]),
        "runs": made_runs(),
        "prompts": prompts,
        "models": made_models(),
        "samples": samples,
        "scores": scores,
        "declared_metrics": pd.DataFrame([("r1", *metric) for metric in METRICS], columns=["run_id", *METRIC_COLUMNS]),
    }
    with Warehouse.own(home) as warehouse:
        for table, frame in frames.items():
            insert(warehouse, table, frame)
        warehouse.refresh_means()
        daily.update(warehouse, k=3)
        with warehouse.cursor() as cursor:
            table = build_from(cursor, suite="shapes", calendar="replayed", generated_at=dt.datetime.now(dt.UTC))
        routing.publish(table, home.routing)
        warehouse.publish()
    return home


METRIC_COLUMNS = ("metric", "title", "evaluator", "unit", "higher_is_better", "low", "high", "kind")


def insert(warehouse: Warehouse, table: str, frame: pd.DataFrame) -> None:
    """Append a frame by column names; columns it lacks are NULL."""
    columns = ", ".join(frame.columns)
    with warehouse.cursor() as cursor:
        cursor.register("incoming", frame)
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608


def made_runs() -> pd.DataFrame:
    """Return the one run."""
    at = dt.datetime(2026, 4, 1, 3, 0)
    return pd.DataFrame(
        [
            {
                "run_id": "r1",
                "suite": "shapes",
                "suite_version": "1",
                "suite_digest": DIGEST,
                "task": "text-to-image",
                "suite_title": "Shapes",
                "primary_metric": "shapes_correct",
                "calendar": "replayed",
                "day": START,
                "created_at": at,
                "committed_at": at,
                "machine": "laptop",
                "device": "cpu",
                "usd_per_hour": 0.08,
                "price_source": "declared",
                "machine_json": "{}",
                "seeds": len(SEEDS),
                "plan_digest": "p" * 64,
            }
        ]
    )


def made_prompts(each: int) -> pd.DataFrame:
    """Return `each` prompts of every category."""
    rng = np.random.default_rng(7)
    rows: list[dict[str, Any]] = []
    for category in CATEGORIES:
        for number in range(each):
            first, second = rng.choice(list(COLOURS), 2, replace=False)
            shape, other = rng.choice(SHAPES, 2)
            single = f"a {first} {shape}"
            text = single if category == "single" else f"{single} {_relation(category)} a {second} {other}"
            rows.append(
                {
                    "run_id": "r1",
                    "prompt": f"{category}-{number:02}",
                    "text": text,
                    "category": category,
                    "tags": [],
                    "held_out": number % 4 == 0,
                    "expectation": json.dumps({"colour": str(first)}),
                }
            )
    rows[1]["text"] = SCRIPT
    return pd.DataFrame(rows)


def _relation(category: str) -> str:
    return {"pair-above-below": "above", "pair-left-right": "left of"}.get(category, "and")


def made_models() -> pd.DataFrame:
    """Return the season's models."""
    return pd.DataFrame(
        [
            {
                "run_id": "r1",
                "model": model.id,
                "title": model.title,
                "family": model.id.split("-")[0],
                "task": "text-to-image",
                "provider": "embedded" if model.location == "local" else "cloud.example",
                "location": model.location,
                "revision": "a" * 12,
                "revision_pinned": True,
                "licence": "Apache-2.0",
                "released": START + dt.timedelta(days=model.day),
                "retired": None if model.retired is None else START + dt.timedelta(days=model.retired),
                "successor": None,
                "steps": 20,
                "guidance": 3.0,
                "width": 64,
                "height": 64,
                "frames": 1,
                "settings": json.dumps({"width": 64, "height": 64, "steps": 20}),
                "source": _source(model),
                "price_unit": "image" if model.usd else None,
                "price_usd": model.usd,
                "price_as_of": START if model.usd else None,
            }
            for model in MODELS
        ]
    )


def _source(model: SeasonModel) -> str:
    local = {"kind": "embedded", "pipeline": "Shapes", "repository": model.id, "revision": "r1", "dtype": "float32"}
    remote = {
        "adapter": "openai_images",
        "base_url": "https://cloud.example/v1",
        "model": model.id,
        "credential_env": "CLOUD_KEY",
        "seed_support": "requested",
    }
    return json.dumps(remote if model.location == "remote" else local)


def _results(media: MediaStore, prompts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(11)
    samples: list[dict[str, Any]] = []
    scores: list[dict[str, Any]] = []
    for model in MODELS:
        for number, prompt in enumerate(prompts.itertuples()):
            for seed in SEEDS:
                sample = made_sample(rng, model, prompt, seed)
                first = number == 0 and seed == 0
                sample["call"] = "first" if first else "steady"
                if sample["status"] == "ok":
                    right = bool(rng.random() < 1 / (1 + np.exp(-(model.skill - HARDNESS[prompt.category]) - 0.6)))
                    sample |= _picture(media, prompt.text, right)
                    scores += _scores(rng, sample, right)
                samples.append(sample)
    return pd.DataFrame(samples), pd.DataFrame(scores)


def made_sample(rng: np.random.Generator, model: SeasonModel, prompt: Any, seed: int) -> dict[str, Any]:
    """Return an attempt without its media."""
    status, reason = "ok", None
    if model.location == "remote" and prompt.prompt == "single-01":
        status, reason = "refused", REFUSAL
    elif model.id == "sprout-1" and rng.random() < 0.03:
        status, reason = "failed", "RuntimeError: the decoder returned no finite value"
    seconds = float(model.seconds * rng.lognormal(0, 0.12))
    ok = status == "ok"
    return {
        "run_id": "r1",
        "sample": f"{model.id}-{prompt.prompt}-{seed}",
        "model": model.id,
        "prompt": prompt.prompt,
        "category": prompt.category,
        "seed": seed,
        "day": START + dt.timedelta(days=model.day),
        "status": status,
        "reason": reason,
        "started_at": dt.datetime(2026, 4, 1, 2, 0),
        "call": "steady",
        "seconds": seconds,
        "width_asked": 64,
        "height_asked": 64,
        "frames_asked": 1,
        "cost_usd": model.usd if model.usd and ok else None if model.usd else seconds * 0.08 / 3600,
        "cost_source": "units-times-price" if model.usd else "machine-seconds",
        "seed_support": "requested" if model.usd else "echoed",
    }


def _picture(media: MediaStore, text: str, right: bool) -> dict[str, Any]:
    named = [colour for word in text.split() if (colour := COLOURS.get(word))] or ["#888888"]
    image = Image.new("RGB", (64, 64), "#f4f4f2")
    draw = ImageDraw.Draw(image)
    for place, colour in enumerate(named[:2] if right else named[:1]):
        left = 6 + 30 * place
        if "triangle" in text:
            draw.polygon(((left, 42), (left + 11, 20), (left + 22, 42)), fill=colour)
        else:
            (draw.ellipse if "circle" in text else draw.rectangle)((left, 20, left + 22, 42), fill=colour)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return {
        "media": media.put(buffer.getvalue(), "png"),
        "media_type": "image/png",
        "media_bytes": len(buffer.getvalue()),
        "width": 64,
        "height": 64,
        "frames": 1,
    }


def _scores(rng: np.random.Generator, sample: dict[str, Any], right: bool) -> list[dict[str, Any]]:
    values = {
        "shapes_correct": float(right),
        "clip_score": 27.0 + 4 * right + rng.normal(0, 1.1),
        "integrity_ok": 1.0,
        "laplacian_variance": float(rng.gamma(6, 60)),
    }
    evaluators = {metric: evaluator for metric, _, evaluator, *_ in METRICS}
    return [
        {
            **{key: sample[key] for key in ("run_id", "sample", "model", "prompt", "category")},
            "metric": metric,
            "value": value,
            "evaluator": evaluators[metric],
            "version": "1",
            "fingerprint": "",
        }
        for metric, value in values.items()
    ]
