"""Scoring clips of 16 frames against the plain way, and the memory of scoring ten seconds of 1080p.

Both sides begin with the same lossless files and end with the same numbers: a blank share, speed, flicker, jerk, camera
and cuts, the exact check, alignment with the prompt, consistency. Both hold the same encoder and the same measures.

- The plain way is a script a metric, as suites of video metrics run: each decodes the file anew (PyAV, in process), the
  five measures of motion each follow the flow anew, the two that need CLIP encode one frame at a time.
- The project decodes once in a process of its own, shares the flow, encodes each frame once, in batches, and keeps it.

Clips are measured in blocks, the sides interleaved; the ratio is the median over blocks. Memory is that of a process
that scores one clip with every evaluator and of the process that reads for it, together.
"""

import itertools
import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import video_memory
from benchmarks.options import Count, parse, parser
from benchmarks.plain_video_metrics import RATE, ClipFile, Numbers, plain
from benchmarks.planted_faults import drawn_clips, sample_of
from benchmarks.side_by_side import Row
from benchmarks.twin_encoders import ARCHITECTURE, SMALL_ARCHITECTURE, vit_twins
from data.video import encode
from data.video.reader import VideoReader
from data.vocabulary import Prompt
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoder import OpenClipEncoder
from evaluators.embeddings.encoders import embedded_encoder
from evaluators.eval_input import EvalInput, Evaluator, RunContext
from evaluators.video.clip_score import VideoClipScore
from evaluators.video.frames import READ_LIMITS
from evaluators.video.integrity import VideoIntegrity
from evaluators.video.motion import Motion
from evaluators.video.motion_check import MotionCheck
from evaluators.video.temporal_consistency import TemporalConsistency

BAR = 4.0
CONTEXT = RunContext((), ())


class Case(NamedTuple):
    """What is compared: the clips' size in pixels, how many of them, and the encoder."""

    title: str
    factor: int
    share: float
    encoder: Callable[[Path], OpenClipEncoder]


EMBEDDED = Case("the embedded CLIP, clips of 32²", 1, 1.0, lambda folder: embedded_encoder())
LARGE = f"{ARCHITECTURE}, clips of 256²"


def cases(*, small: bool) -> tuple[Case, ...]:
    """Return both cases, the second with a network of a sixth of the size where little is measured."""
    network = SMALL_ARCHITECTURE if small else ARCHITECTURE
    title = f"{network}, clips of 256²"
    return EMBEDDED, Case(title, 8, 0.125, lambda folder: vit_twins(folder, network).ours)


def files(count: int, factor: int) -> list[ClipFile]:
    """Return `count` drawn clips of 16 frames, enlarged by a whole factor, in lossless files."""
    made = []
    for clip in drawn_clips(count):
        frames = clip.frames.repeat(factor, axis=1).repeat(factor, axis=2)
        prompt = Prompt(id="p", text="x", category="c", expectation=clip.scene.expectation())
        made.append(ClipFile(encode.master(list(frames), frames_per_second=RATE), prompt))
    return made


def every_evaluator(encoder: OpenClipEncoder, cache: Path) -> list[Evaluator]:
    """Return the evaluators whose numbers the plain way computes, sharing one cache."""
    embedder = Embedder(encoder, EmbeddingCache(cache))
    shared = [VideoClipScore(embedder), TemporalConsistency(embedder)]
    return [VideoIntegrity(), Motion(), MotionCheck(), *shared]


def ours(evaluators: Sequence[Evaluator], reader: VideoReader, clips: Sequence[ClipFile]) -> list[Numbers]:
    """Every number of each clip, through the evaluators, a batch of clips at a time."""
    sample = sample_of(frames=16)
    batch = [EvalInput(sample, clip.prompt, clip.data, reader=reader) for clip in clips]
    by_evaluator = [evaluator.evaluate(batch, CONTEXT) for evaluator in evaluators]
    merged = [
        itertools.chain.from_iterable(each.items() for each in results) for results in zip(*by_evaluator, strict=True)
    ]
    return [{name: result.value for name, result in results if result.value is not None} for results in merged]


@dataclass(frozen=True, slots=True)
class Block:
    """Wall-clock seconds of one block of clips on each side, and how far their numbers were apart at most."""

    clips: int
    plain: float
    ours: float
    apart: float


