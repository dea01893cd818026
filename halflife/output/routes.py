"""A routing table in the terminal: one line a tier."""

from typing import Final

from halflife.output.tables import number, table
from halflife.output.terminal import Terminal
from leaderboard import formatting
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.view import view

COLUMNS: Final = ("alias", "model", "score", "since", "half-life", "stale", "expires")
COLUMNS_NARROW: Final = ("alias", "model", "score", "half-life", "expires")
NUMBERS: Final = ("score", "half-life")
WIDE: Final = 100
"""Characters of a terminal's width from which the table has all its columns."""


def routes(console: Terminal, content: RoutingTable) -> None:
    """Print what a routing table says: one line a tier, with its evidence, since when and until when."""
    routed = view(content)
    window = content.evidence.window
    days = f"{window.start} to {window.end}, {window.calendar} calendar"
    columns = COLUMNS if console.width >= WIDE else COLUMNS_NARROW
    suite = content.evidence.suite
    origin = f"from {days}" + (f"\nby {suite.sentence}" if suite else "")
    rows = table(f"Routing table {routed.table_id}, serial {routed.serial}\n{origin}", columns, numbers=NUMBERS)
    for tier in routed.tiers:
        cells = {
            "alias": tier.alias,
            "model": tier.model,
            "score": number(tier.score),
            "since": tier.since[:10],
            "half-life": formatting.days(tier.half_life_days),
            "stale": f"{tier.stale_after:%Y-%m-%d}",
            "expires": f"{tier.expires_at:%Y-%m-%d}",
        }
        rows.add_row(*(cells[name] for name in columns))
    console.print(rows)
    for tier in routed.tiers:
        if tier.at_shape:
            console.print(f"{tier.alias} {tier.at_shape}.", style="dim")


def notice(sentence: str | None) -> None:
    """Print on standard error what a reader of the routes must know, if anything."""
    if sentence:
        Terminal(stderr=True, soft_wrap=True).print(sentence)
