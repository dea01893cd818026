"""`halflife standings`: the leaderboard in the terminal, of any suite, category and metric."""

from typing import Annotated

import typer
from rich.console import Console

from halflife.options import DEFAULT_HOME, HomeOption


def standings(
    suite: Annotated[str | None, typer.Option(help="a suite that was run; the newest without")] = None,
    category: Annotated[str | None, typer.Option(help="one category; all together without")] = None,
    metric: Annotated[str | None, typer.Option(help="a metric; the one that ranks the suite without")] = None,
    calendar: Annotated[str | None, typer.Option(help="live or replayed; the newer of them without")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Print who leads: estimate, interval and rank set, with failures, speed and cost beside them."""
    from data.errors import HomeError
    from data.home import Home
    from data.store.snapshot import current
    from halflife.output.standings import ranking
    from leaderboard.standings.selection import select

    snapshot = current(Home(home))
    if snapshot is None:
        raise HomeError(f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`.")
    with snapshot.connect() as connection:
        selection = select(connection, suite=suite, calendar=calendar, category=category, metric=metric)
        ranking(Console(), connection, selection)
