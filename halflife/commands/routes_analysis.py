"""`halflife routes explain | simulate | curate`: why the table is as it is, and what other rules would have made."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.console import Console

from halflife.options import DEFAULT_HOME, HomeOption

if TYPE_CHECKING:
    from data.vocabulary import Calendar
    from leaderboard.routing.decisions.evidence import Evidence
    from leaderboard.routing.policy.rules import Policy
    from leaderboard.routing.simulation.curation import ModelSubset
    from leaderboard.routing.simulation.results import PolicyResult, Simulation, Spread
    from leaderboard.routing.table.explain import ComparedModel, Explanation

SIMULATED = (
    "policy",
    "route",
    "tier",
    "switches a year",
    "forced",
    "quality",
    "regret: best known",
    "regret: hindsight",
    "US$/1000",
    "below bar",
    "unserved",
)
SERVED = ("category", "served by", "the best", "regret", "tolerance", "covered")
STEPS = ("n", "models", "mean regret", "gain", "worst regret", "covered", "US$/1000")
WITHOUT = ("without", "mean loss", "worst", "no longer covered")
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
    from leaderboard.routing.serving.publish import CURRENT
    from leaderboard.routing.serving.reproduce import derive, sound_table
    from leaderboard.routing.table.explain import explain as explained

    place = table or Home(home).routing / CURRENT
    if table is None and not place.exists():
        raise RoutingError("Expected a published routing table, got none. Run `halflife routes publish`.")
    derived = derive(Home(home), sound_table(place))
    found = explained(derived.evidence, derived.policy, name)
    if as_json:
        said = {"same_bytes": derived.same_bytes, "agrees": derived.agrees, "differences": derived.differences}
        print(_json({**said, "sentence": derived.sentence, "explanations": [one.to_json() for one in found]}))
        return
    console = Console()
    for one in found:
        _show(console, one)
    console.print(derived.sentence, highlight=False, style=None if derived.agrees else "yellow")


def _show(console: Console, one: "Explanation") -> None:
    from halflife.output.standings import listing

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


def _row(held: "ComparedModel", challenger: str | None) -> tuple[str, ...]:
    from leaderboard import formatting

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
        formatting.seconds(held.p95_s),
        "holds the tier" if held.holds else "the challenger" if held.model == challenger else held.words,
    )


def simulate(
    history: Annotated[bool, typer.Option("--history", help="over a suite's past standings")] = False,
    policy: Annotated[
        list[Path] | None, typer.Option("--policy", help="a policy's TOML file, beside the one in use; repeat for more")
    ] = None,
    suite: Annotated[str | None, typer.Option(help="whose past; the published table's without")] = None,
    calendar: Annotated[str | None, typer.Option(help="live or replayed; the published table's without")] = None,
    metric: Annotated[str | None, typer.Option(help="another quality metric than the suite's own")] = None,
    draws: Annotated[
        int, typer.Option(min=1, max=200, help="into how many pairs of halves to divide the prompts")
    ] = 10,
    by_category: Annotated[bool, typer.Option("--by-category", help="each route, not their mean alone")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="all that is known, for machines")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Replay policies over the past: switches a year, regret and cost, beside following the leader of each day."""
    from data.errors import HalflifeError
    from leaderboard.routing.simulation.simulate import compare

    if not history:
        raise HalflifeError(
            "Expected --history, the one past to replay, got none. Run `halflife routes simulate --history`."
        )
    found = _evidence(home, suite, calendar, metric)
    result = compare(found.windows, _policies(home, policy), draws=draws)
    if as_json:
        print(_json({"suite": found.suite, "calendar": found.calendar, "metric": found.metric, **result.to_json()}))
        return
    _show_simulation(result, found, by_category=by_category)


def curate(
    max_models: Annotated[int, typer.Option(min=1, help="the most models that are wanted")] = 4,
    tolerance: Annotated[
        float, typer.Option(min=0, max=0.999, help="a category is covered within this share of its best")
    ] = 0.1,
    suite: Annotated[str | None, typer.Option(help="whose categories; the published table's without")] = None,
    calendar: Annotated[str | None, typer.Option(help="live or replayed; the published table's without")] = None,
    metric: Annotated[str | None, typer.Option(help="another quality metric than the suite's own")] = None,
    draws: Annotated[int, typer.Option(min=0, max=2000, help="how often prompts are drawn again; 0 for never")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="all that is known, for machines")] = False,
    home: HomeOption = DEFAULT_HOME,
) -> None:
    """Find the fewest models that serve every category nearly as well as the best, and what each is worth."""
    from leaderboard.routing.simulation.curate import curate as curated
    from leaderboard.routing.simulation.curate import field_of

    found = _evidence(home, suite, calendar, metric)
    with _solver_kept_quiet():
        result = curated(field_of(found, tolerance=tolerance), max_models=max_models, draws=draws)
    if as_json:
        print(_json({"suite": found.suite, "calendar": found.calendar, "metric": found.metric, **result.to_json()}))
        return
    _show_curation(result, found)


