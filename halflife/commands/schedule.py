"""`halflife schedule list | next | run | serve | export`: what runs when, here or by another clock."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from halflife.options import DEFAULT_HOME, CatalogueOption, EncoderOption, HomeOption
from halflife.output.progress import Bars
from halflife.output.standings import listing
from halflife.workflows.lifecycle import measure_successors
from halflife.workflows.observe import RunSpec, observe

if TYPE_CHECKING:
    from schedules import Lease, Schedule, SchedulerContext, Slot, SlotResult

app = typer.Typer(help="What runs when: slots, done once each.", no_args_is_help=True)

FilesOption = Annotated[
    Path | None, typer.Option("--schedules", help="a schedule file or a folder of them; the shipped ones without")
]


@app.command("list")
def list_(files: FilesOption = None, home: HomeOption = DEFAULT_HOME) -> None:
    """List the schedules with their next slot, their last slots, and what a change of clocks will do to them."""
    from data.home import Home
    from data.store.control import Control
    from schedules import history, upcoming

    console, now = Console(), dt.datetime.now(dt.UTC)
    schedules = _loaded(files)
    table = listing("Schedules", ("name", "suite", "models", "cron", "timezone", "next (UTC)"))
    for one in schedules:
        due = next(iter(upcoming(one, now, 1)), None)
        table.add_row(one.name, one.suite, ", ".join(one.models), one.cron, one.timezone, _instant(due))
    console.print(table)
    for warning in (warning for one in schedules for warning in one.warnings(now)):
        console.print(warning, style="yellow", highlight=False)
    if Home(home).control.exists():
        _slots(console, history(Control(Home(home).control), limit=10))


@app.command("next")
def next_(
    name: Annotated[str | None, typer.Argument(help="one schedule; all without")] = None,
    count: Annotated[int, typer.Option(min=1, max=100, help="slots of each schedule")] = 5,
    files: FilesOption = None,
) -> None:
    """Print the next slots by their nominal time."""
    from schedules import schedule_named, upcoming

    schedules = _loaded(files)
    for one in schedules if name is None else [schedule_named(schedules, name)]:
        for due in upcoming(one, dt.datetime.now(dt.UTC), count):
            Console().print(f"{_instant(due)} UTC  {one.name}", highlight=False)


@app.command("run")
def run(
    name: Annotated[str, typer.Argument(help="the schedule's name")],
    files: FilesOption = None,
    encoder: EncoderOption = None,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Do the slots of a schedule that are due now, each once whoever asks; exit code 1 where one failed."""
    from schedules import run_due, schedule_named, stopped_by_signals

    console = Console()
    schedule = schedule_named(_loaded(files), name)
    with Bars(console) as bars:
        office = _office(home, (schedule,), partial(RunSpec, encoder=encoder, catalogue=tuple(catalogue or ())), bars)
        with stopped_by_signals(office.stop):
            results = run_due(schedule, office)
    _report(console, schedule, results)
    if any(result.outcome in ("failed", "timed-out") for result in results):
        raise typer.Exit(1)


@app.command("serve")
def serve(
    files: FilesOption = None,
    encoder: EncoderOption = None,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Be the clock: do every slot when it is due, until SIGTERM or Ctrl-C, which let the current sample finish."""
    import logging

    from schedules import serve as keep_time
    from schedules import stopped_by_signals

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    schedules = _loaded(files)
    with Bars(Console()) as bars:
        office = _office(home, schedules, partial(RunSpec, encoder=encoder, catalogue=tuple(catalogue or ())), bars)
        with stopped_by_signals(office.stop):
            keep_time(schedules, office)


@app.command("export")
def export(
    to: Annotated[str, typer.Option(help="cron, systemd or kubernetes")],
    name: Annotated[str | None, typer.Option(help="one schedule; all without")] = None,
    out: Annotated[Path | None, typer.Option(help="a folder to write to; printed without")] = None,
    files: FilesOption = None,
) -> None:
    """Write the files that make another clock call for the same slots."""
    from data.files import make_folder, write_atomic
    from schedules import export as rendered
    from schedules import schedule_named

    console = Console(soft_wrap=True, highlight=False, markup=False)
    schedules = _loaded(files)
    for one in schedules if name is None else [schedule_named(schedules, name)]:
        for file, text in rendered(one, to).items():
            if out is None:
                console.print(text)
                continue
            make_folder(out)
            write_atomic(out / file, text.encode())
            console.print(str(out / file))


def _loaded(files: Path | None) -> "tuple[Schedule, ...]":
    from schedules import load_schedules

    return load_schedules(files) if files else load_schedules()


def _office(home: Path, schedules: "tuple[Schedule, ...]", order: "partial[RunSpec]", bars: Bars) -> "SchedulerContext":
    from data.home import Home
    from data.store.control import Control
    from schedules import SchedulerContext

    place = Home(home)
    place.prepare()
    plans = {one.name: one for one in schedules}

    def work(slot: "Slot", lease: "Lease") -> str | None:
        wanted = plans[slot.schedule]
        asked = order(suite=wanted.suite, models=wanted.models, day=slot.day, seeds=wanted.seeds, cap_usd=wanted.budget)
        observed = observe(place, asked, bars, lease.stop)
        if observed.published:
            measure_successors(place, asked, bars, lease.stop)
        return observed.plan.run_id if observed.published else None

    return SchedulerContext(control=Control(place.control), work=work)


def _report(console: Console, schedule: "Schedule", results: "tuple[SlotResult, ...]") -> None:
    if not results:
        console.print(
            f"Nothing of {schedule.name!r} is due. See: halflife schedule next {schedule.name}", highlight=False
        )
    for result in results:
        reason = f": {result.reason}" if result.reason else ""
        console.print(f"{_instant(result.slot.due)} UTC  {result.outcome}{reason}", highlight=False, markup=False)


def _slots(console: Console, slots: "tuple[Slot, ...]") -> None:
    table = listing("Last slots", ("schedule", "nominal time (UTC)", "state", "attempt", "run or reason"))
    for slot in slots:
        table.add_row(
            slot.schedule, _instant(slot.due), slot.state, str(slot.attempt), slot.run_id or slot.reason or ""
        )
    console.print(table)


def _instant(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "–"
