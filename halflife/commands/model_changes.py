"""`halflife models announce | nominate | trial | activate | deprecate | quarantine | retire`: states set by hand."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

import typer

from data.catalogue import load_catalogue
from data.home import Home
from data.lifecycle.states import ModelState, StateChange
from halflife.options import DEFAULT_HOME, CatalogueOption, HomeOption, takes_options
from halflife.output.terminal import Terminal
from halflife.workflows.lifecycle import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOptions:
    """Whose state changes, why and when."""

    model: Annotated[str, typer.Argument(help="the model's id")]
    reason: Annotated[str, typer.Option(help="why, in words; kept for ever")] = "Decided by hand."
    successor: Annotated[str | None, typer.Option(help="the model that takes its place")] = None
    day: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day from which it holds; default: today, UTC")
    ] = None
    until: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day on which it goes away")] = (
        None
    )
    catalogue: CatalogueOption = None
    home: HomeOption = DEFAULT_HOME


@takes_options
def announce(options: ChangeOptions) -> None:
    """Record that a model will come."""
    _change("announced", options)


@takes_options
def nominate(options: ChangeOptions) -> None:
    """Make a model a candidate, to be measured."""
    _change("candidate", options)


@takes_options
def trial(options: ChangeOptions) -> None:
    """Give a model a small share of the traffic."""
    _change("canary", options)


@takes_options
def activate(options: ChangeOptions) -> None:
    """Make a model active, also after a quarantine."""
    _change("active", options)


@takes_options
def deprecate(options: ChangeOptions) -> None:
    """Record that a model will go away, and when (--until)."""
    _change("deprecated", options)


@takes_options
def quarantine(options: ChangeOptions) -> None:
    """Route nothing to a model until it is active again."""
    _change("quarantined", options)


@takes_options
def retire(options: ChangeOptions) -> None:
    """Take a model out for good, and name its successor."""
    _change("retired", options)


def _change(state: ModelState, options: ChangeOptions) -> None:
    catalogue, now = load_catalogue(options.catalogue or ()), dt.datetime.now(dt.UTC)
    for name in filter(None, (options.model, options.successor)):
        catalogue.model(name)
    change = StateChange(
        model=options.model,
        state=state,
        day=(options.day or now).date(),
        by="hand",
        at=now,
        reason=options.reason,
        successor=options.successor,
        until=options.until.date() if options.until else None,
    )
    decide(Home(options.home), [change])
    Terminal().print(
        f"{change.model} is {change.state} from {change.day}. Publish it in the routes: halflife routes publish",
        soft_wrap=True,
    )