def measure(case: Case, clips: int, blocks: int, console: Console) -> list[Block]:
    """Every block on both sides, in turn."""
    with tempfile.TemporaryDirectory() as place, VideoReader(READ_LIMITS) as reader:
        folder = Path(place)
        encoder = case.encoder(folder)
        made = files(int(clips * case.share) + 1, case.factor)
        size = max(1, (len(made) - 1) // blocks)
        plain(encoder, made[-1:])
        ours(every_evaluator(encoder, folder / "warm-up"), reader, made[-1:])
        parts = [made[start : start + size] for start in range(0, size * blocks, size)]
        return [
            _block(encoder, folder / f"cache-{number}", reader, part)
            for number, part in enumerate(track(parts, case.title, console=console))
        ]


def _block(encoder: OpenClipEncoder, cache: Path, reader: VideoReader, clips: Sequence[ClipFile]) -> Block:
    evaluators = every_evaluator(encoder, cache)
    slow_seconds, slow = _timed(lambda: plain(encoder, clips))
    fast_seconds, fast = _timed(lambda: ours(evaluators, reader, clips))
    apart = [
        abs(each[name] - other[name]) for each, other in zip(slow, fast, strict=True) for name in each if name in other
    ]
    return Block(len(clips), slow_seconds, fast_seconds, max(apart))


def _timed(work: Callable[[], list[Numbers]]) -> tuple[float, list[Numbers]]:
    start = time.perf_counter()
    numbers = work()
    return time.perf_counter() - start, numbers


def summary(blocks: Sequence[Block]) -> dict[str, float]:
    """Milliseconds a clip on each side and their ratio, medians over blocks."""
    return {
        "clips": sum(block.clips for block in blocks),
        "plain_ms": statistics.median(1000 * block.plain / block.clips for block in blocks),
        "ours_ms": statistics.median(1000 * block.ours / block.clips for block in blocks),
        "times_faster": statistics.median(block.plain / block.ours for block in blocks),
        "largest_difference": max(block.apart for block in blocks),
        "bar": BAR,
        "threads": torch.get_num_threads(),
    }


def table(figures: dict[str, dict[str, float]], used: dict[str, float]) -> Table:
    """The figures for people."""
    drawn = Table(title="Scoring clips of 16 frames", title_justify="left", caption_justify="left")
    drawn.caption = (
        f"10 s of {video_memory.SIZE[0]} × {video_memory.SIZE[1]}: {used['together']:.2f} GB at most with the reading "
        f"process; {used['before']:.2f} GB were held before (bar {video_memory.BAR} GB)"
    )
    for name in ("case", "clips", "plain, ms a clip", "halflife, ms a clip", "times faster", "bar", "differ by"):
        drawn.add_column(name, justify="left" if name == "case" else "right")
    for title, row in figures.items():
        times = [f"{row[name]:.0f}" for name in ("plain_ms", "ours_ms")]
        drawn.add_row(
            title,
            f"{row['clips']:.0f}",
            *times,
            f"{row['times_faster']:.1f}",
            f"≥ {BAR:.0f}",
            f"{row['largest_difference']:.0e}",
        )
    return drawn


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Return what README shows of the figures."""
    (small, large), used = (figures["video_scoring"][title] for title in (EMBEDDED.title, LARGE)), figures["memory_gb"]
    plainly = "a script a metric, each with its own decode, flow and CLIP frame by frame"
    memory = f"{used['together']:.2f} GB with the reading process, of which {used['before']:.2f} GB before it begins"
    return [
        Row(
            f"scoring {small['clips']:.0f} clips of 16 frames of 32², embedded CLIP",
            f"{plainly}; threads: {small['threads']:.0f}",
            f"{small['times_faster']:.1f} times faster",
        ),
        Row(
            f"the same, ViT-B/32, {large['clips']:.0f} clips of 256²",
            "the same, which encodes each frame twice",
            f"{large['times_faster']:.1f} times faster",
        ),
        Row("scoring 10 s of 1080p with every metric of videos", "", memory),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as a table, or as JSON."""
    counts = {"clips": Count(64, 2, "clips of the first case"), "blocks": Count(4, 1, "blocks, sides in turn")}
    options = parse(parser(__doc__, **counts), arguments)
    warnings.simplefilter("ignore")
    console = Console(stderr=True)
    figures = {
        case.title: summary(measure(case, options.clips, options.blocks, console))
        for case in cases(small=options.small)
    }
    used = video_memory.memory(small=options.small)
    if options.json:
        print(json.dumps({"video_scoring": figures, "memory_gb": used}))
        return 0
    Console().print(table(figures, used))
    return 0


if __name__ == "__main__":
    sys.exit(main())
