"""`halflife standings`: the leaderboard in the terminal, of any suite, category and metric."""

from typing import Annotated

import typer
from rich.console import Console

from data.errors import HomeError
from data.home import Home
from data.store.snapshot import current
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output import standings as output
from leaderboard.standings.selection import select


def standings(
    suite: Annotated[
        str | None,
        typer.Option(help="a suite that was run (NAME@VERSION or NAME@DIGEST: an older content); default: the newest"),
    ] = None,
    category: Annotated[str | None, typer.Option(help="one category; default: all together")] = None,
    metric: Annotated[str | None, typer.Option(help="a metric; default: the one that ranks the suite")] = None,
    calendar: Annotated[str | None, typer.Option(help="live or replayed; default: the newer of them")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Print who leads: estimate, interval and rank set, with failures, speed and cost beside them."""
    snapshot = current(Home(home))
    if snapshot is None:
        raise HomeError(f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`.")
    with snapshot.connect() as connection:
        selection = select(connection, suite=suite, calendar=calendar, category=category, metric=metric)
        output.standings(Console(), connection, selection)
