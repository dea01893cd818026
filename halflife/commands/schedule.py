"""`halflife schedule list | next | export`: what runs when, and the same slots for other clocks."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from data.files import make_folder, write_atomic
from data.home import Home
from data.store.control import Control
from halflife.options import DEFAULT_HOME, HomeOption
from halflife.output.schedules import instant, schedule_table, slot_table
from halflife.output.terminal import Terminal
from schedules import Schedule, history, load_schedules, schedule_named, upcoming
from schedules import export as clock_files

FilesOption = Annotated[
    Path | None,
    typer.Option("--schedules", help="a schedule file or a folder of them; default: the shipped ones"),
]


def list_(files: FilesOption = None, home: HomeOption = DEFAULT_HOME) -> None:
    """List the schedules: next slot, last slots, and what changes of the clocks will do to them."""
    console, now = Terminal(), dt.datetime.now(dt.UTC)
    schedules = load(files)
    console.print(schedule_table(schedules, now))
    for warning in (warning for schedule in schedules for warning in schedule.warnings(now)):
        console.print(warning, style="yellow")
    if Home(home).control.exists():
        console.print(slot_table(history(Control(Home(home).control), limit=10)))


def next_(
    name: Annotated[str | None, typer.Argument(help="one schedule; default: all")] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="slots of each schedule")] = 5,
    files: FilesOption = None,
) -> None:
    """Print the next slots by their scheduled time."""
    for schedule in _chosen(files, name):
        for due in upcoming(schedule, dt.datetime.now(dt.UTC), count):
            Terminal().print(f"{instant(due)} UTC  {schedule.name}")


def export(
    to: Annotated[str, typer.Option(help="cron, systemd or kubernetes")],
    name: Annotated[str | None, typer.Option(help="one schedule; default: all")] = None,
    out: Annotated[Path | None, typer.Option(help="a folder to write to; default: print them")] = None,
    files: FilesOption = None,
) -> None:
    """Write the files with which cron, systemd or Kubernetes runs the same slots."""
    console = Terminal(soft_wrap=True)
    for schedule in _chosen(files, name):
        for file, text in clock_files(schedule, to).items():
            if out is None:
                console.print(text)
                continue
            make_folder(out)
            write_atomic(out / file, text.encode())
            console.print(str(out / file))


def load(files: Path | None) -> tuple[Schedule, ...]:
    """Return the schedules of a file or folder, or the shipped ones."""
    return load_schedules(files) if files else load_schedules()


def _chosen(files: Path | None, name: str | None) -> tuple[Schedule, ...]:
    schedules = load(files)
    return schedules if name is None else (schedule_named(schedules, name),)
