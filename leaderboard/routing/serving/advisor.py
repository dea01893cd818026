"""What an agent may ask of a table: which model to call for a query, how models compare, how long an answer holds.

Pure functions of a table and a time. Every answer says which table it is from and whether that is stale.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import RoutingError, UnknownNameError
from leaderboard.routing.exports.serving import UNFIT
from leaderboard.routing.policy.rules import OVERALL
from leaderboard.routing.table.model import (
    AtShape,
    CallLatency,
    Capabilities,
    Deployment,
    Route,
    RouteTier,
    RoutingTable,
    ShapeLatency,
    TierCandidate,
)
from leaderboard.routing.timestamps import age

CHAIN = 10
"""No fallback chain is longer than the schema's attempts."""
SCORES = ("rank", "score", "score_ci", "rank_ci", "p_top_k", "n", "at_shape")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteQuery:
    """What is to be made, and what it may cost (US dollars a call), take (seconds, p95), and has to be.

    `tier` is the route's default one without. `resolution` is `1024x1024`; `seconds` the length of a video.
    """

    task: str = "text-to-image"
    category: str = OVERALL
    tier: str | None = None
    max_cost: float | None = None
    max_latency: float | None = None
    resolution: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTerms:
    """What one call costs (US dollars), takes and makes, as a query would make it."""

    cost_usd: float | None
    latency_s: CallLatency | ShapeLatency | None
    capabilities: Capabilities


def recommend(table: RoutingTable, query: RouteQuery, *, at: dt.datetime) -> dict[str, Any]:
    """Return the first deployment of the tier, then of its fallbacks, that meets a query, and why others were passed.

    Raises UnknownNameError for a task, category or tier that has no route, RoutingError where nobody meets the query or
    the table has expired and says to fail closed.
    """
    route = route_of(table, query.task, query.category)
    tier = _allowed_tier(table, route, query, at)
    passed: dict[str, str] = {}
    for alias, candidate in _in_order(table, tier):
        name = candidate.deployment
        why = _why_not(table.deployments[name], candidate.at_shape, query)
        if why is None:
            return {
                "alias": alias,
                **facts(table, name, candidate, query),
                "passed_over": [{"deployment": name, "why": why} for name, why in passed.items()],
                "decision": tier.decision.reason,
                "half_life": tier.half_life.to_json(),
                "incumbent_since": tier.incumbent_since,
                **source(table, at, tier),
            }
        passed.setdefault(name, why)
    reasons = "; ".join(f"{name} {why}" for name, why in passed.items())
    raise RoutingError(f"Expected a model for {tier.alias!r} that meets the query, got none: {reasons}. Ask for less.")


def compare(
    table: RoutingTable,
    models: Sequence[str],
    *,
    at: dt.datetime,
    task: str = "text-to-image",
    category: str = OVERALL,
) -> dict[str, Any]:
    """Return what the table says of some deployments on a route, the best first; a score not in it is None.

    Two of them are `apart` where their intervals do not touch; where they do, the table does not tell who is better.
    """
    route = route_of(table, task, category)
    candidates = {each.deployment: each for tier in route.tiers.values() for each in tier.candidates}
    for name in models:
        if name not in table.deployments:
            raise UnknownNameError("deployment", name, table.deployments)
    rows = [facts(table, name, candidates.get(name), RouteQuery()) for name in dict.fromkeys(models)]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0))
    pairs = [
        {"models": [first["deployment"], second["deployment"]], "apart": _apart(first["score_ci"], second["score_ci"])}
        for i, first in enumerate(rows)
        for second in rows[i + 1 :]
    ]
    return {"route": route.id, "models": rows, "pairs": pairs, **source(table, at)}


def half_life(
    table: RoutingTable,
    *,
    at: dt.datetime,
    task: str = "text-to-image",
    category: str = OVERALL,
    tier: str | None = None,
) -> dict[str, Any]:
    """Return the half-life of a tier's place at the top: days, interval, method, and what it was measured from."""
    route = route_of(table, task, category)
    entry = _tier(route, tier or route.default_tier)
    return {
        "alias": entry.alias,
        "half_life": entry.half_life.to_json(),
        "incumbent_since": entry.incumbent_since,
        "incumbent": entry.candidates[0].deployment,
        **source(table, at, entry),
    }


def route_of(table: RoutingTable, task: str, category: str) -> Route:
    """Return the route of a task and a category; UnknownNameError with the nearest where there is none."""
    of_task = {route.category: route for route in table.routes if route.task == task}
    if not of_task:
        raise UnknownNameError("task with routes", task, {route.task for route in table.routes})
    if category not in of_task:
        raise UnknownNameError(f"category of {task}", category, of_task)
    return of_task[category]


