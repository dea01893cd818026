"""The command line: `halflife` and what it can do.

What a user can fix ends with one sentence on standard error and exit code 2; Ctrl-C with 130 and how to go on.
"""

import sys

import typer
from rich.console import Console

from data.errors import HalflifeError
from halflife.commands import (
    board,
    catalogue,
    demo,
    doctor,
    drift,
    half_life,
    history,
    mcp,
    models,
    profile,
    routes,
    run,
    schedule,
    standings,
    store,
)

app = typer.Typer(
    name="halflife",
    help="An observatory for generative media: what each model costs, how good it is, and for how long.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("standings")(standings.standings)
app.add_typer(models.app, name="models")
app.command("suites")(catalogue.suites)
app.command("profile")(profile.profile)
app.command("board")(board.board)
app.add_typer(routes.app, name="routes")
app.add_typer(schedule.app, name="schedule")
app.command("half-life")(half_life.half_life)
app.add_typer(history.app, name="history")
app.add_typer(drift.app, name="drift")
app.command("mcp")(mcp.mcp)
app.command("export")(store.export)
app.command("rebuild")(store.rebuild)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line and turn what a user can fix into one sentence and exit code 2."""
    complain = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    try:
        app()
    except HalflifeError as error:
        complain.print(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        complain.print("Stopped. What was made is kept; the same command goes on from here.")
        sys.exit(130)
