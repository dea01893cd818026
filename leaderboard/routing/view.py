"""The routing table as the board shows it: who is routed now, since when, until when. Read, never decided, here."""

import datetime as dt
from dataclasses import dataclass

from data.errors import RoutingError
from data.home import Home
from leaderboard.routing.policy.rules import OVERALL
from leaderboard.routing.serving import publish
from leaderboard.routing.table.diff import TableChange, differences, heaviest
from leaderboard.routing.table.model import AtShape, Route, RouteTier, RoutingTable, TierName


@dataclass(frozen=True, slots=True, kw_only=True)
class TierView:
    """One tier of one route as the current table has it. Times are UTC; `margin` is the challenger's, in errors.

    `at_shape` says in words where its cost and time come from, if its runs were made at another shape than it asks for.
    """

    category: str
    task: str
    tier: str
    alias: str
    model: str
    score: float | None
    low: float | None
    high: float | None
    since: str
    half_life_days: float | None
    half_life_ci: tuple[float | None, float | None] | None
    stale_after: dt.datetime
    expires_at: dt.datetime
    action: str
    reason: str
    challenger: str | None
    margin: float | None
    at_shape: str | None = None

    def state(self, now: dt.datetime) -> str:
        """Return fresh, stale or expired."""
        if now >= self.expires_at:
            return "expired"
        return "stale" if now >= self.stale_after else "fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingView:
    """The current table: its serial, when it was made, and its tiers."""

    table_id: str
    serial: int
    revision: str
    content: RoutingTable
    generated_at: dt.datetime
    on_expiry: str
    tiers: tuple[TierView, ...]

    def incumbent(self, category: str, tier: str) -> str | None:
        """Return the model that serves a tier of a category (or of all, where the category has no route)."""
        models = {(each.category, each.tier): each.model for each in self.tiers}
        return models.get((OVERALL if category == "*" else category, tier)) or models.get((OVERALL, tier))


def roles(table: RoutingView | None, category: str) -> dict[str, str]:
    """Return which models a category's hero and workhorse are; a model that is both is the hero."""
    if table is None:
        return {}
    tiers = {table.incumbent(category, tier): tier for tier in ("workhorse", "hero")}
    return {model: tier for model, tier in tiers.items() if model is not None}


def current_table(home: Home, table_id: str) -> RoutingView | None:
    """Return the current table of an id, None where none is published, or what is there cannot be read."""
    try:
        current = publish.current(home.routing, table_id)
    except (OSError, RoutingError):
        return None
    return view(current.content) if current else None


def since_before(home: Home, table_id: str) -> tuple[TableChange, ...] | None:
    """Return what the current table of an id says that the one before did not; None where there is none before it."""
    try:
        now = publish.current(home.routing, table_id)
        before = publish.earlier(home.routing, now) if now else None
    except (OSError, RoutingError):
        return None
    return differences(before.content, now.content) if now and before else None


def view(table: RoutingTable) -> RoutingView:
    """Return a table as the board shows it."""
    return RoutingView(
        table_id=table.table_id,
        serial=table.serial,
        revision=table.revision,
        content=table,
        generated_at=dt.datetime.fromisoformat(table.generated_at),
        on_expiry=table.on_expiry,
        tiers=tuple(_tier(route, name, tier) for route in table.routes for name, tier in sorted(route.tiers.items())),
    )


def _tier(route: Route, name: TierName, tier: RouteTier) -> TierView:
    first = next(candidate for candidate in tier.candidates if candidate.deployment == heaviest(tier))
    low, high = first.score_ci or (None, None)
    return TierView(
        category=route.category,
        task=route.task,
        tier=name,
        alias=tier.alias,
        model=first.deployment,
        score=first.score,
        low=low,
        high=high,
        since=tier.incumbent_since,
        half_life_days=tier.half_life.days,
        half_life_ci=tier.half_life.ci,
        stale_after=dt.datetime.fromisoformat(tier.stale_after),
        expires_at=dt.datetime.fromisoformat(tier.expires_at),
        action=tier.decision.action,
        reason=tier.decision.reason,
        challenger=tier.decision.challenger,
        margin=tier.decision.margin,
        at_shape=_at_shape(first.at_shape),
    )


def _at_shape(at_shape: AtShape | None) -> str | None:
    if at_shape is None:
        return None
    length = "" if at_shape.seconds is None else f", {at_shape.seconds:g} s"
    return f"at {at_shape.size}{length}: cost and time {at_shape.said}; scored at {at_shape.scored_at}"
