"""The embedded contenders profiled: what each counts by its law, and how long this machine takes for it."""

from typing import TYPE_CHECKING, Final, NamedTuple

from rich.console import Console

from data.vocabulary import Progress

if TYPE_CHECKING:
    from data.home import Home
    from data.profiles import Cell

REPEATS: Final = 6
"""The fewest steady calls whose median has a 95 % interval from order statistics."""


class Profiled(NamedTuple):
    """A contender's parameters, the FLOPs of an image by its law, and its measured cell."""

    title: str
    parameters: int
    flops: int
    cell: "Cell"


def profiled(home: "Home", progress: Progress) -> list[Profiled]:
    """Count every embedded contender and measure it on the CPU, where the home does not hold that yet."""
    from data.architectures.shape import Asked
    from data.atlas.atlas import load_atlas
    from data.catalogue.library import load_catalogue
    from halflife.measured import Wanted, measured

    atlas, found = load_atlas(), []
    models = [one for one in load_catalogue().models.values() if one.provider == "embedded" and one.id in atlas.models]
    progress.begin("Profiling", len(models))
    for model in models:
        wanted = Wanted(model=model.id, asked=Asked(), weights="catalogue", device="cpu", repeats=REPEATS)
        (cell,) = measured(home, wanted, _Quiet())
        counted = atlas.profile(model.id, cell.setup.shape)
        found.append(Profiled(model.title, sum(counted.parameters.values()), counted.total.total, cell))
        progress.advance()
    progress.end()
    return sorted(found, key=lambda one: one.flops)


def show(console: Console, found: list[Profiled]) -> None:
    """Print a line a contender: parameters, FLOPs an image, median seconds with interval, the rate it reaches."""
    from halflife.measured_tables import DASH, interval, rate, seconds
    from halflife.profile_tables import amount, table
    from leaderboard.compute.measured import summary

    columns = ("model", "parameters", "an image", "p50", "95 %", "rate")
    shown = table("The contenders, counted by their exact laws and measured on this CPU", columns)
    for one in found:
        held = summary(one.cell)
        measured = (seconds(held.p50.estimate), interval(held), rate(held.tflops)) if held else (DASH, DASH, DASH)
        shown.add_row(one.title, f"{one.parameters:,}", f"{amount(one.flops)}FLOP", *measured)
    console.print(shown)
    words = f"One steady call of an image, end to end; {REPEATS} calls after two warm-ups. More: halflife profile"
    console.print(words, style="dim", highlight=False)


class _Quiet:
    """Cells of one model go by too fast for a bar of their own."""

    def begin(self, name: str, total: int) -> None:
        """Nothing to show."""

    def advance(self, steps: int = 1) -> None:
        """Nothing to show."""

    def end(self) -> None:
        """Nothing to show."""
