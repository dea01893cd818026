"""`halflife models list | states | review`: what can be run, and what became of it."""

import datetime as dt
from typing import Annotated

import typer

from data.catalogue import load_catalogue
from data.errors import UnknownNameError
from data.home import Home
from data.lifecycle.states import fold
from data.lifecycle.states import history as state_history
from data.pricing import charges_of
from data.vocabulary import Charge, LocalSource, Model, RemoteSource
from halflife.options import DEFAULT_HOME, CatalogueOption, HomeOption
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from halflife.workflows import lifecycle
from leaderboard.lifecycle.model_states import NOTICE_DAYS

MILLION = 1_000_000


def models(
    pattern: Annotated[
        list[str] | None, typer.Argument(help="ids or patterns such as 'shapes-*'; default: all")
    ] = None,
    catalogue: CatalogueOption = None,
) -> None:
    """List the catalogue: each model, its revision and its price."""
    rows = table("Models", ("id", "released", "steps", "price", "source"), numbers=("steps",))
    for model in load_catalogue(catalogue or ()).select(pattern or ["*"]):
        rows.add_row(*_row(model))
    Terminal().print(rows)


def states(
    model: Annotated[
        str | None, typer.Argument(help="a model, for its whole history; default: the state of every model")
    ] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """List the recorded states of models: since when, by whom and why."""
    changes = state_history(Home(home))
    if model is not None and model not in {change.model for change in changes}:
        raise UnknownNameError("model with a state", model, {change.model for change in changes})
    selected = [change for change in changes if change.model == model] if model else list(fold(changes).values())
    rows = table("States of models", ("id", "state", "since", "by", "successor", "reason"))
    for change in sorted(selected, key=lambda change: (change.model, change.day, change.at)):
        successor = change.successor or DASH
        rows.add_row(change.model, change.state, str(change.day), change.by, successor, change.reason)
    Terminal().print(rows)


def review(
    notice_days: Annotated[
        int, typer.Option(min=1, help="how many days before a sunset its successor is measured")
    ] = NOTICE_DAYS,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Apply the lifecycle rules of today, and list the models that have to be measured."""
    console, today = Terminal(), dt.datetime.now(dt.UTC).date()
    reviewed = lifecycle.review(Home(home), tuple(catalogue or ()), notice_days=notice_days, today=today)
    for change in reviewed.changes:
        console.print(f"{change.model}: {change.state} from {change.day}. {change.reason}")
    for sunset in reviewed.due:
        console.print(sunset.sentence, soft_wrap=True)
    if not reviewed.changes and not reviewed.due:
        console.print("Nothing has changed.")


def _row(model: Model) -> tuple[str, ...]:
    source = model.source
    at = source.repository if isinstance(source, LocalSource) else None
    place = source.base_url if isinstance(source, RemoteSource) else at
    steps = str(model.settings.steps or DASH)
    return (model.id, str(model.released), steps, _price(model), f"{place} @ {_revision(model)}")


def _price(model: Model) -> str:
    if model.price:
        return " + ".join(map(_charge, charges_of(model)))
    return "machine" if model.location == "local" else "unknown"


def _charge(charge: Charge) -> str:
    if charge.unit.endswith("token"):
        return f"${MILLION * charge.usd:g}/1M {charge.unit}s"
    return f"${charge.usd:g}/{charge.unit}"


def _revision(model: Model) -> str:
    return model.revision[:8] if model.revision_pinned else f"{model.revision[:8]}, not pinned"
