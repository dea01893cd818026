"""`halflife score`: pictures and clips that were made elsewhere, in the same standings under their own provenance."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from data.errors import InputFileError, RoutingError
from data.home import Home
from halflife.options import DEFAULT_HOME, CatalogueOption, EncoderOption, HomeOption, takes_options
from halflife.output import bring as output
from halflife.output.progress import Bars
from halflife.output.routes import notice, routes
from halflife.output.run import left_out, summary
from halflife.output.standings import leaderboard
from halflife.output.terminal import Terminal
from halflife.workflows.bring import BringSpec, bring
from halflife.workflows.publish import publish_routes
from leaderboard.routing.policy.file import load_policy
from schedules.clock import Stop, stopped_by_signals


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreOptions:
    """What to score, and what is known about it."""

    folder: Annotated[
        Path, typer.Argument(help="the folder of pictures or clips; without --model each subfolder is one")
    ]
    prompts: Annotated[
        str,
        typer.Option(help="the suite that they are of: a name, a file, or FORMAT:FILE (partiprompts, geneval, vbench)"),
    ]
    manifest: Annotated[
        Path | None,
        typer.Option(
            help="a CSV, TSV or JSON lines file with the columns file, prompt (id or text), model and, where known, "
            "seed, seconds, cost, deployment; default: files are matched by their names"
        ),
    ] = None
    model: Annotated[
        str | None, typer.Option(help="the name of the model that made them, where nothing else says it")
    ] = None
    deployment: Annotated[
        str | None,
        typer.Option(help="the model of the catalogue that made them; default: none, and they are never routed"),
    ] = None
    source: Annotated[str | None, typer.Option(help="where they come from; default: the folder's name")] = None
    day: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day they count for; default: today, UTC")
    ] = None
    encoder: EncoderOption = None
    catalogue: CatalogueOption = None
    home: HomeOption = DEFAULT_HOME

    def spec(self) -> BringSpec:
        """Return what is to be scored."""
        return BringSpec(
            folder=self.folder,
            prompts=self.prompts,
            manifest=self.manifest,
            model=self.model,
            deployment=self.deployment,
            origin=self.source,
            day=self.day.date() if self.day else None,
            encoder=self.encoder,
            catalogue=tuple(self.catalogue or ()),
        )


@takes_options
def score(options: ScoreOptions) -> None:
    """Score pictures or clips that were made elsewhere, and rank them beside the others.

    The same command goes on where it stopped, and again adds nothing.
    """
    console, home, stop = Terminal(), Home(options.home), Stop()
    policy = load_policy(options.home)
    with stopped_by_signals(stop), Bars(console) as bars:
        brought = bring(home, options.spec(), bars, stop.event)
    output.matches(console, brought)
    summary(console, brought.observed)
    if brought.observed.published is None:
        console.print("Stopped. What was read is kept; the same command goes on from here.")
        raise typer.Exit(130)
    left_out(brought.observed.published.refused)
    plan = brought.observed.plan
    leaderboard(console, home, plan.suite.digest, plan.calendar)
    if not brought.routable:
        return
    try:
        publication = publish_routes(home, plan.suite.name, plan.calendar, policy=policy)
        routes(console, publication.content)
        notice(publication.notice)
    except (RoutingError, InputFileError) as error:
        left_out([error])
