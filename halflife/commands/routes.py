"""`halflife routes show | lint | history | rollback`: the published tables that gateways follow."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.errors import RoutingError
from data.home import Home
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output import routes as output
from leaderboard.routing.serving import publish as tables
from leaderboard.routing.table.parsing import complaint
from leaderboard.routing.table.validate import content_problems


def show(
    as_json: Annotated[bool, typer.Option("--json", help="the table itself, as gateways read it")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Show the current routes: the model of each tier, why it was chosen, since when and until when."""
    table = tables.current(Home(home).routing)
    if table is None:
        raise RoutingError(
            "Expected a published routing table, got none. Run `halflife demo` or `halflife routes publish`."
        )
    if as_json:
        print(tables.as_published(table.content).decode(), end="")
        return
    output.routes(Console(), table.content)


def lint(
    file: Annotated[Path | None, typer.Argument(help="a table's file; default: the current table")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Check a table: its schema, its consistency and its expiry; exit code 2 if a check fails."""
    path = file or Home(home).routing / tables.CURRENT
    complaints = content_problems(tables.read_object(path), at=dt.datetime.now(dt.UTC))
    console = Console(soft_wrap=True, highlight=False, markup=False, stderr=bool(complaints))
    for problem in complaints:
        console.print(complaint(path, [problem]))
    if complaints:
        raise typer.Exit(2)
    console.print(f"{path} is valid.")


def history(home: HomeOption = DEFAULT_HOME) -> None:
    """List the published tables, newest first."""
    for publication in tables.history(Home(home).routing):
        line = f"{publication.serial:>5}  {publication.generated_at}  {publication.revision}"
        Console().print(line, highlight=False, soft_wrap=True)


def rollback(
    revision: Annotated[str, typer.Argument(help="sha256:… as `halflife routes history` lists it")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Make an earlier table's content current again, under a higher serial."""
    publication = tables.roll_back(Home(home).routing, revision, at=dt.datetime.now(dt.UTC))
    Console().print(
        f"Published again as serial {publication.serial}: the content of {revision}.", highlight=False, soft_wrap=True
    )
