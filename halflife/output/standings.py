"""The leaderboard in the terminal."""

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from rich.console import Console
from rich.text import Text

from data.home import Home
from data.store.snapshot import current
from data.vocabulary import ALL_CATEGORIES
from halflife.output.tables import DASH, table
from leaderboard import formatting
from leaderboard.reports.detectable_difference import detectable_difference
from leaderboard.standings import queries
from leaderboard.standings.queries import Selection
from leaderboard.standings.selection import select

if TYPE_CHECKING:
    import duckdb

COLUMNS: Final = ("place", "model", "estimate", "95 % interval", "n", "not ok", "p50", "$/1,000")
NUMBERS: Final = tuple(name for name in COLUMNS if name != "model")


def leaderboard(console: Console, home: Home, suite: str, calendar: str) -> None:
    """Print the newest standings of a suite, by name or digest, on the metric that ranks it."""
    snapshot = current(home)
    if snapshot is None:
        return
    with snapshot.connect() as connection:
        standings(console, connection, select(connection, suite=suite, calendar=calendar))


def standings(console: Console, connection: "duckdb.DuckDBPyConnection", selection: Selection) -> None:
    """Print the standings of a selection, with failures, speed and cost beside them."""
    frame = queries.standings(connection, selection)
    board, measure = selection.board, selection.measure
    when = f"day {board.day} of a replayed calendar" if board.replayed else f"{board.day}"
    category = "" if selection.category == ALL_CATEGORIES else f", {selection.category}"
    rows = table(f"{board.title}{category}\n{measure.title} ({measure.unit}), {when}", COLUMNS, numbers=NUMBERS)
    for row in frame.astype(object).where(pd.notna(frame), None).to_dict("records"):
        rows.add_row(*_row({str(name): value for name, value in row.items()}, measure.unit))
    console.print(rows)
    absent = sorted(set(queries.models(connection, board)["model"]) - set(frame["model"]))
    if absent:
        console.print(f"Not in the field on that day: {', '.join(absent)}.", style="dim", highlight=False)
    models = tuple(sorted(frame["model"]))
    console.print(detectable_difference(connection, selection, models), style="dim", highlight=False)
    console.print(
        "Place: the ranks that a model may have, at 95 % for all models at once. Interval: of the mean over n prompts, "
        "within the metric's bounds. p50: median seconds of a steady call. $/1,000: US dollars for 1,000 calls; of "
        f"local models, seconds × the declared price of the machine. Machine: {board.machine} ({board.device}).",
        style="dim",
        highlight=False,
    )


def _row(row: dict[str, Any], unit: str) -> tuple[str | Text, ...]:
    interval = f"{formatting.score(row['low'], unit).removesuffix(' %')} – {formatting.score(row['high'], unit)}"
    return (
        formatting.rank_set(row["rank_best"], row["rank_worst"]),
        Text(row["model"]),
        formatting.score(row["estimate"], unit),
        DASH if row["low"] is None else interval,
        str(row["n_prompts"]),
        str(row["n_not_ok"]),
        formatting.seconds(row["p50"]),
        "unknown" if row["usd"] is None else formatting.dollars(1000 * row["usd"]).removeprefix("$"),
    )
