"""What an answer about a model costs: by its law, counted anew with the real classes, and by the law at 10,000 shapes.

Each command is timed whole, imports included, with the peak of resident memory of its largest process: medians of
three, in turn. Beside them stands what one would do otherwise: torch's FlopCounterMode around one call of the denoiser
alone, on meta.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import islice, product
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.options import Count, parse, parser
from benchmarks.side_by_side import Row

MODELS = ("sdxl", "flux.1-dev", "qwen-image", "wan2.1-14b", "hunyuanvideo", "ltx-2")
COUNTS = {
    "shapes": Count(10_000, 20, "shapes that the law answers"),
    "repetitions": Count(5, 1, "times it answers them"),
    "turns": Count(3, 1, "processes of each way to an answer"),
}
SMALL = "shapes-nano"
WAYS = ("law", "recount", "by_hand")


def by_hand(model: str) -> int:
    """Return the FLOPs of one call of the denoiser, counted as one would without this project's counter."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from data.architectures.library import architecture
    from harness.profiling.building import build, inputs
    from harness.profiling.counting import valueless

    described = architecture(model)
    call = inputs(described, "denoiser", described.shape())
    with torch.no_grad(), valueless(), FlopCounterMode(display=False) as counter:
        call.on(build(described, "denoiser"))
    return int(counter.get_total_flops())


def process(*command: str) -> tuple[float, float]:
    """Return a command's wall-clock seconds, and its largest process's peak of resident memory in MB (10**6 bytes)."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-W", "ignore", *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"Expected {' '.join(command[:4])} to succeed, got {child.returncode}.")
    return time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e6


def shapes(model: str, count: int, repetitions: int) -> float:
    """Return the median seconds in which the law answers `count` shapes of a model."""
    from data.architectures.shape import ShapeRequest
    from data.flops.flops_model import load_flops_model

    flops_model = load_flops_model()
    limits, own = flops_model.entry(model).architecture.limits, flops_model.shape(model)
    steps_away = [i * limits.multiple for i in range(-8, 12)]
    sizes = [limits.nearest_size(own.width + x, own.height + y) for x, y in product(steps_away, steps_away)]
    frames = (
        [limits.nearest_frames(own.frames + i * limits.frame_step) for i in range(-5, 5)] if limits.frame_step else [1]
    )
    asked = [
        flops_model.shape(model, ShapeRequest(width=width, height=height, frames=length, steps=steps))
        for (width, height), length, steps in islice(product(sizes, frames, range(1, 26)), count)
    ]
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        flops_model.totals(model, asked)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def measure(model: str, options: argparse.Namespace) -> dict[str, float]:
    """Return seconds and MB of each way to an answer about a model; `small`: of its law alone."""
    commands = {
        "law": ("-m", "halflife", "profile", model, "--json"),
        "recount": ("-m", "halflife", "profile", model, "--recount"),
        "by_hand": ("-m", "benchmarks.profile_models", "--by-hand", model),
    }
    ways = WAYS[:1] if options.small else WAYS
    runs = [{way: process(*commands[way]) for way in ways} for _ in range(options.turns)]
    return {
        **{f"{way}_s": statistics.median(run[way][0] for run in runs) for way in ways},
        **{f"{way}_mb": statistics.median(run[way][1] for run in runs) for way in ways},
        "shapes_s": shapes(model, options.shapes, options.repetitions),
    }


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Return what README shows of the figures."""
    models = list(figures["profile_models"].values())
    law, recount, by_hand = (f"{_range(models, f'{way}_s', 1)} s and {_most(models, f'{way}_mb')}" for way in WAYS)
    hand = "torch's FlopCounterMode around the real class of the denoiser alone"
    milliseconds = _range([{"ms": 1000 * model["shapes_s"]} for model in models], "ms", 0)
    return [
        Row("`halflife profile MODEL`, imports included", hand, f"{law}; {by_hand}"),
        Row("`halflife profile MODEL --recount`, the whole pipeline", "the same", recount),
        Row("the polynomials at 10,000 shapes of a model", "", f"{milliseconds} ms"),
    ]


def _range(models: Sequence[Mapping[str, float]], name: str, digits: int) -> str:
    values = [model[name] for model in models]
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def _most(models: Sequence[Mapping[str, float]], name: str) -> str:
    return f"{max(model[name] for model in models):,.0f} MB"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print seconds and memory as a table, or as JSON."""
    from data.flops.flops_model import load_flops_model

    made = parser(__doc__, **COUNTS)
    made.add_argument("--all", action="store_true", help="every architecture, not a choice of six")
    made.add_argument("--by-hand", metavar="MODEL", help="count one denoiser as one would otherwise, and print FLOPs")
    options = parse(made, arguments)
    if options.by_hand:
        print(by_hand(options.by_hand))
        return 0
    chosen = (SMALL,) if options.small else load_flops_model().models if options.all else MODELS
    console = Console(stderr=True)
    measured = {model: measure(model, options) for model in track(chosen, console=console, transient=True)}
    if options.json:
        print(json.dumps({"profile_models": measured}))
        return 0
    Console().print(table(measured, options.shapes))
    return 0


def table(measured: Mapping[str, Mapping[str, float]], count: int) -> Table:
    """Return the figures as a table for people."""
    title = "A process each, imports included (bars: one count under 8 s and 1 GB; 10,000 shapes under 0.1 s)"
    shown = Table(title=title, title_justify="left")
    for name in ("model", "by its law", "recounted", "denoiser by hand", f"{count:,} shapes"):
        shown.add_column(name, justify="left" if name == "model" else "right")
    for model, row in measured.items():
        ways = [f"{row[f'{way}_s']:.1f} s, {row[f'{way}_mb']:,.0f} MB" if f"{way}_s" in row else "" for way in WAYS]
        shown.add_row(model, *ways, f"{1000 * row['shapes_s']:.0f} ms")
    return shown


if __name__ == "__main__":
    sys.exit(main())
