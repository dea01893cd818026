"""What the harness adds to the work: `execute` against a bare loop over the same pipeline, prompts and seeds.

Both sides run in one process, block by block in alternation, each with a pipeline object of its own of the same
weights, loaded beforehand. A block is the same samples on both sides.

- The bare loop does what one would write otherwise: seed a generator, call the pipeline, `image.save` a PNG.
- The harness makes a whole run: checks the model, takes the run's lock, opens a journal, times every phase, encodes a
  PNG, keeps it durably under its hash (fsync) and acknowledges a journal line for each sample (fdatasync), to the last.

The figure is the median over pairs of blocks of (seconds of the harness / seconds of the bare loop − 1).
"""

import datetime as dt
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.options import Count, parse, parser
from benchmarks.side_by_side import Row
from data.catalogue.library import load_catalogue
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.suites.library import load_suite
from data.vocabulary import LocalSource, Machine, Model, Plan, Request, Suite
from harness.execution import execute
from harness.local import loading
from harness.local.pipeline import LocalPipeline
from harness.plan import expand

MODELS = ("shapes-grand", "shapes-flash")
BAR = 0.03
MACHINE = Machine(
    name="here", device="cpu", cpu="", cores=1, memory_bytes=1, gpu=None, usd_per_hour=0.0, price_source="none"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhead:
    """One model's figures: seconds a sample on either side (medians), and the overhead of each pair of blocks."""

    model: str
    steps: int | None
    bare_seconds: float
    harness_seconds: float
    overheads: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median overhead, as a fraction."""
        return statistics.median(self.overheads)


class Silent:
    """A progress that shows nothing."""

    def begin(self, name: str, total: int) -> None:
        """Nothing."""

    def advance(self, steps: int = 1) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


def bare_loop(pipeline: Any, requests: tuple[Request, ...], folder: Path) -> None:
    """Make the samples as a script of one's own would."""
    import torch

    for number, request in enumerate(requests):
        seeded = torch.Generator("cpu").manual_seed(request.seed)
        output = pipeline(
            prompt=request.text,
            num_inference_steps=request.settings.steps,
            guidance_scale=request.settings.guidance,
            generator=seeded,
        )
        output.images[0].save(folder / f"{number}.png")


def plan_of(suite: Suite, model: Model, seed: int) -> Plan:
    """Return the plan of one block; another seed is another run."""
    now = dt.datetime.now(dt.UTC)
    return expand(suite, [model], seeds=[seed], calendar="live", day=now.date(), machine=MACHINE, created_at=now)


def measure(model: Model, suite: Suite, home: Home, *, pairs: int) -> Overhead:
    """Return the overhead of `model` over `pairs` pairs of blocks, after one pair that is not counted."""
    if not isinstance(model.source, LocalSource):
        raise TypeError(f"Expected a local model, got {model.id!r}.")
    ours, theirs = loading.load(model.source), loading.load(model.source)
    theirs.set_progress_bar_config(disable=True)
    harness, bare = list[float](), list[float]()
    for pair in range(pairs + 1):
        plan = plan_of(suite, model, pair)
        run = RunFolder.create(home, plan)
        sides: list[tuple[list[float], Callable[[], Any]]] = [
            (harness, partial(execute, run, MediaStore(home.media), partial(_preloaded, ours), Silent())),
            (bare, partial(bare_loop, theirs, plan.requests, home.cache)),
        ]
        for seconds, work in sides if pair % 2 else reversed(sides):
            seconds.append(_timed(work) / len(plan.requests))
    overheads = tuple(ours / theirs - 1 for ours, theirs in zip(harness[1:], bare[1:], strict=True))
    return Overhead(
        model=model.id,
        steps=model.settings.steps,
        bare_seconds=statistics.median(bare[1:]),
        harness_seconds=statistics.median(harness[1:]),
        overheads=overheads,
    )


def _preloaded(pipeline: Any, model: Model) -> LocalPipeline:
    return LocalPipeline("cpu", load=lambda source: pipeline)


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table(figures: list[Overhead]) -> Table:
    """Return the figures as a table for people."""
    title = f"The harness over a bare loop (median over pairs of blocks; at most {BAR:.0%})"
    shown = Table("model", "steps", "bare loop", "harness", "overhead", "quartiles", title=title)
    for overhead in figures:
        low, _, high = statistics.quantiles(overhead.overheads, n=4)
        sides = [f"{seconds * 1000:.1f} ms" for seconds in (overhead.bare_seconds, overhead.harness_seconds)]
        shown.add_row(
            overhead.model, str(overhead.steps), *sides, f"{overhead.median:+.1%}", f"{low:+.1%} to {high:+.1%}"
        )
    return shown


def rows(figures: Mapping[str, Any]) -> list[Row]:
    """Return what README shows of the figures."""
    shares = [f"{each['overhead']:+.1%} at {each['bare_seconds']:.2f} s" for each in figures["harness_overhead"]]
    result = f"{shares[0].replace('%', ' %')} an image, {shares[1].replace('%', ' %')}"
    return [Row("the harness", "a bare loop over the same pipeline", result)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print; return 1 where the hero's overhead is over the bar."""
    counts = {"pairs": Count(12, 2, "pairs of blocks"), "prompts": Count(16, 1, "samples of a block")}
    made = parser(__doc__, **counts)
    made.add_argument("--threads", type=int, help="torch's threads (default: torch's own choice)")
    options = parse(made, arguments)
    if options.threads:
        import torch

        torch.set_num_threads(options.threads)
    suite = load_suite("shapes")
    suite = replace(suite, prompts=suite.prompts[:: len(suite.prompts) // options.prompts][: options.prompts])
    catalogue = load_catalogue()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.prepare()
        figures = [measure(catalogue.model(name), suite, home, pairs=options.pairs) for name in MODELS]
    if options.json:
        overheads = [{**asdict(overhead), "overhead": overhead.median} for overhead in figures]
        print(json.dumps({"harness_overhead": overheads, "bar": BAR}))
    else:
        Console().print(table(figures))
    return int(not options.small and figures[0].median > BAR)


if __name__ == "__main__":
    sys.exit(main())
