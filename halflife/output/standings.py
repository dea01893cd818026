"""The leaderboard in the terminal."""

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from rich.text import Text

from data.home import Home
from data.store.snapshot import current
from data.vocabulary import ALL_CATEGORIES
from halflife.output.rates import print_rate
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from leaderboard import formatting
from leaderboard.reports import page_data
from leaderboard.reports.detectable_difference import detectable_difference
from leaderboard.standings import queries, rates
from leaderboard.standings.notes import notes
from leaderboard.standings.queries import Board, BoardMetric, Selection
from leaderboard.standings.selection import select

if TYPE_CHECKING:
    import duckdb

COLUMNS: Final = ("place", "model", "estimate", "95 %", "n", "not ok", "p50")
PAIRS: Final = ("pair", "difference", "95 %", "n", "p (Holm)", "verdict")
MOST_PAIRS: Final = 10
UNSOUND: Final = ("unsound",)
UNSOUND_NOTE: Final = (
    "unsound: came, and is undecodable, blank, the file of another prompt or not as asked; the share of all "
    "attempts with its exact 95 % interval. They are not part of the mean."
)
NOBODY_STANDS: Final = "Nobody stands: no model has a sample that is ok, sound and scored."
PRICE: Final = ("$/1,000",)
VIDEO_PRICE: Final = ("× real", "$/1k s")
PRICE_NOTE: Final = "$/1,000: US dollars for 1,000 calls"
VIDEO_PRICE_NOTE: Final = "× real: seconds of video a second of waiting. $/1k s: US dollars for 1,000 seconds of video"


def leaderboard(console: Terminal, home: Home, suite: str, calendar: str) -> None:
    """Print the newest standings of a suite, by name or digest, on the metric that ranks it."""
    snapshot = current(home)
    if snapshot is None:
        return
    with snapshot.connect() as connection:
        if not print_without_standings(console, connection, suite, calendar):
            standings(console, connection, select(connection, suite=suite, calendar=calendar), pairs=0)


def print_without_standings(
    console: Terminal, connection: "duckdb.DuckDBPyConnection", suite: str | None, calendar: str | None
) -> bool:
    """Print what became of the samples of the newest suite of those names, where not one model stands; else False."""
    names = {(each.calendar, each.suite_digest) for each in queries.boards(connection)}
    named = [each for each in rates.boards(connection) if suite in (None, each.suite, each.suite_digest)]
    board = next((each for each in named if calendar in (None, each.calendar)), None)
    if board is None or (board.calendar, board.suite_digest) in names:
        return False
    reason = rates.why_unscored(connection, board)
    why = f" Why there is no {board.primary_metric}, for one: {reason}" if reason else ""
    console.print(f"{NOBODY_STANDS}{why}", soft_wrap=True)
    for name in ("not_ok", "unsound"):
        print_rate(console, connection, board, rates.rates(connection, board)[name])
    return True


def standings(
    console: Terminal, connection: "duckdb.DuckDBPyConnection", selection: Selection, *, pairs: int = MOST_PAIRS
) -> None:
    """Print the standings of a selection, with failures, speed and cost beside them, and the `pairs` clearest pairs."""
    frame = queries.standings(connection, selection)
    models = tuple(sorted(frame["model"]))
    _print_table(console, frame, selection)
    _print_companion(console, page_data.companion(connection, selection))
    for note in notes(connection, selection):
        console.print(note, style="dim")
    absent = sorted(set(queries.models(connection, selection.board)["model"]) - set(models))
    if absent:
        console.print(f"Not in the field on that day: {', '.join(absent)}.", style="dim")
    _print_pairs(console, page_data.paired_differences(connection, selection, models), selection.measure, pairs)
    console.print(detectable_difference(connection, selection, models), style="dim")
    _print_legend(console, selection.board)


