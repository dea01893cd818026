"""The current routing table as tables: who serves each alias and why, who took over, what changed."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from leaderboard import formatting
from leaderboard.board.tables.table import Cell, Column, Table, Tone
from leaderboard.routing.view import RoutingView, TierView
from leaderboard.standings.queries import BoardMetric

if TYPE_CHECKING:
    from leaderboard.routing.decisions.decision import Decision
    from leaderboard.routing.table.diff import TableChange

STATE_TONES: Final[Mapping[str, Tone]] = {"fresh": "good", "stale": "warning", "expired": "bad"}
ALIAS: Final = Column(key="alias", label="Alias", kind="name", narrow=True, help="The stable name that clients call")
WHY: Final = Column(key="why", label="Why", kind="text", sortable=False, wrap=True)
ROUTE_COLUMNS: Final = (
    ALIAS,
    Column(key="model", label="Serves", kind="text"),
    Column(key="score", label="Score", kind="number", help="In the category, with its 95 % interval"),
    Column(key="since", label="Since", kind="number"),
    Column(key="half_life", label="Half-life", kind="number", help="Of a place at the top of this category"),
    Column(
        key="stale",
        label="Stale after",
        kind="number",
        help="From this day on, the model is still at the top with a probability of less than 80 %",
    ),
    Column(
        key="expires",
        label="Expires",
        kind="number",
        help="From this day on, the model is still at the top with a probability of less than 50 %",
    ),
    Column(key="state", label="State", kind="text"),
)
REASON_COLUMNS: Final = (
    ALIAS,
    Column(key="model", label="Serves", kind="text"),
    Column(key="since", label="Since", kind="number"),
    Column(
        key="nearly",
        label="Closest challenger",
        kind="text",
        help="How many standard errors (SE) of the paired difference it leads (+) or trails (−) by",
    ),
    WHY,
)
SWITCH_COLUMNS: Final = (
    Column(key="day", label="Day", kind="text"),
    Column(key="tier", label="Tier", kind="text"),
    Column(key="to", label="Now served by", kind="name", narrow=True),
    Column(key="from", label="Before", kind="text"),
    WHY,
)
CHANGE_COLUMNS: Final = (
    Column(key="name", label="Alias or deployment", kind="name", narrow=True),
    Column(key="what", label="What", kind="text"),
    Column(key="before", label="Before", kind="text"),
    Column(key="after", label="Now", kind="text"),
    WHY,
)


def routes(view: RoutingView, measure: BoardMetric, titles: Mapping[str, str], *, now: dt.datetime) -> Table:
    """Return what the current routing table routes, a row a category and tier."""
    rows = [_route(route, measure, titles, now) for route in view.tiers]
    return Table(label=f"Routing table {view.serial}", columns=ROUTE_COLUMNS, rows=rows)


def _route(route: TierView, measure: BoardMetric, titles: Mapping[str, str], now: dt.datetime) -> dict[str, Cell]:
    state = route.state(now)
    return {
        "alias": Cell(text=route.alias, sort=route.alias),
        "model": Cell(
            text=titles.get(route.model, route.model),
            sort=route.model,
            help=with_titles(route.reason, titles),
            sub=route.at_shape or "",
        ),
        "score": Cell(
            text=formatting.score(route.score, measure.unit),
            sub=formatting.margin(route.score, route.low, route.high, measure.unit),
            sort=route.score,
        ),
        "since": Cell(text=formatting.date(_moment(route.since)), sort=route.since, tone="muted"),
        "half_life": Cell(text=formatting.days(route.half_life_days), sort=route.half_life_days),
        "stale": Cell(text=formatting.date(route.stale_after), sort=_iso(route.stale_after), tone="muted"),
        "expires": Cell(text=formatting.date(route.expires_at), sort=_iso(route.expires_at)),
        "state": Cell(text=state, sort=state, tone=STATE_TONES[state]),
    }


def reasons(view: RoutingView, titles: Mapping[str, str]) -> Table:
    """Return why each alias is served by its model, and which model came closest to replacing it."""
    rows = [_reason(route, titles) for route in view.tiers]
    return Table(label="Reasons of the routes", columns=REASON_COLUMNS, rows=rows)


def _reason(route: TierView, titles: Mapping[str, str]) -> dict[str, Cell]:
    challenger = titles.get(route.challenger, route.challenger) if route.challenger else formatting.DASH
    margin = "" if route.margin is None else f"{route.margin:+.1f} SE".replace("-", "−")
    return {
        "alias": Cell(text=route.alias, sort=route.alias),
        "model": Cell(text=titles.get(route.model, route.model), sort=route.model),
        "since": Cell(text=formatting.date(_moment(route.since)), sort=route.since, tone="muted"),
        "nearly": Cell(text=challenger, sub=margin, sort=route.margin, tone="plain" if margin else "muted"),
        "why": Cell(text=with_titles(route.reason, titles), tone="muted"),
    }


def switches(decisions: "Sequence[Decision]", titles: Mapping[str, str]) -> Table:
    """Return the changes of who holds a tier, in the order given."""
    rows = [_switch(decision, titles) for decision in decisions]
    return Table(label="Route switches, the newest first", columns=SWITCH_COLUMNS, rows=rows)


def _switch(decision: "Decision", titles: Mapping[str, str]) -> dict[str, Cell]:
    previous = titles.get(decision.previous, decision.previous) if decision.previous else formatting.DASH
    return {
        "day": Cell(text=formatting.date(decision.day), sort=decision.day.isoformat()),
        "tier": Cell(text=decision.tier, sort=decision.tier),
        "to": Cell(text=titles.get(decision.incumbent, decision.incumbent), sort=decision.incumbent),
        "from": Cell(text=previous, sort=decision.previous, tone="muted"),
        "why": Cell(text=with_titles(decision.reason, titles), tone="muted"),
    }


def differences(changes: "Sequence[TableChange]", titles: Mapping[str, str]) -> Table:
    """Return what changed since the previous table, a row a change."""
    rows = [
        {
            "name": Cell(text=titles.get(change.name, change.name), sort=change.name),
            "what": Cell(text=change.what, sort=change.what),
            "before": Cell(text=titles.get(change.before, change.before) or formatting.DASH, tone="muted"),
            "after": Cell(text=titles.get(change.after, change.after) or formatting.DASH),
            "why": Cell(text=with_titles(change.reason, titles), tone="muted"),
        }
        for change in changes
    ]
    return Table(label="Changes since the previous table", columns=CHANGE_COLUMNS, rows=rows)


def with_titles(sentence: str, titles: Mapping[str, str]) -> str:
    """Return a sentence in which models stand by their titles instead of their ids.

    >>> with_titles("oak-1 stays: oak-1-turbo trails.", {"oak-1": "Oak 1", "oak-1-turbo": "Oak 1 Turbo"})
    'Oak 1 stays: Oak 1 Turbo trails.'
    """
    if not titles:
        return sentence
    ids = "|".join(re.escape(model) for model in sorted(titles, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])(?:{ids})(?![\w-])", lambda match: titles[match.group()], sentence)


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _iso(value: dt.datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
