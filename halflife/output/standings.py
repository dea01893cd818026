"""What the command line prints: what a run made, the leaderboard, and what was refused."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from data.errors import HalflifeError
from data.vocabulary import ALL_CATEGORIES

if TYPE_CHECKING:
    import duckdb

    from data.home import Home
    from halflife.workflows.observe import Observed
    from leaderboard.routing.table.model import RoutingTable
    from leaderboard.standings.queries import Selection

COLUMNS = ("place", "model", "estimate", "95 % interval", "n", "not ok", "p50", "$/1,000")
NUMBERS = frozenset({*COLUMNS, "score", "half-life", "steps", "prompts", "categories", "attempt"} - {"model"})
ROUTE_COLUMNS = ("alias", "model", "score", "since", "half-life", "stale", "expires")
ROUTE_COLUMNS_NARROW = ("alias", "model", "score", "half-life", "expires")
WIDE = 100
"""Columns of a terminal from which a table shows all it has."""


def made(console: Console, observed: "Observed") -> None:
    """Print how many samples an order came to, by status, and how many were there before."""
    summary = observed.summary
    if summary is None:
        console.print(f"Run {observed.plan.run_id} is committed already: nothing was left to do.", highlight=False)
        return
    parts = [f"{count} {status}" for status, count in sorted(summary.made.items(), key=lambda item: -item[1])]
    before = f", {summary.before} made before" if summary.before else ""
    left = f", {summary.left} left" if summary.left else ""
    console.print(f"Run {summary.run_id}: {', '.join(parts) or 'nothing made'}{before}{left}.", highlight=False)


def complaints(refused: Sequence[HalflifeError]) -> None:
    """Print on standard error what was left out, and why; the rest is shown without it."""
    complain = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    for error in refused:
        complain.print(f"Left out: {error}")


def leaderboard(console: Console, home: "Home", suite: str, calendar: str) -> None:
    """Print the newest standings of a suite, by name or digest, on the metric that ranks it."""
    from data.store.snapshot import current
    from leaderboard.standings.selection import select

    snapshot = current(home)
    if snapshot is None:
        return
    with snapshot.connect() as connection:
        ranking(console, connection, select(connection, suite=suite, calendar=calendar))


def ranking(console: Console, connection: "duckdb.DuckDBPyConnection", selection: "Selection") -> None:
    """Print the standings of a selection, failures, speed and cost beside them."""
    import pandas as pd

    from leaderboard.standings import queries

    rows = queries.standings(connection, selection)
    board, measure = selection.board, selection.measure
    when = f"day {board.day} of a replayed calendar" if board.replayed else f"{board.day}"
    among = "" if selection.category == ALL_CATEGORIES else f", {selection.category}"
    table = listing(f"{board.title}{among}\n{measure.title} ({measure.unit}), {when}", COLUMNS)
    for row in rows.astype(object).where(pd.notna(rows), None).to_dict("records"):
        table.add_row(*_row({str(name): value for name, value in row.items()}, measure.unit))
    console.print(table)
    gone = sorted(set(queries.models(connection, board)["model"]) - set(rows["model"]))
    if gone:
        console.print(f"Not in the field on that day: {', '.join(gone)}.", style="dim", highlight=False)
    console.print(
        "Place: simultaneous 95 % rank set. Interval: 95 %, t over prompt means, n prompts. p50: steady calls. "
        f"Machine: {board.machine} ({board.device}); cost of local models: seconds × its declared price.",
        style="dim",
        highlight=False,
    )


def routes(console: Console, table: "RoutingTable") -> None:
    """Print what a routing table says: one line a tier, with its evidence, since when and until when."""
    from leaderboard import formatting
    from leaderboard.routing.view import view

    seen = view(table)
    window = table.evidence.window
    days = f"{window.start} to {window.end}, {window.calendar} calendar"
    title = f"Routing table {seen.table_id}, serial {seen.serial}\nfrom {days}"
    columns = ROUTE_COLUMNS if console.width >= WIDE else ROUTE_COLUMNS_NARROW
    shown = listing(title, columns)
    for tier in seen.tiers:
        cells = {
            "alias": tier.alias,
            "model": tier.model,
            "score": "–" if tier.score is None else f"{tier.score:.3g}",
            "since": tier.since[:10],
            "half-life": formatting.days(tier.half_life_days),
            "stale": f"{tier.stale_after:%Y-%m-%d}",
            "expires": f"{tier.expires_at:%Y-%m-%d}",
        }
        shown.add_row(*(cells[name] for name in columns))
    console.print(shown)
    for tier in seen.tiers:
        if tier.at_shape:
            console.print(f"{tier.alias} {tier.at_shape}.", style="dim", highlight=False)


def listing(title: str, columns: Sequence[str]) -> Table:
    """Return an empty table, words left and numbers right; in a narrow terminal words fold and numbers stay."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for name in columns:
        justify: Literal["left", "right"] = "right" if name in NUMBERS else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name in NUMBERS)
    return table


def _row(row: dict[str, Any], unit: str) -> tuple[str | Text, ...]:
    from leaderboard import formatting

    interval = f"{formatting.score(row['low'], unit).removesuffix(' %')} – {formatting.score(row['high'], unit)}"
    return (
        formatting.rank_set(row["rank_best"], row["rank_worst"]),
        Text(row["model"]),
        formatting.score(row["estimate"], unit),
        "–" if row["low"] is None else interval,
        str(row["n_prompts"]),
        str(row["n_not_ok"]),
        formatting.seconds(row["p50"]),
        "unknown" if row["usd"] is None else formatting.dollars(1000 * row["usd"]).removeprefix("$"),
    )
