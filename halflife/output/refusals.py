"""Refusals in the terminal: how often, why, and what they do to quality."""

from typing import TYPE_CHECKING, Final

from rich.text import Text

from data.vocabulary import ALL_CATEGORIES
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from leaderboard import formatting
from leaderboard.inference.intervals import Interval
from leaderboard.standings.queries import Selection
from leaderboard.standings.rates import categories, model_rates
from leaderboard.standings.refusals import REFUSED, Refusals, refusals, worst_value

if TYPE_CHECKING:
    import duckdb

COLUMNS: Final = ("model", "refused", "share", "95 %")
MEANS: Final = ("model", "usual", "n", "common", "n ", "counted", " n")
NOTE: Final = (
    "95 %: exact (Clopper and Pearson) where each prompt has one attempt, else of the mean over prompts. usual: over "
    "the n prompts that the model answered. common: over those that every model answered. "
)
WORST: Final = "counted: each refused attempt counts as {worst}, the worst value of the metric."
NO_WORST: Final = "counted: the metric has no worst value that a refusal could count as."


def print_refusals(console: Terminal, connection: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    """Print a selection's refusals by model, then by category, then by reason; in one line where there are none."""
    listed, measure = refusals(connection, selection), selection.measure
    rows = table(f"{selection.board.title}\nRefused, {selection.board.day}", COLUMNS, numbers=COLUMNS[1:])
    for each in listed:
        rows.add_row(Text(each.model), f"{each.hits} of {each.attempts}", *_share(each.rate))
    console.print(rows)
    means = table(f"{measure.title} ({measure.unit})", MEANS, numbers=MEANS[1:])
    for each in listed:
        cells = [_mean(mean, measure.unit) for mean in (each.usual, each.common, each.floored)]
        means.add_row(Text(each.model), *(text for cell in cells for text in cell))
    console.print(means)
    worst = worst_value(selection)
    note = NO_WORST if worst is None else WORST.format(worst=formatting.score(worst, measure.unit))
    console.print(NOTE + note, style="dim")
    if any(each.hits for each in listed):
        if selection.category == ALL_CATEGORIES:
            _print_categories(console, connection, selection)
        _print_reasons(console, listed)


def _print_categories(console: Terminal, connection: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    columns = ("category", "model", "refused", "share", "95 %")
    rows = table("By category, where anything was refused", columns, numbers=columns[2:])
    for category in categories(connection, selection.board):
        for each in reversed(model_rates(connection, selection.board, REFUSED, category)):
            if each.hits:
                counted = f"{each.hits:g} of {each.n}"
                rows.add_row(Text(category), Text(each.model), counted, *_share(each.interval))
    console.print(rows)


def _print_reasons(console: Terminal, listed: tuple[Refusals, ...]) -> None:
    rows = table("By the provider's reason", ("model", "reason", "refused"), numbers=("refused",))
    for each in listed:
        for reason, number in each.reasons.items():
            rows.add_row(Text(each.model), Text(reason), str(number))
    console.print(rows)


def _share(interval: Interval) -> tuple[str, str]:
    return formatting.score(interval.estimate, "share"), formatting.percent_range(interval.low, interval.high) or DASH


def _mean(mean: Interval | None, unit: str) -> tuple[str, str]:
    if mean is None:
        return DASH, DASH
    margin = formatting.margin(mean.estimate, mean.low, mean.high, unit)
    return f"{formatting.score(mean.estimate, unit)} {margin}".rstrip(), str(mean.n)
