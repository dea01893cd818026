"""The held-out prompts on which the embedded models are measured, and how often their images are right."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import torch

from data.embedded.detector import Verdict, detect, verdict
from data.embedded.pipeline import ShapesPipeline
from data.embedded.world import Background, Scene, captions, free_pair_scenes, pair_scenes, single_scenes

PromptKind = Literal["single", "pair", "free pair"]
KINDS: Final[tuple[PromptKind, ...]] = ("single", "pair", "free pair")


class EvalPrompt(NamedTuple):
    """A prompt and the scene that it describes."""

    kind: PromptKind
    text: str
    scene: Scene


@dataclass(frozen=True, slots=True)
class Tally:
    """Shares (0 to 1) of `n` images of one kind that are right, part by part; `correct` is entirely right."""

    n: int
    count: float
    colour: float
    shape: float
    bound: float
    position: float
    correct: float


def held_out_prompts(kind: PromptKind, n: int, seed: int) -> list[EvalPrompt]:
    """`n` prompts of scenes that training never showed, half of them naming a background (single things: all)."""
    pool = {"single": single_scenes, "pair": pair_scenes, "free pair": free_pair_scenes}[kind](unseen=True)
    rng = random.Random(f"{kind}-{seed}")
    chosen: list[Scene] = []
    while len(chosen) < n:
        chosen += rng.sample(pool, min(len(pool), n - len(chosen)))
    if kind != "single":
        chosen = [_with_background(scene, index) for index, scene in enumerate(chosen)]
    return [EvalPrompt(kind, rng.choice(captions(scene)), scene) for scene in chosen]


def _with_background(scene: Scene, index: int) -> Scene:
    backgrounds: tuple[Background | None, ...] = (None, "dark", None, "light")
    return Scene(scene.things, scene.relation, backgrounds[index % 4])


def generate(
    pipeline: ShapesPipeline, prompts: Sequence[str], *, steps: int, guidance: float, seed: int, batch: int = 32
) -> np.ndarray:
    """One image a prompt: uint8, shape (len(prompts), 32, 32, 3); image i has a generator seeded with `seed + i`."""
    pipeline.set_progress_bar_config(disable=True)
    images = []
    for start in range(0, len(prompts), batch):
        part = list(prompts[start : start + batch])
        generators = [torch.Generator().manual_seed(seed + start + index) for index in range(len(part))]
        (drawn,) = pipeline(
            part,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=generators,
            output_type="np",
            return_dict=False,
        )
        images.append(np.round(np.asarray(drawn) * 255).astype(np.uint8))
    return np.concatenate(images)


def judge(prompts: Sequence[EvalPrompt], images: np.ndarray) -> list[Verdict]:
    """The checker's verdict on each image."""
    return [verdict(prompt.scene.expectation(), detect(image)) for prompt, image in zip(prompts, images, strict=True)]


def tally(verdicts: Sequence[Verdict]) -> Tally:
    """Shares over verdicts of one kind. Raises ValueError for none."""
    if not verdicts:
        raise ValueError("Expected at least one verdict, got none.")
    parts = {name: float(np.mean([getattr(verdict, name) for verdict in verdicts])) for name in Tally.__slots__[1:]}
    return Tally(n=len(verdicts), **parts)
