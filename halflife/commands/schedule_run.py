"""`halflife schedule run | serve`: the slots that are due, each run once."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import schedules as scheduling
from data.errors import ServiceError
from data.home import Home
from data.store.control import Control
from halflife.commands.schedule import FilesOption, load
from halflife.options import DEFAULT_HOME, CatalogueOption, EncoderOption, HomeOption
from halflife.output.progress import Bars
from halflife.output.routes import notice
from halflife.output.schedules import results as print_results
from halflife.output.terminal import Terminal, log_to_terminal
from halflife.workflows.observe import observe
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.successors import measure_successors
from halflife.workflows.suites import checked_suite
from schedules import Lease, Schedule, SchedulerContext, Slot, run_due, schedule_named, stopped_by_signals


def run(
    name: Annotated[str, typer.Argument(help="the schedule's name")],
    files: FilesOption = None,
    encoder: EncoderOption = None,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Run the slots of a schedule that are due now, each once whoever asks; exit code 1 if one failed."""
    console = Terminal()
    schedule = schedule_named(load(files), name)
    spec = partial(RunSpec, encoder=encoder, catalogue=tuple(catalogue or ()))
    with Bars(console) as bars:
        context = _context(home, (schedule,), spec, bars)
        with stopped_by_signals(context.stop):
            results = run_due(schedule, context)
    print_results(console, schedule, results)
    if any(result.outcome in ("failed", "timed-out") for result in results):
        raise typer.Exit(1)


def serve(
    files: FilesOption = None,
    encoder: EncoderOption = None,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Run every slot when it is due, until SIGTERM or Ctrl-C; the current sample is finished first."""
    log_to_terminal()
    loaded = load(files)
    spec = partial(RunSpec, encoder=encoder, catalogue=tuple(catalogue or ()))
    with Bars(Terminal()) as bars:
        context = _context(home, loaded, spec, bars)
        with stopped_by_signals(context.stop):
            scheduling.serve(loaded, context)


def _context(home: Path, schedules: Sequence[Schedule], spec_with: "partial[RunSpec]", bars: Bars) -> SchedulerContext:
    observatory = Home(home)
    observatory.prepare()
    by_name = {schedule.name: schedule for schedule in schedules}

    def work(slot: Slot, lease: Lease) -> str | None:
        schedule = by_name[slot.schedule]
        spec = spec_with(
            suite=schedule.suite,
            models=schedule.models,
            day=slot.day,
            seeds=schedule.seeds,
            cap_usd=schedule.budget,
        )
        for note in checked_suite(spec.suite, spec.table).notes:
            notice(note)
        observed = observe(observatory, spec, bars, lease.stop)
        if observed.published:
            measure_successors(observatory, spec, bars, lease.stop)
        elif observed.summary and observed.summary.postponed and not lease.stop.is_set():
            raise ServiceError(" ".join(f"Left {model}: {why}" for model, why in observed.summary.postponed.items()))
        return observed.plan.run_id if observed.published else None

    return SchedulerContext(control=Control(observatory.control), work=work)
