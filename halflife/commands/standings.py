"""`halflife standings`: the leaderboard in the terminal, of any suite, category and metric."""

from typing import Annotated

import typer

from data.errors import HomeError
from data.home import Home
from data.store.snapshot import current
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output import standings as output
from halflife.output.rates import print_rate
from halflife.output.refusals import print_refusals
from halflife.output.terminal import Terminal
from leaderboard.standings.selection import select, select_rate


def standings(
    suite: Annotated[
        str | None,
        typer.Option(help="a suite that was run (NAME@VERSION or NAME@DIGEST: an older content); default: the newest"),
    ] = None,
    category: Annotated[str | None, typer.Option(help="one category; default: all together")] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help="a metric, or a rate (integrity_ok, blank, unsound, refused, …); default: the one that ranks the suite"
        ),
    ] = None,
    calendar: Annotated[str | None, typer.Option(help="live or replayed; default: the newer of them")] = None,
    pairs: Annotated[int, typer.Option(min=0, help="how many paired differences to print, the clearest first")] = 10,
    refusals: Annotated[
        bool, typer.Option("--refusals", help="print refusals by model, category and reason, and quality with them")
    ] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Print who leads: estimate, interval and rank set, with failures, speed and cost beside them.

    Of a rate each model's share with its interval is printed, without ranks. With `--refusals`: how often and why each
    model refuses, and its quality on what all models answered and with refusals counted at the metric's worst value.
    """
    snapshot = current(Home(home))
    if snapshot is None:
        raise HomeError(f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`.")
    console = Terminal()
    with snapshot.connect() as connection:
        listed = select_rate(connection, metric, suite=suite, calendar=calendar)
        if refusals:
            names = {"suite": suite, "calendar": calendar, "category": category, "metric": metric}
            print_refusals(console, connection, select(connection, **names))
        elif listed is not None:
            print_rate(console, connection, *listed, category)
        elif metric is not None or not output.print_without_standings(console, connection, suite, calendar):
            selection = select(connection, suite=suite, calendar=calendar, category=category, metric=metric)
            output.standings(console, connection, selection, pairs=pairs)
