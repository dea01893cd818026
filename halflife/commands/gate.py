"""`halflife gate FILE`: thresholds of quality, latency, price and failures for continuous integration."""

import json
from pathlib import Path
from typing import Annotated

import typer

from data.errors import HomeError
from data.files import write_atomic
from data.home import Home
from data.store.snapshot import current
from halflife.options import DEFAULT_HOME, HomeOption, JsonOption
from halflife.output import gate as output
from halflife.output.terminal import Terminal
from leaderboard.gate.checks import gate_of
from leaderboard.gate.gate_file import read_gate
from leaderboard.gate.verdict import exit_code


def gate(
    file: Annotated[Path, typer.Argument(help="the TOML file of the thresholds", show_default=False)],
    junit: Annotated[Path | None, typer.Option(help="a file to write the checks to, as JUnit XML")] = None,
    markdown: Annotated[Path | None, typer.Option(help="a file to write a summary to, in Markdown")] = None,
    json_: JsonOption = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Judge models by the thresholds of a file; exit code 1 if a check fails, 2 if one has no evidence."""
    rules, snapshot = read_gate(file), current(Home(home))
    if snapshot is None:
        raise HomeError(f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`.")
    with snapshot.connect() as connection:
        judged = gate_of(connection, rules, file)
        outcome = output.GateOutcome(file=file, board=judged.selection.board, rule=rules.fail, checks=judged.checks())
    for path, written in ((junit, output.junit), (markdown, output.markdown)):
        if path is not None:
            write_atomic(path, written(outcome))
    if json_:
        typer.echo(json.dumps(outcome.to_json(), indent=2, allow_nan=False))
    else:
        output.print_gate(Terminal(), outcome)
    raise typer.Exit(exit_code(outcome.checks, outcome.rule))