def _print_table(console: Terminal, frame: pd.DataFrame, selection: Selection) -> None:
    board, measure = selection.board, selection.measure
    when = f"day {board.day} of a replayed calendar" if board.replayed else f"{board.day}"
    category = "" if selection.category == ALL_CATEGORIES else f", {selection.category}"
    unsound = bool((frame["n_unsound"] > 0).any())
    columns = (*COLUMNS, *(UNSOUND if unsound else ()), *(VIDEO_PRICE if board.video else PRICE))
    content = f", {board.content}" if board.content else ""
    title = f"{board.title}{content}{category}\n{measure.title} ({measure.unit}), {when}"
    rows = table(title, columns, numbers=tuple(name for name in columns if name != "model"))
    for row in frame.astype(object).where(pd.notna(frame), None).to_dict("records"):
        facts = {str(name): value for name, value in row.items()}
        beside = (_unsound(facts),) if unsound else ()
        rows.add_row(*_row(facts, measure.unit), *beside, *_prices(facts, video=board.video))
    console.print(rows)
    if unsound:
        console.print(UNSOUND_NOTE, style="dim")


def _print_legend(console: Terminal, board: Board) -> None:
    console.print(
        "Place: the ranks that a model may have, at 95 % for all models at once. 95 %: interval of the mean over n "
        "prompts, within the metric's bounds. p50: median seconds of a steady call. "
        f"{VIDEO_PRICE_NOTE if board.video else PRICE_NOTE}; of "
        f"local models, seconds × the declared price of the machine. Machine: {board.machine} ({board.device}).",
        style="dim",
    )


def _print_pairs(console: Terminal, frame: pd.DataFrame, measure: BoardMetric, most: int) -> None:
    """Print the clearest paired differences, with Holm across all pairs of the table."""
    if frame.empty or not most:
        return
    rows = table(f"Paired differences, the clearest of {len(frame)} first", PAIRS, numbers=PAIRS[1:5])
    for row in frame.head(most).astype(object).where(pd.notna(frame.head(most)), None).to_dict("records"):
        better = Text(f"{row['better']} is better") if row["better"] else Text("no clear difference", style="dim")
        rows.add_row(
            Text(f"{row['model_a']} − {row['model_b']}"),
            formatting.difference(row["difference"], measure.unit),
            formatting.margin(row["difference"], row["low"], row["high"], measure.unit) or DASH,
            str(row["n_prompts"]),
            formatting.p_value(row["p_holm"]),
            better,
        )
    console.print(rows)


def _print_companion(console: Terminal, companion: tuple[BoardMetric, dict[str, float]] | None) -> None:
    """Print the metric without which the one that was asked for misleads."""
    if companion is None:
        return
    metric, means = companion
    values = ", ".join(f"{model} {formatting.score(mean, metric.unit)}" for model, mean in means.items())
    console.print(f"Not to be read without {metric.title} ({metric.unit}): {values}.")


def _row(row: dict[str, Any], unit: str) -> tuple[str | Text, ...]:
    ends = (formatting.score(row[end], unit) for end in ("low", "high"))
    interval = "–".join([next(ends).removesuffix(f"{formatting.GAP}%"), *ends])
    return (
        formatting.rank_set(row["rank_best"], row["rank_worst"]),
        Text(row["model"]),
        formatting.score(row["estimate"], unit),
        DASH if row["low"] is None else interval,
        str(row["n_prompts"]),
        str(row["n_not_ok"]),
        formatting.seconds(row["p50"]),
    )


def _unsound(row: dict[str, Any]) -> str:
    if not row["n_unsound"]:
        return "0"
    ends = formatting.percent_range(row["unsound_low"], row["unsound_high"])
    return f"{formatting.score(row['unsound'], 'share')} ({ends})"


def _prices(row: dict[str, Any], *, video: bool) -> tuple[str, ...]:
    usd, pace = row["usd_a_video_second" if video else "usd"], row["real_time_factor"]
    price = "unknown" if usd is None else formatting.dollars(1000 * usd).removeprefix("$")
    return (DASH if pace is None else formatting.plain(pace), price) if video else (price,)
