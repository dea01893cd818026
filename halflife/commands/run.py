"""`halflife run`: one suite through some models, scored, ranked and published."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from data.errors import HomeError, InputFileError, RoutingError, SpendingError, UnknownNameError
from data.home import Home
from halflife.options import DEFAULT_HOME, CatalogueOption, EncoderOption, HomeOption, takes_options
from halflife.output.forecast import bills, forecasts, left
from halflife.output.progress import Bars
from halflife.output.routes import notice, routes
from halflife.output.run import left_out, no_standings, summary
from halflife.output.standings import leaderboard
from halflife.output.terminal import Terminal
from halflife.output.trial import show
from halflife.suite_options import SuiteTableOptions
from halflife.workflows.forecast import billed, forecast
from halflife.workflows.observe import Observed, observe
from halflife.workflows.publish import publish_routes
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.suites import checked_suite
from halflife.workflows.trial import trials
from leaderboard.routing.policy.file import load_policy
from leaderboard.standings.contents import reference_to
from schedules.clock import Stop, stopped_by_signals


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What to run, where, and for how much."""

    suite: Annotated[str, typer.Option(help="a suite's name, or FORMAT:FILE (partiprompts, geneval, vbench, table)")]
    table: SuiteTableOptions
    model: Annotated[list[str], typer.Option(help="a model's id or a pattern such as 'shapes-*'; repeat for more")]
    seeds: Annotated[int, typer.Option(min=1, max=64, help="samples of each prompt")] = 1
    category: Annotated[list[str] | None, typer.Option(help="only this category of the suite; repeat for more")] = None
    prompts: Annotated[
        int | None, typer.Option(min=1, help="at most so many prompts of each category; default: all")
    ] = None
    day: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day it counts for; default: today, UTC")
    ] = None
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto")] = "auto"
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads of a pipeline; default: torch chooses")] = None
    machine: Annotated[str | None, typer.Option(help="the machine's name in the price list")] = None
    cap: Annotated[
        float | None, typer.Option(min=0, help="US dollars that remote calls may cost; remote models need a cap")
    ] = None
    resend_unknown: Annotated[
        bool,
        typer.Option(
            "--resend-unknown", help="send remote requests again whose outcome is unknown; they may be paid twice"
        ),
    ] = False
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="make samples again that failed or timed out")
    ] = False
    forecast: Annotated[
        bool, typer.Option("--forecast", help="print what the run would cost, at most and likely, and run nothing")
    ] = False
    trial: Annotated[
        bool,
        typer.Option(
            "--trial", help="only send one request to each remote model, and print what came; it is in no standings"
        ),
    ] = False
    encoder: EncoderOption = None
    catalogue: CatalogueOption = None
    home: HomeOption = DEFAULT_HOME

    def spec(self) -> RunSpec:
        """Return what is to be run."""
        return RunSpec(
            suite=self.suite,
            table=self.table.options(),
            models=tuple(self.model),
            seeds=self.seeds,
            categories=tuple(self.category or ()),
            prompts=self.prompts,
            day=(self.day or dt.datetime.now(dt.UTC)).date(),
            device=self.device,
            threads=self.threads,
            machine=self.machine,
            cap_usd=self.cap,
            resend_unknown=self.resend_unknown,
            retry_failed=self.retry_failed,
            encoder=self.encoder,
            catalogue=tuple(self.catalogue or ()),
        )


@takes_options
def run(options: RunOptions) -> None:
    """Run a suite through models: generate, score, rank, publish.

    The same command goes on where it stopped.
    """
    console = Terminal()
    if options.trial:
        try_out(options.spec(), options.home, console)
    elif options.forecast:
        forecasts(console, forecast(Home(options.home), options.spec()), alone=True)
    else:
        perform(options.spec(), options.home, console)


def try_out(spec: RunSpec, home: Path, console: Terminal) -> None:
    """Send one request to each remote model and print what came. Exits with 1 where one gave no picture."""
    stop = Stop()
    with stopped_by_signals(stop):
        made = trials(Home(home), spec, stop.event)
    show(console, made)
    if not all(trial.good for trial in made):
        raise typer.Exit(1)


def perform(spec: RunSpec, home: Path, console: Terminal) -> str:
    """Carry out a run with progress bars, print the leaderboard and the routes, and return the run's id.

    The home's policy decides the routes, and is read before anything is made. Exits with 130 where the run was
    stopped, with 2 where a provider asked for a long wait.
    """
    observatory = Home(home)
    policy, stop = load_policy(home), Stop()
    for note in checked_suite(spec.suite, spec.table).notes:
        notice(note)
    observed = _observed(observatory, spec, console, stop)
    if observed.published is None:
        console.print("Stopped. What was made is kept; the same command goes on from here.")
        raise typer.Exit(130 if stop.is_set() else 2)
    left_out(observed.published.refused)
    plan = observed.plan
    try:
        leaderboard(console, observatory, plan.suite.digest, plan.calendar)
    except (HomeError, UnknownNameError):
        raise no_standings(observed) from None
    try:
        content = reference_to(plan.suite.name, plan.suite.digest)
        publication = publish_routes(observatory, content, plan.calendar, policy=policy, take_over=False)
        routes(console, publication.content)
        notice(publication.notice)
    except (RoutingError, InputFileError) as error:
        left_out([error])
    return plan.run_id


def _observed(home: Home, spec: RunSpec, console: Terminal, stop: Stop) -> Observed:
    """Observe between the forecast of what it costs and the bill; say what is left where it stops."""
    expected = forecast(home, spec)
    forecasts(console, expected)
    try:
        with stopped_by_signals(stop), Bars(console) as bars:
            observed = observe(home, spec, bars, stop.event)
    except SpendingError as error:
        bills(console, billed(home, expected, spec))
        raise SpendingError(f"{error} {left(forecast(home, spec))}") from None
    summary(console, observed)
    bills(console, billed(home, expected, spec))
    if observed.published is None and expected.models:
        console.print(left(forecast(home, spec)), soft_wrap=True)
    return observed
