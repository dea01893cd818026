"""`clip_score` against torchmetrics one at a time: 256 pictures of 64 prompts, cold and warm, on the CPU.

Both sides hold the same encoder (`benchmarks.twin_encoders`), fp32, so the scores agree, in two cases: the embedded
CLIP on 32 × 32 pictures, as the demo scores, and ViT-B/32 with random weights on 512 × 512 pictures. Both sides begin
with the same PNG files and end with one number a picture. Loading and one warm-up are not counted.

With the embedded encoder a call's own cost decides, and batching saves it. ViT-B/32 keeps two cores busy with matrix
products even for one picture: there cold can gain little on an idle machine, and warm is what saves.

- torchmetrics: `CLIPScore` held open; for each file Pillow, a uint8 tensor, `update`, `compute`, `reset`. That is the
  kindest of its ways to a number per picture (`forward` computes twice, the functional form loads the model each time).
  Its model is wrapped, because torchmetrics 1.9 crashes on what transformers 5 returns.
- cold: `ClipScore` with an empty cache, in batches, each picture and each distinct prompt encoded once and written.
- warm: the same files through a newly opened cache.

The files are measured in blocks, the sides interleaved; the ratio is the median over blocks.
"""

import datetime as dt
import io
import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import Count, parse, parser
from benchmarks.side_by_side import Row
from benchmarks.twin_encoders import ARCHITECTURE, SMALL_ARCHITECTURE, Twins, embedded_twins, vit_twins
from data.embedded.world import captions, pair_scenes
from data.vocabulary import Prompt, Sample
from evaluators.batches import BATCH
from evaluators.clip_score import ClipScore
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoder import OpenClipEncoder
from evaluators.eval_input import EvalInput, RunContext

SEEDS = 4
BARS = {"cold": 4.0, "warm": 100.0}
WARM_REPETITIONS = 5

SAMPLE = Sample(
    id="s",
    run_id="r",
    model="m",
    prompt="p",
    category="c",
    seed=0,
    status="ok",
    reason=None,
    started_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    call="steady",
    timing=None,
    width_asked=512,
    height_asked=512,
)


@dataclass(frozen=True, slots=True)
class Block:
    """Wall-clock seconds of one block of pictures on each side, and how far the scores were apart.

    `cpu_ratio` is torchmetrics' CPU seconds over the cold side's: what is left of the ratio on a busy machine.
    """

    pictures: int
    torchmetrics: float
    cold: float
    warm: float
    cpu_ratio: float
    apart: float


def make_files(folder: Path, count: int, side: int) -> list[Path]:
    """`count` PNG files of side × side pixels with structure on several scales, like pictures."""
    paths = []
    for index in range(count):
        rng = np.random.default_rng(index)
        levels = sum(
            np.asarray(
                Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)).resize((side, side)), float
            )
            for cells in (4, 16, 64)
        )
        out = io.BytesIO()
        Image.fromarray((np.asarray(levels) / 3).astype(np.uint8)).save(out, "PNG")
        paths.append(folder / f"{index}.png")
        paths[-1].write_bytes(out.getvalue())
    return paths


def shapes_prompts(count: int) -> list[Prompt]:
    """`count` distinct prompts in the words of the world of shapes, the only ones that the embedded CLIP knows."""
    texts = dict.fromkeys(captions(scene)[0] for scene in pair_scenes(unseen=False))
    return [Prompt(id=f"p{index}", text=text, category="c") for index, text in enumerate(islice(texts, count))]


def everyday_prompts(count: int) -> list[Prompt]:
    """`count` distinct prompts of everyday length."""
    places = (
        "a harbour",
        "a kitchen",
        "a forest road",
        "a night market",
        "a glass tower",
        "a snowfield",
        "a stage",
        "a desk",
    )
    things = (
        "a red bicycle",
        "two dogs",
        "an old radio",
        "a paper boat",
        "a violinist",
        "a stack of books",
        "a robot",
        "a kite",
    )
    texts = [f"a photograph of {thing} in {place}, soft light, 35 mm" for place in places for thing in things]
    return [
        Prompt(id=f"p{index}", text=f"{texts[index % len(texts)]}, take {index}", category="c")
        for index in range(count)
    ]


def theirs(metric: Any, paths: Sequence[Path], prompts: Sequence[Prompt]) -> list[float]:
    """One score a file, one at a time."""
    scores = []
    for path, prompt in zip(paths, prompts, strict=True):
        pixels = np.array(Image.open(path).convert("RGB"))
        metric.update(torch.from_numpy(pixels).permute(2, 0, 1), prompt.text)
        metric.compute()
        scores.append(float(metric.score))  # what compute clamps at 0
        metric.reset()
    return scores


def ours(encoder: OpenClipEncoder, cache: Path, paths: Sequence[Path], prompts: Sequence[Prompt]) -> list[float]:
    """One score a file, in batches, through the cache in that folder."""
    head = ClipScore(Embedder(encoder, EmbeddingCache(cache)))
    scores: list[float] = []
    for start in range(0, len(paths), BATCH):
        pairs = zip(paths[start : start + BATCH], prompts[start : start + BATCH], strict=True)
        batch = [EvalInput(SAMPLE, prompt, path.read_bytes()) for path, prompt in pairs]
        results = [by_metric["clip_score"] for by_metric in head.evaluate(batch, RunContext((), ()))]
        for result in results:
            if result.value is None:
                raise SystemExit(f"Expected a score of every picture, got none: {result.reason}")
            scores.append(result.value)
    return scores


