"""What a video contender costs and how often it is right: FLOPs, time alone, and the motion check's verdicts."""

import statistics
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from data.embedded.motion.contenders import VideoContender
from data.embedded.motion.pipeline import MovingShapesPipeline
from data.embedded.motion.weights import load_moving_pipeline
from data.embedded.training.video_data import SCENE_KINDS, SceneKind
from data.embedded.training.video_prompts import Sampling, VideoTally, answer, held_out_trials, judge, tally

SEED: Final = 2026


@dataclass(frozen=True, slots=True)
class VideoFigures:
    """One contender's measured figures.

    `flops` are those of one clip, 2 for each multiply-accumulate, text encoding and guidance included;
    `milliseconds` is the median CPU time of one clip alone on one thread; `tallies` are on held-out prompts.
    """

    contender: VideoContender
    parameters: int
    flops: int
    milliseconds: float
    tallies: dict[SceneKind, VideoTally]


def measure(contender: VideoContender, trials: dict[SceneKind, int], device: str = "cpu") -> VideoFigures:
    """Measure a contender from its committed weights; `trials` are the numbers of prompts a kind."""
    pipeline = load_moving_pipeline(contender.folder)
    took = milliseconds(pipeline, contender)
    weights = sum(each.numel() for part in (pipeline.text_encoder, pipeline.denoiser) for each in part.parameters())
    counted = flops(contender)
    for part in (pipeline.text_encoder, pipeline.denoiser):
        torch.nn.Module.to(part, device)
    tallies = {kind: accuracy(pipeline, contender, kind, n) for kind, n in trials.items()}
    return VideoFigures(contender, weights, counted, took, tallies)


def accuracy(pipeline: MovingShapesPipeline, contender: VideoContender, kind: SceneKind, n: int) -> VideoTally:
    """How often the pipeline with the contender's settings is right on `n` held-out prompts of a kind."""
    trials = held_out_trials(kind, n, seed=SEED)
    how = Sampling(contender.steps, contender.guidance, SEED)
    return tally(judge(trials, answer(pipeline, [trial.prompt for trial in trials], how)))


def flops(contender: VideoContender) -> int:
    """FLOPs of one clip, counted while the pipeline runs for one and for two steps: all steps after are alike."""
    pipeline = load_moving_pipeline(contender.folder)
    one, two = (_counted(pipeline, steps, contender.guidance) for steps in (1, 2))
    return one + (contender.steps - 1) * (two - one)


def _counted(pipeline: MovingShapesPipeline, steps: int, guidance: float) -> int:
    with FlopCounterMode(display=False) as counter:
        pipeline("a red circle grows", num_inference_steps=steps, guidance_scale=guidance, output_type="latent")
    return int(counter.get_total_flops())


def milliseconds(pipeline: MovingShapesPipeline, contender: VideoContender, times: int = 5) -> float:
    """Median CPU milliseconds of one clip alone, one thread, after one to warm up."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    taken = []
    for seed in range(times + 1):
        started = time.process_time()
        answer(pipeline, ["a red circle grows"], Sampling(contender.steps, contender.guidance, seed))
        taken.append((time.process_time() - started) * 1000)
    torch.set_num_threads(threads)
    return statistics.median(taken[1:])


def contact_sheet(
    pipeline: MovingShapesPipeline, contender: VideoContender, rows: int = 4, scale: int = 3
) -> np.ndarray:
    """Answers to held-out prompts, a clip a row with its frames side by side, `rows` of each kind: uint8 RGB."""
    how = Sampling(contender.steps, contender.guidance, SEED)
    clips = []
    for kind in SCENE_KINDS:
        made = answer(pipeline, [trial.prompt for trial in held_out_trials(kind, rows, seed=SEED)], how)
        clips += [np.concatenate(list(clip), axis=1) for clip in made]
    return np.concatenate(clips).repeat(scale, axis=0).repeat(scale, axis=1)
