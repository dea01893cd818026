"""`halflife run`: one suite through some models, scored, ranked and published."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.errors import InputFileError, RoutingError
from halflife.options import DEFAULT_HOME, CatalogueOption, EncoderOption, HomeOption
from halflife.output.progress import Bars
from halflife.workflows.observe import RunSpec, observe


def run(
    suite: Annotated[str, typer.Option(help="a suite's name, or FORMAT:FILE (partiprompts, geneval, vbench)")],
    model: Annotated[list[str], typer.Option(help="a model's id or a pattern such as 'shapes-*'; repeat for more")],
    seeds: Annotated[int, typer.Option(min=1, max=64, help="samples of each prompt")] = 1,
    category: Annotated[list[str] | None, typer.Option(help="only this category of the suite; repeat for more")] = None,
    day: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day it counts for; else today, UTC")
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, mps or auto")] = "auto",
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads of a pipeline; else torch chooses")] = None,
    machine: Annotated[str | None, typer.Option(help="the machine's name in the price list")] = None,
    cap: Annotated[
        float | None, typer.Option(min=0, help="US dollars that remote calls may cost; they need one")
    ] = None,
    resend_unknown: Annotated[
        bool,
        typer.Option("--resend-unknown", help="send remote requests of unknown outcome again, and perhaps pay twice"),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="make samples again that failed or timed out")
    ] = False,
    encoder: EncoderOption = None,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Run a suite through models: generate, score, rank, publish.

    The same command goes on where it stopped.
    """
    order = RunSpec(
        suite=suite,
        models=tuple(model),
        seeds=seeds,
        categories=tuple(category or ()),
        day=day.date() if day else dt.datetime.now(dt.UTC).date(),
        device=device,
        threads=threads,
        machine=machine,
        cap_usd=cap,
        resend_unknown=resend_unknown,
        retry_failed=retry_failed,
        encoder=encoder,
        catalogue=tuple(catalogue or ()),
    )
    perform(order, home, Console())


def perform(order: RunSpec, home: Path, console: Console) -> str:
    """Carry out an order with bars on the terminal, print the leaderboard and return the run's id.

    Exit code 130 where it was stopped.
    The home's policy decides the routes, and is read before anything is made.
    """
    from data.home import Home
    from halflife.output.standings import complaints, leaderboard, made, routes
    from halflife.workflows.observe import follow
    from leaderboard.routing.policy.file import load_policy
    from schedules.clock import Stop, stopped_by_signals

    policy, stop = load_policy(home), Stop()
    with stopped_by_signals(stop), Bars(console) as bars:
        observed = observe(Home(home), order, bars, stop.event)
    made(console, observed)
    if observed.published is None:
        console.print("Stopped. What was made is kept; the same command goes on from here.")
        raise typer.Exit(130)
    complaints(observed.published.refused)
    leaderboard(console, Home(home), observed.plan.suite.digest, observed.plan.calendar)
    try:
        routed = follow(Home(home), observed.plan.suite.name, observed.plan.calendar, policy=policy)
        routes(console, routed.content)
    except (RoutingError, InputFileError) as error:
        complaints([error])
    return observed.plan.run_id
