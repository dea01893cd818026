"""Why a table routes as it does, what other policies would have done, and which models suffice, in the terminal."""

from typing import Final

from halflife.output.tables import DASH, number, table
from halflife.output.terminal import Terminal
from leaderboard import formatting
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.simulation.curation import ModelSubset
from leaderboard.routing.simulation.results import EVERY_ROUTE, PolicyResult, Simulation, Spread
from leaderboard.routing.table.explain import ComparedModel, Explanation
from leaderboard.routing.table.identifiers import category_id

FIELD: Final = ("model", "score", "interval", "to the holder", "p", "US$ a call", "p95", "why")
SIMULATED: Final = (
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
SERVED: Final = ("category", "served by", "the best", "regret", "tolerance", "covered")
STEPS: Final = ("n", "models", "mean regret", "gain", "worst regret", "covered", "US$/1000")
WITHOUT: Final = ("without", "mean loss", "worst", "no longer covered")


def explanation(console: Terminal, explained: Explanation) -> None:
    """Print why a tier's model was chosen, every other model of its field, and every earlier change."""
    decision = explained.decision
    holder = f"{explained.alias}: {decision.incumbent}, since {decision.since}"
    console.print(holder, style="bold")
    limits = ", ".join(
        f"{key} {value:g}" if isinstance(value, float) else f"{key} {value}" for key, value in explained.budget()
    )
    within = f" within {limits}" if limits else ""
    console.print(f"It looks for {explained.aim}{within}. {decision.reason}")
    rows = table("", FIELD, numbers=("score",))
    for model in explained.field:
        rows.add_row(*_field_row(model, decision.challenger))
    console.print(rows)
    for change in explained.history:
        console.print(f"  {change.day}  {change.reason}", style="dim")
    console.print()


def _field_row(model: ComparedModel, challenger: str | None) -> tuple[str, ...]:
    difference, gap = model.beside, DASH
    if difference is not None:
        low, high = difference.low, difference.high
        ends = "" if low is None or high is None else f" ({low:+.2g} to {high:+.2g})"
        gap = f"{difference.difference:+.3g}{ends}"
    interval = DASH if model.low is None or model.high is None else f"{model.low:.3g} – {model.high:.3g}"
    return (
        f"{model.model}{' *' if model.holds else ''}",
        number(model.estimate),
        interval,
        gap,
        DASH if difference is None else f"{difference.p:.2g}",
        "unknown" if model.cost_usd is None else f"{model.cost_usd:.3g}",
        formatting.seconds(model.p95_s),
        "holds the tier" if model.holds else "the challenger" if model.model == challenger else model.words,
    )


def simulation(console: Terminal, simulated: Simulation, evidence: Evidence, *, by_category: bool) -> None:
    """Print how often each policy switched, what it lost and what it cost; of every route or of all together."""
    title = f"{evidence.content}, {evidence.calendar} calendar, {simulated.first} to {simulated.last}"
    columns = SIMULATED if by_category else tuple(name for name in SIMULATED if name != "route")
    rows = table(f"{title}, by {evidence.metric}", columns)
    for result in simulated.outcomes:
        if by_category or result.category == EVERY_ROUTE:
            cells = _result_cells(result)
            rows.add_row(*(cells[name] for name in columns))
    console.print(rows)
    for sentence in simulated.caveats(evidence.calendar):
        console.print(sentence, style="dim")


def _result_cells(result: PolicyResult) -> dict[str, str]:
    return {
        "policy": result.policy,
        "route": result.category if result.category == EVERY_ROUTE else category_id(result.category),
        "tier": result.tier,
        "switches a year": f"{result.switches_per_year:.1f}",
        "forced": f"{result.forced_per_year:.1f}",
        "quality": _spread(result.quality),
        "regret: best known": f"{_spread(result.regret_known)} {result.regret_unit}",
        "regret: hindsight": f"{_spread(result.regret_hindsight)} {result.regret_unit}",
        "US$/1000": "unknown" if result.cost_usd is None else f"{1000 * result.cost_usd:.3g}",
        "below bar": DASH if result.below_bar is None else f"{result.below_bar.mean:.0%}",
        "unserved": f"{result.unserved:.0%}",
    }


def _spread(spread: Spread | None) -> str:
    return DASH if spread is None else f"{spread.mean:.3g} ({spread.low:.2g} to {spread.high:.2g})"


def curation(console: Terminal, subset: ModelSubset, evidence: Evidence) -> None:
    """Print the models that suffice, what one more would add, and what leaving each out would lose."""
    console.print(subset.sentence, style="bold")
    served = table(f"{evidence.content}, {evidence.calendar} calendar, by {evidence.metric}", SERVED)
    for category in subset.chosen.served:
        covered, model = "yes" if category.covered else "no", category.model or "nobody"
        regret, tolerance = number(category.regret), number(category.tolerance)
        served.add_row(category.category, model, category.best, regret, tolerance, covered)
    console.print(served)
    steps = table("The value of the next model", STEPS, numbers=("n",))
    for step in subset.curve:
        best = step.best
        cost = "unknown" if best.cost_usd is None else f"{1000 * best.cost_usd:.3g}"
        regrets = (number(best.mean_regret), number(step.gain), number(best.worst_regret))
        steps.add_row(str(step.n), ", ".join(best.models), *regrets, str(best.covered), cost)
    console.print(steps)
    losses = table("What leaving each out would lose", WITHOUT)
    for loss in subset.without:
        worst = "everything" if loss.worst_category is None else f"{loss.worst_category} ({number(loss.worst_loss)})"
        losses.add_row(loss.model, number(loss.mean_loss), worst, ", ".join(loss.uncovered) or "none")
    console.print(losses)
    if subset.stability:
        console.print(subset.stability.sentence)
