"""The lifecycle of models as tables: half-lives, states, silent changes. Data in, table out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leaderboard import formatting
from leaderboard.board.tables.table import Badge, Cell, Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from leaderboard.lifecycle.half_life_estimate import Estimate

KINDS = ("rank", "gap", "price")
FEW_EVENTS_HELP = (
    "Fewer than 8 events, or too few days, to estimate from data alone. The sentence with the figure gives the "
    "estimate with a prior of 30 days."
)
FEW_EVENTS = Badge(text="few events", tone="warning", help=FEW_EVENTS_HELP)
LEAD = (
    Column(
        key="gap",
        label="Lead over the second",
        kind="number",
        help="Days until half of the leads are no longer significant",
    ),
    Column(key="gap_n", label="Leads lost", kind="number", help="Leads that are no longer significant, of all leads"),
)
PRICE = (Column(key="price", label="Price", kind="number", help="Days until the same quality costs half as much"),)
CHANGE_TEST = "Anytime-valid sequential tests on paired samples, with Benjamini–Hochberg over the metrics"
METRICS_NAMED = 4
"""At most so many of the changed metrics are named."""
METRIC_TITLES = {
    "bytes": "Bytes of the file",
    "size": "File size (log)",
    "size spread": "Spread of file sizes",
    "latency": "Latency (log)",
    "latency spread": "Spread of latency",
    "embeddings": "Embeddings (MMD)",
}


def half_lives(estimates: "Sequence[Estimate]", *, k: int | None = None) -> Table:
    """Return half-lives as a table, a row a scope: of a place in the top k, of a lead, and of a price."""
    place = f"Place in the top {k}" if k else "Place at the top"
    kinds = {estimate.kind for estimate in estimates}
    columns = [
        Column(key="scope", label="Scope", kind="name", narrow=True),
        Column(key="rank", label=place, kind="number", help="Days until half of the places are lost"),
        Column(
            key="rank_n",
            label="Overtaken",
            kind="number",
            help="Tenures that ended because others overtook, of all tenures at risk",
        ),
        *(LEAD if "gap" in kinds else ()),
        *(PRICE if "price" in kinds else ()),
    ]
    scopes: dict[str, dict[str, Estimate]] = {}
    for estimate in estimates:
        scopes.setdefault(_scope(estimate), {}).setdefault(estimate.kind, estimate)
    rows = [{"scope": Cell(text=scope, sort=scope), **_kinds(by_kind)} for scope, by_kind in scopes.items()]
    return Table(label="Half-lives in days, with 95 % intervals", columns=columns, rows=rows)


def without_price(estimates: "Sequence[Estimate]") -> str:
    """Return why there is no half-life of a price; nothing where there is one."""
    if any(estimate.kind == "price" for estimate in estimates):
        return ""
    return "No half-life of a price: it needs models with dated list prices in the catalogue."


def _scope(estimate: "Estimate") -> str:
    scope = estimate.scope
    if "tier" in scope:
        return f"{formatting.label(scope['tier'])} route"
    if "unit" in scope:
        return f"Price per {scope['unit'].replace('_', ' ')}"
    return formatting.label(scope.get("category") or scope.get("task") or "everything")


def _kinds(by_kind: "Mapping[str, Estimate]") -> dict[str, Cell]:
    cells = {kind: _half_life(by_kind.get(kind)) for kind in KINDS}
    return cells | {f"{kind}_n": _events(by_kind.get(kind)) for kind in ("rank", "gap")}


def _half_life(estimate: "Estimate | None") -> Cell:
    if estimate is None or estimate.half_life_days is None:
        return Cell(text=formatting.DASH, tone="muted", help=estimate.sentence if estimate else "")
    low, high = (formatting.DASH if end is None else formatting.plain(end) for end in (estimate.low, estimate.high))
    return Cell(
        text=f"{formatting.plain(estimate.half_life_days)}{formatting.GAP}days",
        sub=f"{low} to {high}",
        help=estimate.sentence,
        sort=estimate.half_life_days,
        badges=(FEW_EVENTS,) if estimate.prior_speaks else (),
    )


def _events(estimate: "Estimate | None") -> Cell:
    if estimate is None:
        return Cell(text=formatting.DASH, tone="muted")
    withdrawn = f", {estimate.withdrawn} withdrawn" if estimate.withdrawn else ""
    counts = f"{estimate.events} ended, {estimate.censored} ongoing{withdrawn}"
    return Cell(
        text=f"{estimate.events} of {estimate.tenures}",
        sort=estimate.events,
        tone="muted",
        help=f"{counts}, in {estimate.exposure_days:,.0f} days at risk",
    )


def states(frame: "pd.DataFrame", titles: Mapping[str, str]) -> Table:
    """Return what each model is now and why (`leaderboard.lifecycle.model_states.history`), the newest change first."""
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="state", label="State", kind="text"),
        Column(key="day", label="Since", kind="number"),
        Column(key="until", label="Retires on", kind="number"),
        Column(key="successor", label="Successor", kind="text"),
        Column(key="by", label="Decided by", kind="text"),
        Column(key="reason", label="Why", kind="text", sortable=False, wrap=True),
    )
    now = frame[frame["ended"].isna()].sort_values(["day", "model"], ascending=[False, True])
    rows = [_state(row, titles) for row in now.itertuples(index=False)]
    return Table(label="States of models, the newest first", columns=columns, rows=rows)


STATE_TONES: Mapping[str, Any] = {"active": "good", "canary": "accent", "quarantined": "bad", "deprecated": "warning"}


def _state(row: Any, titles: Mapping[str, str]) -> dict[str, Cell]:
    successor = str(row.successor) if formatting.known(row.successor) else ""
    return {
        "model": Cell(text=titles.get(row.model, row.model), sort=row.model),
        "state": Cell(text=str(row.state), sort=str(row.state), tone=STATE_TONES.get(row.state, "muted")),
        "day": Cell(text=formatting.date(row.day), sort=row.day.isoformat()),
        "until": Cell(
            text=formatting.date(row.until), sort=row.until.isoformat() if formatting.known(row.until) else None
        ),
        "successor": Cell(text=titles.get(successor, successor) or formatting.DASH, sort=successor, tone="muted"),
        "by": Cell(text=str(row.decided_by), sort=str(row.decided_by), tone="muted"),
        "reason": Cell(text=str(row.reason), tone="muted"),
    }


def changes(frame: "pd.DataFrame", titles: Mapping[str, str]) -> Table:
    """Return the silent changes (`leaderboard.lifecycle.model_states.drift_marks`), a row each, newest first."""
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(
            key="day", label="Changed", kind="number", help="The first night on which the model behaved differently"
        ),
        Column(key="found", label="Detected", kind="number", help="The night on which the change became significant"),
        Column(key="p", label="p", kind="number", help="The smallest p value of the changed metrics; anytime-valid"),
        Column(
            key="what",
            label="Changed metrics (after minus before)",
            kind="text",
            sortable=False,
            wrap=True,
            help=CHANGE_TEST,
        ),
    )
    ordered = frame.sort_values(["day", "model", "p"], ascending=[False, True, True])
    changes = [group for _, group in ordered.groupby(["day", "model"], sort=False)]
    rows = [_change(list(group.itertuples(index=False)), titles) for group in changes]
    return Table(label="Silent changes, the newest first", columns=columns, rows=rows)


def _change(metrics: Sequence[Any], titles: Mapping[str, str]) -> dict[str, Cell]:
    first = metrics[0]
    more = f", and {len(metrics) - METRICS_NAMED} more" if len(metrics) > METRICS_NAMED else ""
    return {
        "model": Cell(text=titles.get(first.model, first.model), sort=first.model),
        "day": Cell(text=formatting.date(first.day), sort=first.day.isoformat()),
        "found": Cell(text=formatting.date(first.found_on), sort=first.found_on.isoformat(), tone="muted"),
        "p": Cell(text=formatting.p_value(first.p), sort=float(first.p)),
        "what": Cell(text=", ".join(map(_shift, metrics[:METRICS_NAMED])) + more, help="; ".join(map(_shift, metrics))),
    }


def _shift(row: Any) -> str:
    name = METRIC_TITLES.get(row.metric, str(row.metric).replace("_", " "))
    return f"{name} {row.shift:+.3g}" if formatting.known(row.shift) else name
