"""`halflife routes explain | simulate | curate`: why the table is as it is, and what other rules would have made."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from halflife.settings import DEFAULT_HOME, HomeOption

if TYPE_CHECKING:
    from leaderboard.routing.explain import Considered, Explanation

FIELD = ("model", "score", "interval", "to the holder", "p", "US$ a call", "p95", "why")


def explain(
    name: Annotated[str, typer.Argument(help="a route (text-to-image.overall) or an alias (image.overall.hero)")],
    table: Annotated[Path | None, typer.Option(help="a published table's file; the current one without")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="all that is known, for machines")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Derive a route again from the runs that its table names, and say why it is as it is, and whether they agree."""
    from data.errors import RoutingError
    from data.home import Home
    from leaderboard.routing.derivation import derive, sound_table
    from leaderboard.routing.explain import explain as explained
    from leaderboard.routing.publish import CURRENT

    place = table or Home(home).routing / CURRENT
    if table is None and not place.exists():
        raise RoutingError("Expected a published routing table, got none. Run `halflife routes publish`.")
    derived = derive(Home(home), sound_table(place))
    found = explained(derived.evidence, derived.policy, name)
    if as_json:
        said = {"same_bytes": derived.same_bytes, "agrees": derived.agrees, "differences": derived.differences}
        answer = {**said, "sentence": derived.sentence, "explanations": [one.to_json() for one in found]}
        print(json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False))
        return
    console = Console()
    for one in found:
        _show(console, one)
    console.print(derived.sentence, highlight=False, style=None if derived.agrees else "yellow")


def _show(console: Console, one: "Explanation") -> None:
    from halflife.terminal import listing

    decision = one.decision
    console.print(f"{one.alias}: {decision.incumbent}, since {decision.since}", style="bold", highlight=False)
    asked = ", ".join(
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in one.budget()
    )
    within = f" within {asked}" if asked else ""
    console.print(f"It looks for {one.aim}{within}. {decision.reason}", highlight=False, markup=False)
    shown = listing("", FIELD)
    for held in one.field:
        shown.add_row(*_row(held, decision.challenger))
    console.print(shown)
    for change in one.history:
        console.print(f"  {change.day}  {change.reason}", highlight=False, markup=False, style="dim")
    console.print()


def _row(held: "Considered", challenger: str | None) -> tuple[str, ...]:
    from leaderboard import notation

    beside, gap = held.beside, "–"
    if beside is not None:
        ends = None if beside.low is None or beside.high is None else f" ({beside.low:+.2g} to {beside.high:+.2g})"
        gap = f"{beside.difference:+.3g}{ends or ''}"
    interval = "–" if held.low is None or held.high is None else f"{held.low:.3g} – {held.high:.3g}"
    return (
        f"{held.model}{' *' if held.holds else ''}",
        "–" if held.estimate is None else f"{held.estimate:.3g}",
        interval,
        gap,
        "–" if beside is None else f"{beside.p:.2g}",
        "unknown" if held.cost_usd is None else f"{held.cost_usd:.3g}",
        notation.seconds(held.p95_s),
        "holds the tier" if held.holds else "the challenger" if held.model == challenger else held.words,
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
