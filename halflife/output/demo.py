"""The embedded contenders profiled: what each counts by its law, and how long its samples took on this machine."""

from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console

if TYPE_CHECKING:
    from data.home import Home
    from data.measurements import Measurement


class Profiled(NamedTuple):
    """A contender's parameters, the FLOPs of an image by its law, and its measured cell."""

    title: str
    parameters: int
    flops: int
    cell: "Measurement"


def profiled(home: "Home", run_id: str) -> list[Profiled]:
    """Return the local models of a run as profiles, the lightest first; their cells are kept in the home."""
    from data.flops.flops_model import load_flops_model
    from data.runs import runs
    from harness.profiling.sampled import keep_cells

    atlas = load_flops_model()
    run = next(one for one in runs(home) if one.run_id == run_id)
    found = []
    for cell in keep_cells(home, run, lambda model, shape: atlas.totals(model, [shape])[0]):
        counted = atlas.profile(cell.setup.model, cell.setup.shape)
        parameters = sum(counted.parameters.values())
        found.append(Profiled(counted.architecture.title, parameters, counted.total.total, cell))
    return sorted(found, key=lambda one: one.flops)


def show(console: Console, found: list[Profiled]) -> None:
    """Print a line a contender: parameters, FLOPs an image, median seconds with interval, the rate it reaches."""
    from halflife.output.measurements import interval, rate
    from halflife.output.profile import amount, table
    from leaderboard import formatting
    from leaderboard.cost_model.measurements import summary

    columns = ("model", "parameters", "an image", "n", "p50", "95 %", "rate")
    shown = table("Counted by their exact laws, measured on this machine", columns)
    for one in found:
        held = summary(one.cell)
        n = str(len(one.cell.seconds.steady))
        measured = (
            (formatting.latency(held.p50.estimate), interval(held), rate(held.tflops))
            if held
            else (formatting.DASH, formatting.DASH, formatting.DASH)
        )
        shown.add_row(one.title, f"{one.parameters:,}", f"{amount(one.flops)}FLOP", n, *measured)
    console.print(shown)
    words = (
        "p50: an image end to end, over the run's n steady calls. Under the fair protocol: halflife profile --measure"
    )
    console.print(words, style="dim", highlight=False)
