"""Policies tried on the past, and how few models are enough, as tables; and the frame of the latter's chart."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from leaderboard import formatting
from leaderboard.board.tables.table import Cell, Column, Table
from leaderboard.routing.simulation.results import EVERY_ROUTE
from leaderboard.standings.queries import BoardMetric

if TYPE_CHECKING:
    import pandas as pd

    from leaderboard.routing.simulation.curation import ModelSubset
    from leaderboard.routing.simulation.results import PolicyResult, Simulation, Spread

OUTCOME_COLUMNS: Final = (
    Column(key="policy", label="Policy", kind="name", narrow=True),
    Column(key="tier", label="Tier", kind="text"),
    Column(key="switches", label="Switches per year", kind="number"),
    Column(
        key="forced",
        label="Forced switches",
        kind="number",
        help="Per year: the model was withdrawn, failed too often, cost too much or fell below the required quality",
    ),
    Column(
        key="quality",
        label="Quality",
        kind="number",
        help="On the half of the prompts that the decisions did not see. Below: the middle 90 % over divisions",
    ),
    Column(
        key="regret",
        label="Regret",
        kind="number",
        help="Loss to the best model as known at each moment: quality, or US dollars per 1,000 calls",
    ),
    Column(
        key="hindsight",
        label="Regret in hindsight",
        kind="number",
        help="Loss to the best model as known today: an upper bound, because that model was partly lucky",
    ),
    Column(key="usd", label="$ per 1,000 calls", kind="number"),
)
LOSS_COLUMNS: Final = (
    Column(key="model", label="Without", kind="name", narrow=True),
    Column(key="mean", label="Mean loss", kind="number", help="Over categories"),
    Column(key="worst", label="Largest loss", kind="number"),
    Column(key="where", label="In category", kind="text"),
    Column(key="uncovered", label="No longer covered", kind="text", wrap=True, sortable=False),
)


def outcomes(simulation: "Simulation", measure: BoardMetric) -> Table:
    """Return what each policy would have done with the past: all routes of a tier together, a row a policy and tier."""
    results = [result for result in simulation.outcomes if result.category == EVERY_ROUTE]
    rows = [_outcome(result, measure) for result in results]
    return Table(label="Policies over the same past", columns=OUTCOME_COLUMNS, rows=rows)


def _outcome(result: "PolicyResult", measure: BoardMetric) -> dict[str, Cell]:
    usd = None if result.cost_usd is None else 1000 * result.cost_usd
    return {
        "policy": Cell(text=result.policy, sort=result.policy),
        "tier": Cell(text=result.tier, sort=result.tier),
        "switches": Cell(text=f"{result.switches_per_year:.1f}", sort=result.switches_per_year),
        "forced": Cell(text=f"{result.forced_per_year:.1f}", sort=result.forced_per_year, tone="muted"),
        "quality": _spread(result.quality, "quality", measure),
        "regret": _spread(result.regret_known, result.regret_unit, measure),
        "hindsight": _spread(result.regret_hindsight, result.regret_unit, measure),
        "usd": Cell(text=formatting.dollars(usd), sort=usd),
    }


def _spread(spread: "Spread | None", unit: str, measure: BoardMetric) -> Cell:
    if spread is None:
        return Cell(text=formatting.DASH, tone="muted")
    mean, low, high = (_write(value, unit, measure) for value in (spread.mean, spread.low, spread.high))
    return Cell(
        text=mean, sub=f"{low} to {high}", sort=spread.mean, help="Below: the middle 90 % over divisions of the prompts"
    )


def _write(value: float, unit: str, measure: BoardMetric) -> str:
    """Write a quality, or a regret in its unit: score (a difference of two), USD (of 1,000 calls) or s."""
    if unit == "quality":
        return formatting.score(value, measure.unit)
    if unit == "score":
        return formatting.difference(value, measure.unit).lstrip("+")
    sign = "−" if value < 0 else ""
    return sign + (formatting.dollars(1000 * abs(value)) if unit == "USD" else formatting.seconds(abs(value)))


def curation(subset: "ModelSubset", measure: BoardMetric, titles: Mapping[str, str]) -> Table:
    """Return which of the chosen few models serves each category, and what that loses to the best of all."""
    columns = (
        Column(key="category", label="Category", kind="name", narrow=True),
        Column(key="model", label="Served by", kind="text"),
        Column(key="best", label="Best of all", kind="text"),
        Column(key="regret", label="Regret", kind="number", help="Loss to the best of all"),
        Column(key="covered", label=f"Within {100 * subset.tolerance:.0f}{formatting.GAP}%", kind="text"),
    )
    rows = [
        {
            "category": Cell(text=formatting.label(served.category), sort=served.category),
            "model": Cell(text=titles.get(served.model or "", served.model or formatting.DASH), sort=served.model),
            "best": Cell(text=titles.get(served.best, served.best), sort=served.best, tone="muted"),
            "regret": _loss(served.regret, measure),
            "covered": Cell(text="yes" if served.covered else "no", tone="good" if served.covered else "bad"),
        }
        for served in subset.chosen.served
    ]
    return Table(label="What the chosen models serve", columns=columns, rows=rows)


def losses(subset: "ModelSubset", measure: BoardMetric, titles: Mapping[str, str]) -> Table:
    """Return what leaving each of the chosen few models out would lose."""
    rows = [
        {
            "model": Cell(text=titles.get(loss.model, loss.model), sort=loss.model),
            "mean": _loss(loss.mean_loss, measure),
            "worst": _loss(loss.worst_loss, measure),
            "where": Cell(text=formatting.label(loss.worst_category) if loss.worst_category else formatting.DASH),
            "uncovered": Cell(text=", ".join(map(formatting.label, loss.uncovered)) or formatting.DASH, tone="muted"),
        }
        for loss in subset.without
    ]
    return Table(label="What leaving one out would lose", columns=LOSS_COLUMNS, rows=rows)


def _loss(value: float | None, measure: BoardMetric) -> Cell:
    return Cell(text=formatting.difference(value, measure.unit).lstrip("+"), sort=value)


def sets(subset: "ModelSubset", titles: Mapping[str, str]) -> "pd.DataFrame":
    """Return the best set of each size for the chart: n, regret, worst, models, chosen."""
    import pandas as pd

    chosen = len(subset.chosen.models)
    rows = [
        {
            "n": size.n,
            "regret": size.best.mean_regret,
            "worst": size.best.worst_regret,
            "chosen": size.n == chosen,
            "models": ", ".join(titles.get(model, model) for model in size.best.models),
        }
        for size in subset.curve
    ]
    return pd.DataFrame(rows, columns=["n", "regret", "worst", "chosen", "models"])