@contextlib.contextmanager
def _solver_kept_quiet() -> Iterator[None]:
    """HiGHS 1.12 prints a stray line on the process's standard output whatever it is told (its issue 2783)."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _show_curation(result: "ModelSubset", found: "Evidence") -> None:
    from halflife.output.standings import listing

    console = Console()
    console.print(result.sentence, style="bold", highlight=False)
    served = listing(f"{found.suite}, {found.calendar} calendar, by {found.metric}", SERVED)
    for one in result.chosen.served:
        loss = "–" if one.regret is None else f"{one.regret:.3g}"
        served.add_row(one.category, one.model or "nobody", one.best, loss, f"{one.tolerance:.3g}", _yes(one.covered))
    console.print(served)
    steps = listing("The value of the next model", STEPS)
    for step in result.curve:
        cost = "unknown" if step.best.cost_usd is None else f"{1000 * step.best.cost_usd:.3g}"
        numbers = (_number(step.best.mean_regret), _number(step.gain), _number(step.best.worst_regret))
        steps.add_row(str(step.n), ", ".join(step.best.models), *numbers, str(step.best.covered), cost)
    console.print(steps)
    without = listing("What leaving each out would lose", WITHOUT)
    for lost in result.without:
        worst = "everything" if lost.worst_category is None else f"{lost.worst_category} ({_number(lost.worst_loss)})"
        without.add_row(lost.model, _number(lost.mean_loss), worst, ", ".join(lost.uncovered) or "none")
    console.print(without)
    if result.stability:
        console.print(result.stability.sentence, highlight=False)


def _yes(held: bool) -> str:
    return "yes" if held else "no"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _evidence(home: Path, suite: str | None, calendar: str | None, metric: str | None) -> "Evidence":
    """Return the evidence of a suite from the published snapshot; by default that of the published table."""
    from typing import get_args

    from data.errors import HalflifeError, UnknownNameError
    from data.home import Home
    from data.store.snapshot import current as newest
    from data.vocabulary import Calendar
    from leaderboard.routing.decisions.load_evidence import evidence
    from leaderboard.routing.policy.file import load_policy
    from leaderboard.routing.serving.publish import current

    snapshot, table = newest(Home(home)), current(Home(home).routing)
    if snapshot is None:
        raise HalflifeError(f"Expected published standings in {home}, got none. Run `halflife demo` or `halflife run`.")
    if suite is None and table is None:
        raise HalflifeError("Expected --suite, or a published table to take it from, got neither. Give --suite.")
    own_suite, _, own_calendar = table.content.table_id.rpartition(".") if table else ("", "", "live")
    wanted = calendar or own_calendar
    if wanted not in get_args(Calendar):
        raise UnknownNameError("calendar", wanted, get_args(Calendar))
    with snapshot.connect() as connection:
        return evidence(
            connection,
            suite=suite or own_suite,
            calendar=cast("Calendar", wanted),
            metric=metric,
            policy=load_policy(home),
        )


def _policies(home: Path, files: list[Path] | None) -> "dict[str, Policy]":
    """Return the policy in use and those of files by their names; two of one name by their paths."""
    from leaderboard.routing.policy.file import load_policy, read_policy

    given = files or []
    stems = [file.stem for file in given]
    return {"in use": load_policy(home)} | {
        (file.stem if stems.count(file.stem) == 1 else str(file)): read_policy(file) for file in dict.fromkeys(given)
    }


def _show_simulation(result: "Simulation", found: "Evidence", *, by_category: bool) -> None:
    from halflife.output.standings import listing
    from leaderboard.routing.simulation.results import EVERY_ROUTE

    console = Console()
    title = f"{found.suite}, {found.calendar} calendar, {result.first} to {result.last}, by {found.metric}"
    shown = listing(title, SIMULATED if by_category else tuple(name for name in SIMULATED if name != "route"))
    for one in result.outcomes:
        if by_category or one.category == EVERY_ROUTE:
            cells = _outcome_row(one)
            shown.add_row(*(cells if by_category else (cells[0], *cells[2:])))
    console.print(shown)
    for sentence in result.caveats(found.calendar):
        console.print(sentence, style="dim", highlight=False)


def _outcome_row(one: "PolicyResult") -> tuple[str, ...]:
    from leaderboard.routing.simulation.results import EVERY_ROUTE
    from leaderboard.routing.table.tiers import category_id

    route = one.category if one.category == EVERY_ROUTE else category_id(one.category)
    return (
        one.policy,
        route,
        one.tier,
        f"{one.switches_per_year:.1f}",
        f"{one.forced_per_year:.1f}",
        _spread(one.quality),
        f"{_spread(one.regret_known)} {one.regret_unit}",
        f"{_spread(one.regret_hindsight)} {one.regret_unit}",
        "unknown" if one.cost_usd is None else f"{1000 * one.cost_usd:.3g}",
        "–" if one.below_bar is None else f"{one.below_bar.mean:.0%}",
        f"{one.unserved:.0%}",
    )


def _spread(one: "Spread | None") -> str:
    return "–" if one is None else f"{one.mean:.3g} ({one.low:.2g} to {one.high:.2g})"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
