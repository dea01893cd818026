"""`halflife routes show | lint | history | rollback`: the published tables that gateways follow."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from data.errors import HalflifeError, RoutingError
from data.home import Home
from halflife.options import DEFAULT_HOME, HomeOption, TableFileOption, TableOption
from halflife.output import routes as output
from halflife.output.terminal import Terminal
from leaderboard.routing.serving import publish as tables
from leaderboard.routing.serving.published import NOTHING, choose, published, table_ids
from leaderboard.routing.table.parsing import complaint
from leaderboard.routing.table.validate import content_problems


def show(
    table: Annotated[
        str | None, typer.Option("--table", help="only the published table of this id, such as shapes.live")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one table itself, as gateways read it")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Show the current routes of each table: the model of each tier, why it was chosen, since when and until when."""
    shown = published(Home(home).routing)
    if as_json:
        print(tables.as_published(shown.table(table)).decode(), end="")
        return
    shown = shown.narrowed(table)
    for content in shown.tables.values():
        output.routes(Terminal(), content)
    if shown.problems or not shown.tables:
        raise RoutingError(" ".join(shown.problems.values()) or NOTHING)


def lint(table: TableOption = None, file: TableFileOption = None, home: HomeOption = DEFAULT_HOME) -> None:
    """Check a table: its schema, its consistency and its expiry; exit code 2 if a check fails."""
    path = table_file(home, table, file)
    complaints = content_problems(tables.read_object(path), at=dt.datetime.now(dt.UTC))
    console = Terminal(soft_wrap=True, stderr=bool(complaints))
    for problem in complaints:
        console.print(complaint(path, [problem]))
    if complaints:
        raise typer.Exit(2)
    console.print(f"{path} is valid.")


def history(table: TableOption = None, home: HomeOption = DEFAULT_HOME) -> None:
    """List the publications of a table, newest first."""
    routing = Home(home).routing
    for publication in tables.history(routing, choose(table_ids(routing), table)):
        by = f"  {publication.suite.sentence}" if publication.suite else ""
        line = f"{publication.serial:>5}  {publication.generated_at}  {publication.revision}{by}"
        Terminal().print(line, soft_wrap=True)


def rollback(
    revision: Annotated[str, typer.Argument(help="sha256:… as `halflife routes history` lists it")],
    table: TableOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Make an earlier content of a table current again, under a higher serial."""
    routing = Home(home).routing
    publication = tables.roll_back(routing, choose(table_ids(routing), table), revision, at=dt.datetime.now(dt.UTC))
    Terminal().print(f"Published again as serial {publication.serial}: the content of {revision}.", soft_wrap=True)


def table_file(home: Path, table: str | None, file: Path | None) -> Path:
    """Return the file of the table that `--table` or `--file` names, without either that of the only published one."""
    if file is not None and table is not None:
        raise HalflifeError(f"Expected --table or --file, got both: {table} and {file}. Give one.")
    routing = Home(home).routing
    return file or tables.table_folder(routing, choose(table_ids(routing), table)) / tables.CURRENT
