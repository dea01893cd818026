"""Rates of faults in the terminal."""

from typing import TYPE_CHECKING, Final

from rich.text import Text

from data.vocabulary import ALL_CATEGORIES
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from leaderboard import formatting
from leaderboard.standings.queries import Board
from leaderboard.standings.rates import ModelRate, Rate, model_rates

if TYPE_CHECKING:
    import duckdb

COLUMNS: Final = ("model", "rate", "95 %", "of", "prompts")
NOTE: Final = (
    "95 %: interval of the mean over prompts, exact (Clopper and Pearson) where each has one attempt. of: how many "
    "of how many attempts; of what failed or was refused no gate is known. A rate finds faults; it ranks nobody."
)


def print_rate(
    console: Terminal, connection: "duckdb.DuckDBPyConnection", board: Board, rate: Rate, category: str | None = None
) -> None:
    """Print a rate of every model of a board, the best first; None: of all categories."""
    part = "" if category is None else f", {category}"
    title = f"{board.title}{part}\n{rate.title} ({rate.name}), {board.day}"
    rows = table(title, COLUMNS, numbers=COLUMNS[1:])
    for each in model_rates(connection, board, rate, category or ALL_CATEGORIES):
        rows.add_row(Text(each.model), *_cells(each))
    console.print(rows)
    console.print(NOTE, style="dim")


def _cells(each: ModelRate) -> tuple[str, ...]:
    ends = formatting.percent_range(each.interval.low, each.interval.high) or DASH
    share = formatting.score(each.interval.estimate, "share")
    return share, ends, f"{each.hits:g} of {each.n}", str(each.interval.n)
