"""What the video models are asked when they are measured: held-out prompts; and the motion check's verdicts."""

import random
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch

from data.embedded.motion.captions import captions
from data.embedded.motion.check import MotionVerdict, verdict
from data.embedded.motion.pipeline import MovingShapesPipeline
from data.embedded.motion.tracks import read
from data.embedded.motion.world import MovingScene
from data.embedded.training.video_data import POOLS, SCENE_KINDS, SceneKind, dressed

_WATCHED: Final = {"single": 48, "story": 32, "pair": 48}
"""How many clips of each kind a run's curve rests on."""


class VideoPrompt(NamedTuple):
    """A prompt and the scene that it describes."""

    kind: SceneKind
    prompt: str
    scene: MovingScene


class Sampling(NamedTuple):
    """How clips are made: steps, guidance, and the seed of the first (the others follow)."""

    steps: int
    guidance: float
    seed: int


@dataclass(frozen=True, slots=True)
class VideoTally:
    """Shares (0 to 1) of `n` clips of one kind that are right, part by part; `correct` is entirely right.

    `speed` and `order` are shares of the clips where they were told, None where none were.
    """

    n: int
    count: float
    colour: float
    shape: float
    bound: float
    motion: float
    identity: float
    correct: float
    speed: float | None
    order: float | None


def held_out_trials(kind: SceneKind, n: int, seed: int) -> list[VideoPrompt]:
    """`n` prompts of scenes that training never showed."""
    pool = POOLS[kind](unseen=True)
    rng = random.Random(f"{kind}-{seed}")
    chosen: list[MovingScene] = []
    while len(chosen) < n:
        chosen += rng.sample(pool, min(len(pool), n - len(chosen)))
    stated = [dressed(scene, rng) for scene in chosen]
    return [VideoPrompt(kind, rng.choice(captions(scene)), scene) for scene in stated]


def answer(pipeline: MovingShapesPipeline, prompts: Sequence[str], how: Sampling, batch: int = 16) -> np.ndarray:
    """One clip a prompt: uint8 (len(prompts), frames, 32, 32, 3); clip i has a generator seeded with `seed + i`."""
    pipeline.set_progress_bar_config(disable=True)
    clips = []
    for start in range(0, len(prompts), batch):
        part = list(prompts[start : start + batch])
        generators = [torch.Generator().manual_seed(how.seed + start + index) for index in range(len(part))]
        (made,) = pipeline(
            part,
            num_inference_steps=how.steps,
            guidance_scale=how.guidance,
            generator=generators,
            output_type="np",
            return_dict=False,
        )
        clips.append(np.round(np.asarray(made) * 255).astype(np.uint8))
    return np.concatenate(clips)


def judge(trials: Sequence[VideoPrompt], clips: np.ndarray, executor: Executor | None = None) -> list[MotionVerdict]:
    """The motion check's verdict on each clip, side by side where an executor is given."""
    readings = executor.map(read, clips, chunksize=4) if executor else map(read, clips)
    return [verdict(trial.scene.expectation(), reading) for trial, reading in zip(trials, readings, strict=True)]


def tally(verdicts: Sequence[MotionVerdict]) -> VideoTally:
    """Shares over verdicts of one kind. Raises ValueError for none."""
    if not verdicts:
        raise ValueError("Expected at least one verdict, got none.")
    whole = ("count", "colour", "shape", "bound", "motion", "identity", "correct")
    parts = {name: float(np.mean([getattr(each, name) for each in verdicts])) for name in whole}
    stated = {name: [getattr(each, name) for each in verdicts] for name in ("speed", "order")}
    asked = {name: [value for value in values if value is not None] for name, values in stated.items()}
    shares = {name: float(np.mean(values)) if values else None for name, values in asked.items()}
    return VideoTally(n=len(verdicts), **parts, speed=shares["speed"], order=shares["order"])


def shares_right(pipeline: MovingShapesPipeline, seed: int, executor: Executor | None = None) -> dict[str, object]:
    """What a curve shows: by kind the shares that are entirely right, rightly bound, and rightly moving."""
    row: dict[str, object] = {}
    how = Sampling(steps=12, guidance=3.0, seed=seed)
    for kind in SCENE_KINDS:
        trials = held_out_trials(kind, _WATCHED[kind], seed)
        clips = answer(pipeline, [trial.prompt for trial in trials], how, batch=64)
        result = tally(judge(trials, clips, executor))
        row[kind] = {name: round(getattr(result, name), 3) for name in ("correct", "count", "bound", "motion")}
    return row
