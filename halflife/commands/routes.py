"""`halflife routes`: the table that gateways follow; `routes_policy` adds why, and what other rules would have made."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.vocabulary import Calendar
from halflife.commands import routes_analysis, routes_export
from halflife.options import DEFAULT_HOME, HomeOption, PolicyOption

app = typer.Typer(help="The routing table that gateways follow.", no_args_is_help=True)
app.command("explain")(routes_analysis.explain)
app.command("simulate")(routes_analysis.simulate)
app.command("curate")(routes_analysis.curate)
app.command("export")(routes_export.export)
app.command("serve")(routes_export.serve)
app.command("keygen")(routes_export.keygen)
app.command("sign")(routes_export.sign)
app.command("verify")(routes_export.verify)


@app.command("show")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="the table itself, as gateways read it")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Show what is routed now: the model of each tier, why, since when and until when."""
    from data.errors import RoutingError
    from data.home import Home
    from halflife.output.standings import routes
    from leaderboard.routing.serving.publish import as_published, current

    table = current(Home(home).routing)
    if table is None:
        raise RoutingError(
            "Expected a published routing table, got none. Run `halflife demo` or `halflife routes publish`."
        )
    if as_json:
        print(as_published(table.content).decode(), end="")
        return
    routes(Console(), table.content)


@app.command("lint")
def lint(
    file: Annotated[Path | None, typer.Argument(help="a table's file; the current one without")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Check a table against its schema, what a schema cannot say, and the time; exit code 2 where it does not hold."""
    from data.home import Home
    from leaderboard.routing.serving.publish import CURRENT, read_object
    from leaderboard.routing.table.parsing import complaint
    from leaderboard.routing.table.validate import content_problems

    place = file or Home(home).routing / CURRENT
    found = content_problems(read_object(place), at=dt.datetime.now(dt.UTC))
    console = Console(soft_wrap=True, highlight=False, markup=False, stderr=bool(found))
    for problem in found:
        console.print(complaint(place, [problem]))
    if found:
        raise typer.Exit(2)
    console.print(f"{place} holds.")


@app.command("publish")
def publish(
    suite: Annotated[str, typer.Option(help="the suite whose standings decide")],
    calendar: Annotated[str, typer.Option(help="live, or replayed for the demo's season")] = "live",
    policy: PolicyOption = None,
    replace: Annotated[bool, typer.Option(help="also where the current table is of another suite")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Derive the table from the published standings and make it current, if it says anything new."""
    from typing import cast, get_args

    from data.errors import UnknownNameError
    from data.home import Home
    from halflife.workflows.observe import follow
    from leaderboard.routing.policy.file import load_policy

    if calendar not in get_args(Calendar):
        raise UnknownNameError("calendar", calendar, get_args(Calendar))
    rules = load_policy(home, policy)
    table = follow(Home(home), suite, cast("Calendar", calendar), replace=replace, policy=rules)
    _announce(table.content.table_id, table.content.serial, table.published)


@app.command("history")
def history(home: HomeOption = DEFAULT_HOME) -> None:
    """List the publications, newest first."""
    from data.home import Home
    from leaderboard.routing.serving.publish import history as published

    for one in published(Home(home).routing):
        Console().print(f"{one.serial:>5}  {one.generated_at}  {one.revision}", highlight=False, soft_wrap=True)


@app.command("rollback")
def rollback(
    revision: Annotated[str, typer.Argument(help="sha256:… as `halflife routes history` lists it")],
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Make an earlier table's content current again, under a higher serial."""
    from data.home import Home
    from leaderboard.routing.serving.publish import roll_back

    one = roll_back(Home(home).routing, revision, at=dt.datetime.now(dt.UTC))
    Console().print(f"Serial {one.serial} says again what {revision} said.", highlight=False, soft_wrap=True)


def _announce(table_id: str, serial: int, published: bool) -> None:
    said = f"Published {table_id} as serial {serial}." if published else f"Serial {serial} ({table_id}) stays current."
    Console().print(said, highlight=False)
