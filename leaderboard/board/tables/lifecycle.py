"""What became of models and of their places, as ledgers: half-lives, states, silent changes. Data in, ledger out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leaderboard import formatting
from leaderboard.board.tables.table import Badge, Cell, Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from leaderboard.lifecycle.half_life_estimate import Estimate

KINDS = ("rank", "gap", "price")
PRIOR = Badge(text="prior", tone="warning", help="Fewer than 8 events: the prior of 30 days speaks")
LEAD = (
    Column(key="gap", label="Lead over the second", kind="number", help="Days until half of the leads have closed"),
    Column(key="gap_n", label="Closed", kind="number", help="How many leads were no longer significant, of all"),
)
PRICE = (Column(key="price", label="Price", kind="number", help="Days in which the price of one quality halves"),)
SURE = "Anytime-valid paired sequences; after Benjamini–Hochberg over metrics"
NAMED = 4
"""So many of the metrics that moved are named."""
METRICS = {
    "bytes": "Bytes of the file",
    "size": "File size (log)",
    "size spread": "Spread of file sizes",
    "latency": "Latency (log)",
    "latency spread": "Spread of latency",
    "embeddings": "Embeddings (MMD)",
}


def half_lives(found: "Sequence[Estimate]", *, k: int | None = None) -> Table:
    """Return half-lives as a ledger, a row a scope: of a place in the top k, of a lead, and of a price."""
    place = f"Place in the top {k}" if k else "Place at the top"
    kinds = {one.kind for one in found}
    columns = [
        Column(key="scope", label="Of", kind="name", narrow=True),
        Column(key="rank", label=place, kind="number", help="Days until half of the places are lost"),
        Column(key="rank_n", label="Overtaken", kind="number", help="How many were overtaken, of all stays at risk"),
        *(LEAD if "gap" in kinds else ()),
        *(PRICE if "price" in kinds else ()),
    ]
    held: dict[str, dict[str, Estimate]] = {}
    for one in found:
        held.setdefault(_scope(one), {}).setdefault(one.kind, one)
    rows = [{"scope": Cell(text=scope, sort=scope), **_kinds(kinds)} for scope, kinds in held.items()]
    return Table(label="Half-lives in days, with 95 % intervals", columns=columns, rows=rows)


def without_price(found: "Sequence[Estimate]") -> str:
    """Return why no price has a half-life; nothing where one has."""
    if any(one.kind == "price" for one in found):
        return ""
    return "No price halves here: that takes models with list prices, dated by their catalogue."


def _scope(one: "Estimate") -> str:
    scope = one.scope
    if "tier" in scope:
        return f"Route's {scope['tier']}"
    if "unit" in scope:
        return f"Price per {scope['unit'].replace('_', ' ')}"
    return formatting.label(scope.get("category") or scope.get("task") or "everything")


def _kinds(held: "Mapping[str, Estimate]") -> dict[str, Cell]:
    cells = {kind: _life(held.get(kind)) for kind in KINDS}
    return cells | {f"{kind}_n": _events(held.get(kind)) for kind in ("rank", "gap")}


def _life(one: "Estimate | None") -> Cell:
    if one is None or one.half_life_days is None:
        return Cell(text=formatting.DASH, tone="muted", help=one.sentence if one else "")
    low, high = (formatting.DASH if end is None else formatting.plain(end) for end in (one.low, one.high))
    return Cell(
        text=f"{formatting.plain(one.half_life_days)}{formatting.GAP}days",
        sub=f"{low} to {high}",
        help=one.sentence,
        sort=one.half_life_days,
        badges=(PRIOR,) if one.prior_speaks else (),
    )


def _events(one: "Estimate | None") -> Cell:
    if one is None:
        return Cell(text=formatting.DASH, tone="muted")
    gone = f", {one.withdrawn} withdrawn" if one.withdrawn else ""
    told = f"{one.events} ended, {one.censored} go on{gone}, in {one.exposure_days:,.0f} days at risk"
    return Cell(text=f"{one.events} of {one.tenures}", sort=one.events, tone="muted", help=told)


def states(frame: "pd.DataFrame", titles: Mapping[str, str]) -> Table:
    """Return what each model is now and why (`leaderboard.lifecycle.model_states.history`), the newest change first."""
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="state", label="State", kind="text"),
        Column(key="day", label="Since", kind="number"),
        Column(key="until", label="Goes away", kind="number"),
        Column(key="successor", label="Successor", kind="text"),
        Column(key="by", label="By", kind="text"),
        Column(key="reason", label="Why", kind="text", sortable=False, wrap=True),
    )
    now = frame[frame["ended"].isna()].sort_values(["day", "model"], ascending=[False, True])
    rows = [_state(row, titles) for row in now.itertuples(index=False)]
    return Table(label="States of models, the newest first", columns=columns, rows=rows)


TONES: Mapping[str, Any] = {"active": "good", "canary": "accent", "quarantined": "bad", "deprecated": "warning"}


def _state(row: Any, titles: Mapping[str, str]) -> dict[str, Cell]:
    heir = str(row.successor) if formatting.known(row.successor) else ""
    return {
        "model": Cell(text=titles.get(row.model, row.model), sort=row.model),
        "state": Cell(text=str(row.state), sort=str(row.state), tone=TONES.get(row.state, "muted")),
        "day": Cell(text=formatting.date(row.day), sort=row.day.isoformat()),
        "until": Cell(
            text=formatting.date(row.until), sort=row.until.isoformat() if formatting.known(row.until) else None
        ),
        "successor": Cell(text=titles.get(heir, heir) or formatting.DASH, sort=heir, tone="muted"),
        "by": Cell(text=str(row.decided_by), sort=str(row.decided_by), tone="muted"),
        "reason": Cell(text=str(row.reason), tone="muted"),
    }


def changes(frame: "pd.DataFrame", titles: Mapping[str, str]) -> Table:
    """Return the silent changes found (`leaderboard.lifecycle.model_states.drift_marks`), a row each, newest first."""
    columns = (
        Column(key="model", label="Model", kind="name", narrow=True),
        Column(key="day", label="Changed", kind="number", help="The first night of the new behaviour"),
        Column(key="found", label="Found", kind="number", help="The night on which it was sure"),
        Column(key="p", label="p", kind="number", help="The smallest, anytime-valid, of what moved"),
        Column(key="what", label="What moved, since minus before", kind="text", sortable=False, wrap=True, help=SURE),
    )
    found = frame.sort_values(["day", "model", "p"], ascending=[False, True, True])
    rows = [
        _change(list(held.itertuples(index=False)), titles) for _, held in found.groupby(["day", "model"], sort=False)
    ]
    return Table(label="Silent changes, the newest first", columns=columns, rows=rows)


def _change(held: Sequence[Any], titles: Mapping[str, str]) -> dict[str, Cell]:
    first = held[0]
    more = f", and {len(held) - NAMED} more" if len(held) > NAMED else ""
    return {
        "model": Cell(text=titles.get(first.model, first.model), sort=first.model),
        "day": Cell(text=formatting.date(first.day), sort=first.day.isoformat()),
        "found": Cell(text=formatting.date(first.found_on), sort=first.found_on.isoformat(), tone="muted"),
        "p": Cell(text=formatting.p_value(first.p), sort=float(first.p)),
        "what": Cell(text=", ".join(map(_moved, held[:NAMED])) + more, help="; ".join(map(_moved, held))),
    }


def _moved(one: Any) -> str:
    name = METRICS.get(one.metric, str(one.metric).replace("_", " "))
    return f"{name} {one.shift:+.3g}" if formatting.known(one.shift) else name
