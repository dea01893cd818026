"""`halflife models`: what can be run; and what became of it: `states | announce | … | quarantine | retire | review`."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from data.vocabulary import LocalSource, Model
from halflife.options import DEFAULT_HOME, CatalogueOption, HomeOption
from halflife.output.standings import listing


class ModelsGroup(TyperGroup):
    """Without the name of a command, `halflife models [PATTERN…]` lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `list` before what is no command."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=ModelsGroup, help="The catalogue, and the states of its models.")

ReasonOption = Annotated[str, typer.Option(help="why, in words; kept for ever")]
SuccessorOption = Annotated[str | None, typer.Option(help="the model that takes its place")]
DayOption = Annotated[
    dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day from which it holds; else today, UTC")
]
UntilOption = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day on which it goes away")]


@app.command("list")
def models(
    pattern: Annotated[list[str] | None, typer.Argument(help="ids or patterns such as 'shapes-*'; all without")] = None,
    catalogue: CatalogueOption = None,
) -> None:
    """List the catalogue: each model, its revision and its price."""
    from data.catalogue import load_catalogue

    table = listing("Models", ("id", "released", "steps", "price", "source"))
    for model in load_catalogue(catalogue or ()).select(pattern or ["*"]):
        table.add_row(*_row(model))
    Console().print(table)


@app.command("states")
def states(
    model: Annotated[str | None, typer.Argument(help="one model's whole history; every model's state without")] = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """List the states that were journalled: since when, by whom and why."""
    from data.errors import UnknownNameError
    from data.home import Home
    from data.lifecycle.states import fold, history

    changes = history(Home(home))
    if model is not None and model not in {one.model for one in changes}:
        raise UnknownNameError("model with a state", model, {one.model for one in changes})
    shown = [one for one in changes if one.model == model] if model else list(fold(changes).values())
    table = listing("States of models", ("id", "state", "since", "by", "successor", "reason"))
    for one in sorted(shown, key=lambda one: (one.model, one.day, one.at)):
        table.add_row(one.model, one.state, str(one.day), one.by, one.successor or "–", one.reason)
    Console().print(table)


def _setter(state: str, doing: str) -> "Callable[..., None]":
    def command(
        model: Annotated[str, typer.Argument(help="the model's id")],
        reason: ReasonOption = "Decided by hand.",
        successor: SuccessorOption = None,
        day: DayOption = None,
        until: UntilOption = None,
        catalogue: CatalogueOption = None,
        home: HomeOption = DEFAULT_HOME,
    ) -> None:
        change = {"model": model, "state": state, "reason": reason, "successor": successor, "day": day, "until": until}
        _change(change, tuple(catalogue or ()), home)

    command.__doc__ = doing
    return command


app.command("announce")(_setter("announced", "Say that a model will come."))
app.command("nominate")(_setter("candidate", "Make a model a candidate, to be measured."))
app.command("trial")(_setter("canary", "Give a model a little of the traffic."))
app.command("activate")(_setter("active", "Make a model active, also after a quarantine."))
app.command("deprecate")(_setter("deprecated", "Say that a model will go away, and when (--until)."))
app.command("quarantine")(_setter("quarantined", "Route nothing to a model until it is active again."))
app.command("retire")(_setter("retired", "Take a model out for good; its tombstone names the successor."))


@app.command("review")
def review(
    notice_days: Annotated[int, typer.Option(min=1, help="how long before a sunset its successor is measured")] = 30,
    catalogue: CatalogueOption = None,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Apply the rules: journal what catalogue, routes and calendar say, and name what has to be measured."""
    from data.home import Home
    from halflife.workflows.lifecycle import review as again

    console = Console()
    found = again(Home(home), tuple(catalogue or ()), notice_days=notice_days, today=dt.datetime.now(dt.UTC).date())
    for change in found.changes:
        console.print(f"{change.model}: {change.state} from {change.day}. {change.reason}", highlight=False)
    for sunset in found.due:
        console.print(sunset.sentence, highlight=False, soft_wrap=True)
    if not found.changes and not found.due:
        console.print("Nothing has changed.")


def _change(said: dict[str, Any], catalogue: tuple[Any, ...], home: Any) -> None:
    from data.catalogue import load_catalogue
    from data.home import Home
    from data.lifecycle.states import StateChange
    from halflife.workflows.lifecycle import decide

    known, now = load_catalogue(catalogue), dt.datetime.now(dt.UTC)
    for name in filter(None, (said["model"], said["successor"])):
        known.model(name)
    days = {name: said[name].date() for name in ("day", "until") if said[name] is not None}
    change = StateChange(**{**said, "day": now.date(), "until": None, **days}, by="hand", at=now)
    decide(Home(home), [change])
    Console().print(
        f"{change.model} is {change.state} from {change.day}. Routes follow with `halflife routes publish`.",
        highlight=False,
        soft_wrap=True,
    )


def _row(model: Model) -> tuple[str, ...]:
    source = model.source
    place = source.repository if isinstance(source, LocalSource) else source.base_url
    steps = str(model.settings.steps or "–")
    return (model.id, str(model.released), steps, _price(model), f"{place} @ {_revision(model)}")


def _price(model: Model) -> str:
    if model.price:
        return f"${model.price.usd:g}/{model.price.unit}"
    return "machine" if model.location == "local" else "unknown"


def _revision(model: Model) -> str:
    return model.revision[:8] if model.revision_pinned else f"{model.revision[:8]}, moves"