def source(table: RoutingTable, at: dt.datetime, tier: RouteTier | None = None) -> dict[str, Any]:
    """Return which table an answer is from and how old that is: `stale` is True once it, or the tier, is past fresh."""
    ages = {age(table, at), age(tier or table, at)}
    ends, suite = tier or table, table.evidence.suite
    return {
        "table": table.table_id,
        "suite": suite and suite.to_json(),
        "serial": table.serial,
        "revision": table.revision,
        "stale_after": ends.stale_after,
        "expires_at": ends.expires_at,
        "stale": ages != {"fresh"},
        "expired": "expired" in ages,
    }


def facts(table: RoutingTable, name: str, candidate: TierCandidate | None, query: RouteQuery) -> dict[str, Any]:
    """Return what an agent needs of a deployment: who it is, how to call it, what it costs, takes and scored.

    Without a `candidate`, where it has no place on the route, the scores are None.
    """
    deployment = table.deployments[name]
    terms = _terms(deployment, candidate.at_shape if candidate else None, query)
    scores = candidate.to_json() if candidate else {}
    return {
        "deployment": name,
        "model": deployment.model,
        "provider": deployment.provider,
        "location": deployment.location,
        "endpoint": deployment.endpoint.to_json() if deployment.endpoint else None,
        "status": deployment.status,
        "cost_usd": terms.cost_usd,
        "latency_s": terms.latency_s.to_json() if terms.latency_s else None,
        "capabilities": terms.capabilities.to_json(),
        **{key: scores.get(key) for key in SCORES},
    }


def _terms(deployment: Deployment, at_shape: AtShape | None, query: RouteQuery) -> CallTerms:
    """Return a call's terms: at the shape that the tier asks for, where the deployment's own is too small."""
    able = deployment.capabilities
    larger = query.resolution not in (None, *able.sizes) or (query.seconds or 0.0) > (able.max_seconds or 0.0)
    if at_shape is None or not larger:
        return CallTerms(cost_usd=deployment.call_usd(query.seconds), latency_s=deployment.latency_s, capabilities=able)
    return CallTerms(
        cost_usd=float(at_shape.cost_usd),
        latency_s=at_shape.latency_s,
        capabilities=able.model_copy(update={"sizes": (at_shape.size,), "max_seconds": at_shape.seconds}),
    )


def _allowed_tier(table: RoutingTable, route: Route, query: RouteQuery, at: dt.datetime) -> RouteTier:
    """The tier that is asked for; once it has expired, what the table says to do then."""
    tier = _tier(route, query.tier or route.default_tier)
    if not source(table, at, tier)["expired"]:
        return tier
    if table.on_expiry == "fail-closed":
        raise RoutingError(
            f"Expected a table that has not expired, got serial {table.serial}, which says to fail closed. "
            "Build the table again."
        )
    return route.default if table.on_expiry == "use-default-only" else tier


def _tier(route: Route, name: str) -> RouteTier:
    for tier_name, tier in route.tiers.items():
        if tier_name == name:
            return tier
    raise UnknownNameError("tier", name, route.tiers)


def _in_order(table: RoutingTable, tier: RouteTier) -> Iterator[tuple[str, TierCandidate]]:
    """The tier's candidates (those with a share first, as they stand), then those of its chain."""
    for each in (tier, *(table.by_alias[alias] for alias in tier.fallback.chain[:CHAIN])):
        weighted = each.strategy == "weighted"
        for candidate in sorted(each.candidates, key=lambda c: -c.weight if weighted else int(not c.weight)):
            yield each.alias, candidate


def _why_not(deployment: Deployment, at_shape: AtShape | None, query: RouteQuery) -> str | None:
    """Return why a deployment does not meet a query; what is not known of it does not meet a limit."""
    terms = _terms(deployment, at_shape, query)
    able, latency, usd = terms.capabilities, terms.latency_s, terms.cost_usd
    seconds = (latency.p95 or latency.p50) if latency else None
    if deployment.status in UNFIT:
        return f"is {deployment.status}"
    if query.max_cost is not None and (usd is None or usd > query.max_cost):
        return "has no known price" if usd is None else f"costs {usd:g} USD"
    if query.max_latency is not None and (seconds is None or seconds > query.max_latency):
        return "has no measured latency" if seconds is None else f"takes {seconds:g} s"
    if query.resolution is not None and query.resolution not in able.sizes:
        return f"was measured at {', '.join(able.sizes)}"
    if query.seconds is not None and (able.max_seconds is None or able.max_seconds < query.seconds):
        return "makes no video" if able.max_seconds is None else f"makes {able.max_seconds:g} s at most"
    return None


def _apart(first: Sequence[float | None] | None, second: Sequence[float | None] | None) -> bool | None:
    """Return whether two intervals do not touch, None where an end is not available."""
    if first is None or second is None:
        return None
    (low, high), (other_low, other_high) = first, second
    if low is None or high is None or other_low is None or other_high is None:
        return None
    return low > other_high or other_low > high
