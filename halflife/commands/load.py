"""`halflife load MODEL`: open-loop load against one deployment."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from data.errors import UnknownNameError
from data.home import Home
from data.load_tests import Arrivals
from halflife.options import DEFAULT_HOME, CatalogueOption, HomeOption, JsonOption, takes_options
from halflife.output.load import print_forecast, print_load
from halflife.output.terminal import Terminal
from halflife.workflows.load import LoadSpec, load_forecast, offer_load
from leaderboard.reports.load_curve import knee, read_objective
from schedules.clock import Stop, stopped_by_signals


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What is offered, to which deployment, and for how much."""

    model: Annotated[str, typer.Argument(help="the id of a model of the catalogue", show_default=False)]
    suite: Annotated[str, typer.Option(help="the suite whose prompts are asked for")]
    rate: Annotated[float, typer.Option(min=0, help="requests a second; of the first step")] = 1.0
    up_to: Annotated[
        float | None, typer.Option(min=0, help="step the rate up to this, until the objective is missed")
    ] = None
    factor: Annotated[float, typer.Option(min=1.01, help="each step's rate, divided by that of the one before")] = 1.5
    seconds: Annotated[float, typer.Option(min=0, help="how long each rate is offered")] = 60.0
    arrivals: Annotated[str, typer.Option(help="poisson, constant or trace")] = "poisson"
    trace: Annotated[Path | None, typer.Option(help="a file of moments in seconds, one a line")] = None
    slo: Annotated[str | None, typer.Option(help="an objective such as 'p95<20s'")] = None
    lanes: Annotated[int, typer.Option(min=1, max=512, help="requests that may be on their way at once")] = 64
    seed: Annotated[int, typer.Option(min=0, help="of the arrivals")] = 0
    cap: Annotated[float | None, typer.Option(min=0, help="US dollars that it may cost; remote models need one")] = None
    max_seconds: Annotated[float, typer.Option(min=1, help="nothing is sent after so many seconds")] = 3600.0
    device: Annotated[str, typer.Option(help="of a local model: cpu, cuda, mps or auto")] = "auto"
    forecast: Annotated[bool, typer.Option("--forecast", help="print what it would cost, and send nothing")] = False
    json_: JsonOption = False
    catalogue: CatalogueOption = None
    home: HomeOption = DEFAULT_HOME

    def spec(self) -> LoadSpec:
        """Return what is to be offered."""
        if self.arrivals not in get_args(Arrivals):
            raise UnknownNameError("kind of arrivals", self.arrivals, get_args(Arrivals))
        rates = [self.rate]
        while self.up_to is not None and rates[-1] * self.factor <= self.up_to:
            rates.append(rates[-1] * self.factor)
        return LoadSpec(
            model=self.model,
            suite=self.suite,
            rates=tuple(rates),
            seconds=self.seconds,
            kind=cast(Arrivals, self.arrivals),
            trace=self.trace,
            objective=None if self.slo is None else read_objective(self.slo),
            lanes=self.lanes,
            seed=self.seed,
            cap_usd=self.cap,
            most_seconds=self.max_seconds,
            device=self.device,
            catalogue=tuple(self.catalogue or ()),
        )


@takes_options
def load(options: LoadOptions) -> None:
    """Offer requests at planned moments, and measure percentiles, goodput and the rate at which an objective is missed.

    What came of each arrival is kept in the home, under `loads/`.
    """
    spec, console, stop = options.spec(), Terminal(stderr=options.json_), Stop()
    print_forecast(console, load_forecast(spec))
    if options.forecast:
        return
    with stopped_by_signals(stop):
        summaries = offer_load(Home(options.home), spec, stop.event)
    if options.json_:
        found = knee(summaries)
        content = {"steps": [each.to_json() for each in summaries], "knee": {"met": found.above, "missed": found.below}}
        typer.echo(json.dumps(content, indent=2, allow_nan=False))
    else:
        print_load(console, summaries, spec.objective)
    if stop.is_set():
        raise typer.Exit(130)