@dataclass(frozen=True, slots=True)
class Case:
    """What is compared: the encoder, the pictures' side in pixels, and prompts in words that the encoder knows."""

    title: str
    side: int
    twins: Callable[[Path], Twins]
    prompts: Callable[[int], list[Prompt]]


EMBEDDED = Case("the embedded CLIP, as the demo scores", 32, embedded_twins, shapes_prompts)


def cases(*, small: bool) -> tuple[Case, ...]:
    """Return both cases, the second with a network of a sixth of the size where little is measured."""
    network = SMALL_ARCHITECTURE if small else ARCHITECTURE
    return EMBEDDED, Case(network, 512, partial(vit_twins, architecture=network), everyday_prompts)


def measure(case: Case, samples: int, blocks: int) -> list[Block]:
    """Every block on every side, interleaved."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        encoder, metric = case.twins(folder)
        paths = make_files(folder, samples + 1, case.side)
        prompts = [prompt for prompt in case.prompts(-(-samples // SEEDS)) for _ in range(SEEDS)]
        theirs(metric, paths[-1:], prompts[:1])
        ours(encoder, folder / "warm-up", paths[-1:], prompts[:1])
        size = samples // blocks
        parts = [slice(start, start + size) for start in range(0, size * blocks, size)]
        console = Console(stderr=True)
        return [
            _block(metric, encoder, folder / f"cache-{part.start}", paths[part], prompts[part])
            for part in track(parts, f"clip_score, {case.title}", console=console)
        ]


def _block(
    metric: Any, encoder: OpenClipEncoder, cache: Path, paths: Sequence[Path], prompts: Sequence[Prompt]
) -> Block:
    slow = _timed(lambda: theirs(metric, paths, prompts))
    cold = _timed(lambda: ours(encoder, cache, paths, prompts))
    warm = [_timed(lambda: ours(encoder, cache, paths, prompts)).seconds for _ in range(WARM_REPETITIONS)]
    apart = max(abs(score - other) for score, other in zip(cold.scores, slow.scores, strict=True))
    cpu_ratio = slow.cpu_seconds / cold.cpu_seconds
    return Block(len(paths), slow.seconds, cold.seconds, statistics.median(warm), cpu_ratio, apart)


class _Timed(NamedTuple):
    scores: list[float]
    seconds: float
    cpu_seconds: float


def _timed(work: Callable[[], list[float]]) -> _Timed:
    start, cpu = time.perf_counter(), time.process_time()
    scores = work()
    return _Timed(scores, time.perf_counter() - start, time.process_time() - cpu)


def summary(blocks: Sequence[Block]) -> dict[str, Any]:
    """Milliseconds a picture and ratios, medians over blocks."""
    ms = {
        name: statistics.median(1000 * getattr(block, name) / block.pictures for block in blocks)
        for name in ("torchmetrics", "cold", "warm")
    }
    ratios = {name: statistics.median(b.torchmetrics / getattr(b, name) for b in blocks) for name in BARS}
    return {
        "pictures": sum(block.pictures for block in blocks),
        "blocks": len(blocks),
        "ms_per_picture": ms,
        "times_faster": ratios,
        "bars": BARS,
        "times_less_cpu_cold": statistics.median(block.cpu_ratio for block in blocks),
        "largest_difference": max(block.apart for block in blocks),
        "threads": torch.get_num_threads(),
    }


def table(figures: dict[str, Any], case: Case) -> Table:
    """The figures for people."""
    title = f"clip_score, {case.title}: {figures['pictures']} PNG of {case.side}², CPU, {figures['threads']} threads"
    drawn = Table(title=title, title_justify="left", caption_justify="left")
    drawn.caption = (
        f"scores differ by at most {figures['largest_difference']:.1e}; medians of {figures['blocks']} blocks; "
        f"CPU time, cold: {figures['times_less_cpu_cold']:.1f} times less"
    )
    for name in ("side", "ms a picture", "times faster", "bar"):
        drawn.add_column(name, justify="left" if name == "side" else "right")
    names = {"torchmetrics": "torchmetrics, one at a time", "cold": "halflife, cold", "warm": "halflife, warm cache"}
    for key, name in names.items():
        ratio = figures["times_faster"].get(key)
        bar = f"≥ {BARS[key]:.0f}" if key in BARS else ""
        drawn.add_row(name, f"{figures['ms_per_picture'][key]:.2f}", "1" if ratio is None else f"{ratio:.1f}", bar)
    return drawn


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Return what README shows of the figures."""
    small, large = (figures["clip_score"][title] for title in (EMBEDDED.title, ARCHITECTURE))
    return [
        Row(f"`clip_score`, embedded CLIP, {small['pictures']} pictures", "torchmetrics one at a time", _times(small)),
        Row(
            f"`clip_score`, ViT-B/32, {large['pictures']} pictures of 512²",
            "torchmetrics one at a time, where a single picture uses all cores already",
            _times(large),
        ),
    ]


def _times(figures: Mapping[str, Any]) -> str:
    return "{cold:.1f} times faster; {warm:.0f} times with a warm cache".format(**figures["times_faster"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as a table, or as JSON."""
    counts = {"samples": Count(256, 4, "pictures of each case"), "blocks": Count(4, 1, "blocks, sides in turn")}
    options = parse(parser(__doc__, **counts), arguments)
    warnings.simplefilter("ignore")
    measured = {case: summary(measure(case, options.samples, options.blocks)) for case in cases(small=options.small)}
    if options.json:
        print(json.dumps({"clip_score": {case.title: figures for case, figures in measured.items()}}))
        return 0
    for case, figures in measured.items():
        Console().print(table(figures, case))
    return 0


if __name__ == "__main__":
    sys.exit(main())
