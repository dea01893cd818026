"""What the command line prints: what a run made, the leaderboard, and what was refused."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from data.errors import HalflifeError, UnknownNameError

if TYPE_CHECKING:
    from data.home import Home
    from data.vocabulary import Plan
    from halflife.observe import Observed
    from leaderboard.queries import Selection

COLUMNS = ("place", "model", "estimate", "95 % interval", "n", "not ok", "p50", "$/1,000")
LONG = frozenset({"source", "prompt", "found", "to do", "models", "run or reason", "scope", "reason"})
NUMBERS = frozenset({*COLUMNS, "score", "half-life", "steps", "prompts", "categories", "attempt"} - {"model"})


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


def leaderboard(console: Console, home: "Home", plan: "Plan") -> None:
    """Print the newest standings of a plan's suite on its primary metric, failures and speed beside them."""
    import pandas as pd

    from data.store.snapshot import current
    from leaderboard import queries

    snapshot = current(home)
    if snapshot is None:
        return
    with snapshot.connect() as connection:
        selection = _selection(connection, plan)
        rows = queries.standings(connection, selection)
    board, measure = selection.board, selection.measure
    when = f"day {board.day} of a replayed calendar" if board.replayed else f"{board.day}"
    table = listing(f"{board.title}\n{measure.title} ({measure.unit}), {when}", COLUMNS)
    for row in rows.astype(object).where(pd.notna(rows), None).to_dict("records"):
        table.add_row(*_row({str(name): value for name, value in row.items()}, measure.unit))
    console.print(table)
    machine = plan.machine
    console.print(
        "Place: simultaneous 95 % rank set. Interval: 95 %, t over prompt means, n prompts. p50: steady calls on "
        f"{machine.cpu or machine.name} ({machine.device}). "
        f"Cost: seconds × ${machine.usd_per_hour:g} an hour, declared.",
        style="dim",
        highlight=False,
    )


def routes(console: Console, table: Mapping[str, Any]) -> None:
    """Print what a routing table says: one line a tier, with its evidence, since when and until when."""
    from leaderboard import notation
    from leaderboard.routed import view

    seen = view(table)
    window = table["evidence"]["window"]
    days = f"{window['from']} to {window['to']}, {window['calendar']} calendar"
    title = f"Routing table {seen.table_id}, serial {seen.serial}\nfrom {days}"
    shown = listing(title, ("alias", "model", "score", "since", "half-life", "stale", "expires"))
    for tier in seen.tiers:
        score = "–" if tier.score is None else f"{tier.score:.3g}"
        ends = (f"{moment:%Y-%m-%d}" if moment else "–" for moment in (tier.stale_after, tier.expires_at))
        shown.add_row(tier.alias, tier.model, score, tier.since[:10], notation.days(tier.half_life_days), *ends)
    console.print(shown)


def listing(title: str, columns: Sequence[str]) -> Table:
    """Return an empty table, words to the left and numbers to the right; a cell too long for the terminal is folded."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        justify: Literal["left", "right"] = "right" if name in NUMBERS else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name not in LONG)
    return table


def _selection(connection: Any, plan: "Plan") -> "Selection":
    from leaderboard import queries

    boards = {(one.suite_digest, one.calendar): one for one in queries.boards(connection)}
    board = boards.get((plan.suite.digest, plan.calendar))
    if board is None:
        raise UnknownNameError("suite with standings", plan.suite.name, {one.suite for one in boards.values()})
    measures = queries.measures(connection, board)
    chosen = [one for one in measures if one.name == board.primary_metric] or measures
    return queries.Selection(board=board, category=queries.ALL, measure=chosen[0])


def _row(row: dict[str, Any], unit: str) -> tuple[str | Text, ...]:
    from leaderboard import notation

    interval = f"{notation.score(row['low'], unit)} – {notation.score(row['high'], unit)}"
    return (
        notation.rank_set(row["rank_best"], row["rank_worst"]),
        Text(row["model"]),
        notation.score(row["estimate"], unit),
        "–" if row["low"] is None else interval,
        str(row["n_prompts"]),
        str(row["n_not_ok"]),
        notation.seconds(row["p50"]),
        "unknown" if row["usd"] is None else notation.dollars(1000 * row["usd"]).removeprefix("$"),
    )
