"""The routing table as ledgers: what is routed, why, what nearly won, who took over, what changed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leaderboard import formatting
from leaderboard.board.tables.table import Cell, Column, Table, Tone
from leaderboard.routing.simulation.results import EVERY_ROUTE
from leaderboard.routing.view import RoutingView, TierView
from leaderboard.standings.queries import BoardMetric

if TYPE_CHECKING:
    import pandas as pd

    from leaderboard.routing.decisions.decision import Decision
    from leaderboard.routing.simulation.curation import ModelSubset
    from leaderboard.routing.simulation.results import PolicyResult, Simulation, Spread
    from leaderboard.routing.table.diff import TableChange

HELP = {
    "score": "In the category, with half the width of its 95 % interval",
    "stale": "From here on the holder is still at the top with less than 80 % probability",
    "expires": "From here on the holder is still at the top with less than 50 % probability",
    "nearly": "The challenger, and by how many standard errors of the paired difference it leads (+) or trails (−)",
}


def routes(view: RoutingView, measure: BoardMetric, titles: Mapping[str, str], *, now: dt.datetime) -> Table:
    """Return what the current routing table routes, a row a category and tier."""
    columns = (
        Column(key="alias", label="Alias", kind="name", narrow=True, help="The stable name that clients call"),
        Column(key="model", label="Serves", kind="text"),
        Column(key="score", label="Score", kind="number", help=HELP["score"]),
        Column(key="since", label="Since", kind="number"),
        Column(key="half_life", label="Half-life", kind="number"),
        Column(key="stale", label="Stale after", kind="number", help=HELP["stale"]),
        Column(key="expires", label="Expires", kind="number", help=HELP["expires"]),
        Column(key="state", label="State", kind="text"),
    )
    return Table(
        label=f"Routing table {view.serial}",
        columns=columns,
        rows=[_route(one, measure, titles, now) for one in view.tiers],
    )


def _route(one: TierView, measure: BoardMetric, titles: Mapping[str, str], now: dt.datetime) -> dict[str, Cell]:
    state = one.state(now)
    tone: Tone = {"fresh": "good", "stale": "warning", "expired": "bad"}[state]  # type: ignore[assignment]
    margin = formatting.margin(one.score, one.low, one.high, measure.unit)
    life = "" if one.half_life_days is None else formatting.days(one.half_life_days)
    return {
        "alias": Cell(text=one.alias, sort=one.alias),
        "model": Cell(text=titles.get(one.model, one.model), sort=one.model, help=one.reason, sub=one.at_shape or ""),
        "score": Cell(text=f"{formatting.score(one.score, measure.unit)} {margin}".strip(), sort=one.score),
        "since": Cell(text=formatting.date(_moment(one.since)), sort=one.since, tone="muted"),
        "half_life": Cell(text=life or formatting.DASH, sort=one.half_life_days),
        "stale": Cell(text=formatting.date(one.stale_after), sort=_iso(one.stale_after), tone="muted"),
        "expires": Cell(text=formatting.date(one.expires_at), sort=_iso(one.expires_at)),
        "state": Cell(text=state, sort=state, tone=tone),
    }


def switches(found: "Sequence[Decision]", titles: Mapping[str, str]) -> Table:
    """Return the changes of who holds a tier, in the order given."""
    columns = (
        Column(key="day", label="Day", kind="text"),
        Column(key="tier", label="Tier", kind="text"),
        Column(key="to", label="Now served by", kind="name", narrow=True),
        Column(key="from", label="Before", kind="text"),
        Column(key="why", label="Why", kind="text", sortable=False, wrap=True),
    )
    return Table(
        label="Switches of route, the newest first", columns=columns, rows=[_switch(one, titles) for one in found]
    )


def _switch(one: "Decision", titles: Mapping[str, str]) -> dict[str, Cell]:
    before = titles.get(one.previous, one.previous) if one.previous else formatting.DASH
    return {
        "day": Cell(text=formatting.date(one.day), sort=one.day.isoformat()),
        "tier": Cell(text=one.tier, sort=one.tier),
        "to": Cell(text=titles.get(one.incumbent, one.incumbent), sort=one.incumbent),
        "from": Cell(text=before, sort=one.previous, tone="muted"),
        "why": Cell(text=one.reason, tone="muted"),
    }


def reasons(view: RoutingView, titles: Mapping[str, str]) -> Table:
    """Return why each tier is served by whom, and who nearly won it."""
    columns = (
        Column(key="alias", label="Alias", kind="name", narrow=True),
        Column(key="model", label="Serves", kind="text"),
        Column(key="since", label="Since", kind="number"),
        Column(key="nearly", label="Nearly won", kind="text", help=HELP["nearly"]),
        Column(key="why", label="Why", kind="text", sortable=False, wrap=True),
    )
    return Table(label="Why it is routed so", columns=columns, rows=[_reason(one, titles) for one in view.tiers])


def _reason(one: TierView, titles: Mapping[str, str]) -> dict[str, Cell]:
    challenger = titles.get(one.challenger, one.challenger) if one.challenger else None
    by = "" if one.margin is None else f"{one.margin:+.1f} SE".replace("-", "−")
    return {
        "alias": Cell(text=one.alias, sort=one.alias),
        "model": Cell(text=titles.get(one.model, one.model), sort=one.model),
        "since": Cell(text=formatting.date(_moment(one.since)), sort=one.since, tone="muted"),
        "nearly": Cell(text=challenger or formatting.DASH, sub=by, sort=one.margin, tone="plain" if by else "muted"),
        "why": Cell(text=one.reason, tone="muted"),
    }


def differences(found: "Sequence[TableChange]", titles: Mapping[str, str]) -> Table:
    """Return what a table says that the one before did not."""
    columns = (
        Column(key="name", label="Alias or deployment", kind="name", narrow=True),
        Column(key="what", label="What", kind="text"),
        Column(key="before", label="Before", kind="text"),
        Column(key="after", label="Now", kind="text"),
        Column(key="why", label="Why", kind="text", sortable=False, wrap=True),
    )
    rows = [
        {
            "name": Cell(text=titles.get(one.name, one.name), sort=one.name),
            "what": Cell(text=one.what, sort=one.what),
            "before": Cell(text=titles.get(one.before, one.before) or formatting.DASH, tone="muted"),
            "after": Cell(text=titles.get(one.after, one.after) or formatting.DASH),
            "why": Cell(text=one.reason, tone="muted"),
        }
        for one in found
    ]
    return Table(label="Since the table before", columns=columns, rows=rows)


def outcomes(found: "Simulation") -> Table:
    """Return what policies would have done with the past: all routes of each tier together."""
    columns = (
        Column(key="policy", label="Policy", kind="name", narrow=True),
        Column(key="tier", label="Tier", kind="text"),
        Column(key="switches", label="Switches a year", kind="number"),
        Column(key="forced", label="Forced", kind="number", help="Gone, failing, over the budget or below the bar"),
        Column(key="quality", label="Quality", kind="number", help="On the half of the prompts that did not decide"),
        Column(key="regret", label="Regret", kind="number", help="Against the best known at each moment"),
        Column(
            key="hindsight", label="Against hindsight", kind="number", help="An upper bound: that best is partly luck"
        ),
        Column(key="usd", label="$ per 1,000 calls", kind="number"),
    )
    rows = [_outcome(one) for one in found.outcomes if one.category == EVERY_ROUTE]
    return Table(label="Policies over the same past", columns=columns, rows=rows)


def _outcome(one: "PolicyResult") -> dict[str, Cell]:
    usd = None if one.cost_usd is None else 1000 * one.cost_usd
    return {
        "policy": Cell(text=one.policy, sort=one.policy),
        "tier": Cell(text=one.tier, sort=one.tier),
        "switches": Cell(text=f"{one.switches_per_year:.1f}", sort=one.switches_per_year),
        "forced": Cell(text=f"{one.forced_per_year:.1f}", sort=one.forced_per_year, tone="muted"),
        "quality": _spread(one.quality, "score"),
        "regret": _spread(one.regret_known, one.regret_unit),
        "hindsight": _spread(one.regret_hindsight, one.regret_unit),
        "usd": Cell(text=formatting.dollars(usd), sort=usd),
    }


def _spread(held: "Spread | None", unit: str) -> Cell:
    if held is None:
        return Cell(text=formatting.DASH, tone="muted")
    factor, mark = (1000.0, "$") if unit == "USD" else (1.0, "")
    low, mean, high = (f"{mark}{factor * one:.3g}".replace("-", "−") for one in (held.low, held.mean, held.high))
    return Cell(text=mean, sub=f"{low} to {high}", sort=held.mean, help="The middle 90 % over divisions of the prompts")


def curation(found: "ModelSubset", measure: BoardMetric, titles: Mapping[str, str]) -> Table:
    """Return who of the chosen few serves each category, and what that loses to the best there is."""
    columns = (
        Column(key="category", label="Category", kind="name", narrow=True),
        Column(key="model", label="Served by", kind="text"),
        Column(key="best", label="Best of all", kind="text"),
        Column(key="regret", label="Regret", kind="number"),
        Column(key="covered", label=f"Within {found.tolerance:.0%}", kind="text"),
    )
    rows = [
        {
            "category": Cell(text=formatting.label(one.category), sort=one.category),
            "model": Cell(text=titles.get(one.model or "", one.model or formatting.DASH), sort=one.model),
            "best": Cell(text=titles.get(one.best, one.best), sort=one.best, tone="muted"),
            "regret": Cell(text=formatting.difference(one.regret, measure.unit).lstrip("+"), sort=one.regret),
            "covered": Cell(text="yes" if one.covered else "no", tone="good" if one.covered else "bad"),
        }
        for one in found.chosen.served
    ]
    return Table(label="What the few serve", columns=columns, rows=rows)


def losses(found: "ModelSubset", measure: BoardMetric, titles: Mapping[str, str]) -> Table:
    """Return what leaving each of the chosen few out would lose."""
    columns = (
        Column(key="model", label="Without", kind="name", narrow=True),
        Column(key="mean", label="Mean loss", kind="number"),
        Column(key="worst", label="Worst loss", kind="number"),
        Column(key="where", label="In", kind="text"),
        Column(key="uncovered", label="Not covered any more", kind="text", wrap=True, sortable=False),
    )
    rows = [
        {
            "model": Cell(text=titles.get(one.model, one.model), sort=one.model),
            "mean": Cell(text=formatting.difference(one.mean_loss, measure.unit).lstrip("+"), sort=one.mean_loss),
            "worst": Cell(text=formatting.difference(one.worst_loss, measure.unit).lstrip("+"), sort=one.worst_loss),
            "where": Cell(text=formatting.label(one.worst_category) if one.worst_category else formatting.DASH),
            "uncovered": Cell(text=", ".join(map(formatting.label, one.uncovered)) or formatting.DASH, tone="muted"),
        }
        for one in found.without
    ]
    return Table(label="What leaving one out would lose", columns=columns, rows=rows)


def sets(found: "ModelSubset", titles: Mapping[str, str]) -> "pd.DataFrame":
    """Return the best set of each size for the chart: n, regret, worst, models, chosen."""
    import pandas as pd

    size = len(found.chosen.models)
    rows = [
        {
            "n": one.n,
            "regret": one.best.mean_regret,
            "worst": one.best.worst_regret,
            "chosen": one.n == size,
            "models": ", ".join(titles.get(name, name) for name in one.best.models),
        }
        for one in found.curve
    ]
    return pd.DataFrame(rows, columns=["n", "regret", "worst", "chosen", "models"])


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _iso(value: dt.datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
