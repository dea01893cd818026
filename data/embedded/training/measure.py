"""What a contender costs and how often it is right: FLOPs, time, and the share of held-out prompts."""

import statistics
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from data.embedded.contenders import EmbeddedModel
from data.embedded.pipeline import ShapesPipeline
from data.embedded.training.eval_prompts import KINDS, PromptKind, Tally, generate, held_out_prompts, judge, tally
from data.embedded.weight_files import load_pipeline

PROMPTS: Final[dict[PromptKind, int]] = {"single": 150, "pair": 400, "free pair": 150}
SEED: Final = 2026


@dataclass(frozen=True, slots=True)
class Figures:
    """One contender's measured figures.

    `flops` are those of one image, 2 for each multiply-accumulate, text encoding and guidance included;
    `milliseconds` is the median CPU time of one image alone on one thread; `tallies` are on held-out prompts.
    """

    contender: EmbeddedModel
    parameters: int
    flops: int
    milliseconds: float
    tallies: dict[PromptKind, Tally]


def measure(contender: EmbeddedModel, prompts: dict[PromptKind, int] | None = None) -> Figures:
    """Measure a contender from its committed weights; `prompts` are the numbers of prompts a kind."""
    pipeline = load_pipeline(contender.folder)
    return Figures(
        contender=contender,
        parameters=parameters(pipeline),
        flops=flops(pipeline, contender.steps, contender.guidance),
        milliseconds=milliseconds(pipeline, contender),
        tallies={kind: accuracy(pipeline, contender, kind, n) for kind, n in (prompts or PROMPTS).items()},
    )


def accuracy(pipeline: ShapesPipeline, contender: EmbeddedModel, kind: PromptKind, n: int) -> Tally:
    """How often the pipeline with the contender's settings is right on `n` held-out prompts of a kind."""
    prompts = held_out_prompts(kind, n, seed=SEED)
    texts = [prompt.text for prompt in prompts]
    images = generate(pipeline, texts, steps=contender.steps, guidance=contender.guidance, seed=SEED)
    return tally(judge(prompts, images))


def parameters(pipeline: ShapesPipeline) -> int:
    """Weights of the text encoder and the denoiser."""
    return sum(weight.numel() for part in (pipeline.text_encoder, pipeline.unet) for weight in part.parameters())


def flops(pipeline: ShapesPipeline, steps: int, guidance: float) -> int:
    """FLOPs of one image, counted on the meta device while the whole pipeline runs; moves no data."""
    parts = {
        "text_encoder": type(pipeline.text_encoder)(pipeline.text_encoder.config),
        "unet": type(pipeline.unet).from_config(pipeline.unet.config),
    }
    empty = ShapesPipeline(tokenizer=pipeline.tokenizer, scheduler=pipeline.scheduler, **parts).to("meta")
    empty.set_progress_bar_config(disable=True)
    one_step, two_steps = (_counted(empty, count, guidance) for count in (1, 2))
    return one_step + (steps - 1) * (two_steps - one_step)


def _counted(pipeline: ShapesPipeline, steps: int, guidance: float) -> int:
    with FlopCounterMode(display=False) as counter:
        pipeline("a red circle", num_inference_steps=steps, guidance_scale=guidance, output_type="latent")
    return int(counter.get_total_flops())


def milliseconds(pipeline: ShapesPipeline, contender: EmbeddedModel, times: int = 9) -> float:
    """Median CPU milliseconds of one image alone, one thread, after one to warm up."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    taken = []
    for seed in range(times + 1):
        started = time.process_time()
        generate(pipeline, ["a red circle"], steps=contender.steps, guidance=contender.guidance, seed=seed)
        taken.append((time.process_time() - started) * 1000)
    torch.set_num_threads(threads)
    return statistics.median(taken[1:])


def contact_sheet(pipeline: ShapesPipeline, contender: EmbeddedModel, columns: int = 8, scale: int = 4) -> np.ndarray:
    """Images of held-out prompts, a row of each kind: uint8, shape (rows * 32 * scale, columns * 32 * scale, 3)."""
    rows = []
    for kind in KINDS:
        texts = [prompt.text for prompt in held_out_prompts(kind, columns, seed=SEED)]
        images = generate(pipeline, texts, steps=contender.steps, guidance=contender.guidance, seed=SEED)
        rows.append(np.concatenate(list(images), axis=1))
    sheet = np.concatenate(rows, axis=0)
    return sheet.repeat(scale, axis=0).repeat(scale, axis=1)
