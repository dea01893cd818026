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
from itertools import islice, product

from rich.console import Console
from rich.progress import track
from rich.table import Table

MODELS = ("sdxl", "flux.1-dev", "qwen-image", "wan2.1-14b", "hunyuanvideo", "ltx-2")
SHAPES = 10_000
REPETITIONS = 5
IN_TURN = 3
BY_HAND = """
import torch
from torch.utils.flop_counter import FlopCounterMode
from data.architectures.library import architecture
from harness.profiling.building import build, inputs
from harness.profiling.counting import valueless
described = architecture({model!r})
call = inputs(described, "denoiser", described.shape())
with torch.no_grad(), valueless(), FlopCounterMode(display=False):
    call.on(build(described, "denoiser"))
"""


def process(*command: str) -> tuple[float, float]:
    """Return a command's wall-clock seconds, and its largest process's peak of resident memory in MB (10**6 bytes)."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-W", "ignore", *command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"Expected {' '.join(command[:4])} to succeed, got status {status}.")
    return time.perf_counter() - start, usage.ru_maxrss * 1024 / 1e6


def shapes(model: str) -> float:
    """Return the median seconds in which the law answers 10,000 shapes of a model."""
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
        for (width, height), length, steps in islice(product(sizes, frames, range(1, 26)), SHAPES)
    ]
    seconds = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        flops_model.totals(model, asked)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def measure(model: str) -> dict[str, float]:
    """Return seconds and MB of each way to an answer about a model."""
    commands = {
        "law": ("-m", "halflife", "profile", model, "--json"),
        "recount": ("-m", "halflife", "profile", model, "--recount"),
        "by_hand": ("-c", BY_HAND.format(model=model)),
    }
    runs = [{name: process(*command) for name, command in commands.items()} for _ in range(IN_TURN)]
    return {
        **{f"{name}_s": statistics.median(run[name][0] for run in runs) for name in commands},
        **{f"{name}_mb": statistics.median(run[name][1] for run in runs) for name in commands},
        "shapes_s": shapes(model),
    }


def main() -> None:
    """Print seconds and memory as a table, or as JSON."""
    from data.flops.flops_model import load_flops_model

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--all", action="store_true", help="every architecture, not a choice of six")
    arguments = parser.parse_args()
    chosen = load_flops_model().models if arguments.all else MODELS
    rows = {model: measure(model) for model in track(chosen, console=Console(stderr=True), transient=True)}
    if arguments.json:
        print(json.dumps({"profile_models": rows}))
        return
    title = "A process each, imports included (bars: one count under 8 s and 1 GB; 10,000 shapes under 0.1 s)"
    table = Table(title=title, title_justify="left")
    for name in ("model", "by its law", "recounted", "denoiser by hand", f"{SHAPES:,} shapes"):
        table.add_column(name, justify="left" if name == "model" else "right")
    for model, row in rows.items():
        ways = [f"{row[f'{way}_s']:.1f} s, {row[f'{way}_mb']:,.0f} MB" for way in ("law", "recount", "by_hand")]
        table.add_row(model, *ways, f"{1000 * row['shapes_s']:.0f} ms")
    Console().print(table)


if __name__ == "__main__":
    main()
