"""The routing table as the board shows it: who is routed now, since when, until when. Read, never decided, here."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.errors import RoutingError
from data.home import Home
from leaderboard.routing.policy.policy import OVERALL
from leaderboard.routing.serving import publish
from leaderboard.routing.table.diff import TableChange, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """One tier of one route as the current table says it. Times are UTC; `margin` is the challenger's, in errors.

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
    half_life_ci: tuple[float, float] | None
    stale_after: dt.datetime | None
    expires_at: dt.datetime | None
    action: str
    reason: str
    challenger: str | None
    margin: float | None
    at_shape: str | None = None

    def state(self, now: dt.datetime) -> str:
        """Return fresh, stale or expired."""
        if self.expires_at is not None and now >= self.expires_at:
            return "expired"
        return "stale" if self.stale_after is not None and now >= self.stale_after else "fresh"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingView:
    """The current table: its serial, when it was made, its calendar if it says one, and its tiers."""

    table_id: str
    serial: int
    revision: str
    content: Mapping[str, Any]
    generated_at: dt.datetime | None
    on_expiry: str
    tiers: tuple[Routed, ...]

    def holder(self, category: str, tier: str) -> str | None:
        """Return the model that holds a tier of a category (or of all, where the category has no route)."""
        held = {(one.category, one.tier): one.model for one in self.tiers}
        return held.get((OVERALL if category == "*" else category, tier)) or held.get((OVERALL, tier))


def roles(table: RoutingView | None, category: str) -> dict[str, str]:
    """Return which models a category's hero and workhorse are; a model that is both is the hero."""
    if table is None:
        return {}
    held = {table.holder(category, tier): tier for tier in ("workhorse", "hero")}
    return {model: tier for model, tier in held.items() if model is not None}


def current_table(home: Home, table_id: str) -> RoutingView | None:
    """Return the current table, None where none of that id is published, or what is there cannot be read."""
    try:
        found = publish.current(home.routing)
    except (OSError, RoutingError):
        return None
    return view(found.content) if found and found.content["table_id"] == table_id else None


def since_before(home: Home) -> tuple[TableChange, ...] | None:
    """Return what the current table says that the one before did not; None where there is none before it."""
    try:
        now = publish.current(home.routing)
        before = publish.earlier(home.routing, now) if now else None
    except (OSError, RoutingError):
        return None
    return differences(before.content, now.content) if now and before else None


def view(table: Mapping[str, Any]) -> RoutingView:
    """Return a table's JSON as the board shows it."""
    tiers = [
        _routed(route, name, tier)
        for route in table["routes"]
        for name, tier in sorted(route["tiers"].items())
        if tier.get("candidates")
    ]
    return RoutingView(
        table_id=str(table["table_id"]),
        serial=int(table["serial"]),
        revision=str(table.get("revision", "")),
        content=table,
        generated_at=moment(table.get("generated_at")),
        on_expiry=str(table.get("on_expiry", "hold-last-known-good")),
        tiers=tuple(tiers),
    )


def _routed(route: Mapping[str, Any], name: str, tier: Mapping[str, Any]) -> Routed:
    first = max(tier["candidates"], key=lambda one: (one.get("weight", 0), -(one.get("rank") or 0)))
    ends = first.get("score_ci") or (None, None)
    decision, life = tier.get("decision") or {}, tier.get("half_life") or {}
    return Routed(
        category=str(route["category"]),
        task=str(route["task"]),
        tier=name,
        alias=str(tier.get("alias", "")),
        model=str(first["deployment"]),
        score=first.get("score"),
        low=ends[0],
        high=ends[1],
        since=str(tier.get("incumbent_since") or ""),
        half_life_days=life.get("days"),
        half_life_ci=tuple(life["ci"]) if life.get("ci") else None,
        stale_after=moment(tier.get("stale_after")),
        expires_at=moment(tier.get("expires_at")),
        action=str(decision.get("action", "")),
        reason=str(decision.get("reason", "")),
        challenger=decision.get("challenger"),
        margin=decision.get("margin"),
        at_shape=_at_shape(first),
    )


def _at_shape(candidate: Mapping[str, Any]) -> str | None:
    at = candidate.get("at_shape")
    if at is None:
        return None
    length = "" if at["seconds"] is None else f", {at['seconds']:g} s"
    return f"at {at['size']}{length}: cost and time {at['said']}; scored at {at['scored_at']}"


def moment(text: str | None) -> dt.datetime | None:
    """Return an RFC 3339 time, None where there is none."""
    return dt.datetime.fromisoformat(text) if text else None
