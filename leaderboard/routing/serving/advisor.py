"""What an agent may ask of a table: which model to call for a wish, how models compare, how long an answer holds.

Pure functions of a table and a time. Every answer says which table it is from and whether that is stale.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import RoutingError, UnknownNameError
from leaderboard.routing.exports.serving import UNFIT
from leaderboard.routing.policy.policy import OVERALL
from leaderboard.routing.timestamps import age

CHAIN = 10
"""No fallback chain is longer than the schema's attempts."""


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


def recommend(table: Mapping[str, Any], wish: RouteQuery, *, at: dt.datetime) -> dict[str, Any]:
    """Return the first deployment of the tier, then of its fallbacks, that meets a wish, and why others were passed.

    Raises UnknownNameError for a task, category or tier that has no route, RoutingError where nobody meets the wish or
    the table has expired and says to fail closed.
    """
    route = route_of(table, wish.task, wish.category)
    tier = _tier(route, _allowed_tier(table, route, wish, at))
    passed: list[dict[str, str]] = []
    for alias, candidate in _in_order(table, tier):
        name = candidate["deployment"]
        why = _why_not(_as_called(table["deployments"][name], candidate, wish), wish)
        if why is None:
            found = {"alias": alias, **facts(table, candidate, wish), "passed_over": passed}
            return {
                **found,
                "decision": tier["decision"]["reason"],
                "half_life": tier["half_life"],
                "incumbent_since": tier["incumbent_since"],
                **held_by(table, at, tier),
            }
        if name not in {one["deployment"] for one in passed}:
            passed.append({"deployment": name, "why": why})
    reasons = "; ".join(f"{one['deployment']} {one['why']}" for one in passed)
    raise RoutingError(
        f"Expected a model for {tier['alias']!r} that meets the wish, got none: {reasons}. Ask for less."
    )


def compare(
    table: Mapping[str, Any],
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
    scored = {one["deployment"]: one for tier in route["tiers"].values() for one in tier["candidates"]}
    for name in models:
        if name not in table["deployments"]:
            raise UnknownNameError("deployment", name, table["deployments"])
    rows = [facts(table, scored.get(name, {"deployment": name}), RouteQuery()) for name in dict.fromkeys(models)]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0))
    pairs = [
        {"models": [first["deployment"], second["deployment"]], "apart": _apart(first, second)}
        for i, first in enumerate(rows)
        for second in rows[i + 1 :]
    ]
    return {"route": route["id"], "models": rows, "pairs": pairs, **held_by(table, at)}


def half_life(
    table: Mapping[str, Any],
    *,
    at: dt.datetime,
    task: str = "text-to-image",
    category: str = OVERALL,
    tier: str | None = None,
) -> dict[str, Any]:
    """Return the half-life of a tier's place at the top: days, interval, method, and what it was measured from."""
    route = route_of(table, task, category)
    held = _tier(route, tier or route["default_tier"])
    return {
        "alias": held["alias"],
        "half_life": held["half_life"],
        "incumbent_since": held["incumbent_since"],
        "incumbent": held["candidates"][0]["deployment"],
        **held_by(table, at, held),
    }


def route_of(table: Mapping[str, Any], task: str, category: str) -> Mapping[str, Any]:
    """Return the route of a task and a category; UnknownNameError with the nearest where there is none."""
    of_task = {route["category"]: route for route in table["routes"] if route["task"] == task}
    if not of_task:
        raise UnknownNameError("task with routes", task, {route["task"] for route in table["routes"]})
    if category not in of_task:
        raise UnknownNameError(f"category of {task}", category, of_task)
    found: Mapping[str, Any] = of_task[category]
    return found


def route_by_id(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a route by its id; UnknownNameError with the nearest where there is none."""
    routes = {route["id"]: route for route in table["routes"]}
    if name not in routes:
        raise UnknownNameError("route", name, routes)
    found: Mapping[str, Any] = routes[name]
    return found


def held_by(table: Mapping[str, Any], at: dt.datetime, tier: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return which table an answer is from and how old that is: `stale` is True once it, or the tier, is past fresh."""
    ages = {age(one, at) for one in (table, tier) if one is not None}
    ends = tier or table
    return {
        "table": table["table_id"],
        "serial": table["serial"],
        "revision": table["revision"],
        "stale_after": ends["stale_after"],
        "expires_at": ends["expires_at"],
        "stale": ages != {"fresh"},
        "expired": "expired" in ages,
    }


def facts(table: Mapping[str, Any], candidate: Mapping[str, Any], wish: RouteQuery) -> dict[str, Any]:
    """Return what an agent needs of a deployment: who it is, how to call it, what it costs, takes and scored."""
    name = candidate["deployment"]
    known = _as_called(table["deployments"][name], candidate, wish)
    shown = ("rank", "score", "score_ci", "rank_ci", "p_top_k", "n")
    return {
        "deployment": name,
        "model": known["model"],
        "provider": known["provider"],
        "location": known["location"],
        "endpoint": known["endpoint"],
        "status": known["status"],
        "cost_usd": cost(known, wish.seconds),
        "latency_s": known["latency_s"],
        "capabilities": known["capabilities"],
        **{field: candidate.get(field) for field in (*shown, "at_shape")},
    }


def _as_called(known: Mapping[str, Any], candidate: Mapping[str, Any], wish: RouteQuery) -> Mapping[str, Any]:
    """Return a deployment as a wish would call it: at the shape that its tier asks for, where its own is too small."""
    at, able = candidate.get("at_shape"), known["capabilities"]
    longest = able["max_seconds"] or 0.0
    asked = wish.resolution not in (None, *able["sizes"]) or (wish.seconds or 0.0) > longest
    if at is None or not asked:
        return known
    return {
        **known,
        "latency_s": at["latency_s"],
        "price": {"unit": "request", "usd": at["cost_usd"]},
        "capabilities": {**able, "sizes": [at["size"]], "max_seconds": at["seconds"]},
    }


def cost(known: Mapping[str, Any], seconds: float | None) -> float | None:
    """Return what one call costs in US dollars; a video's needs its length, or the longest that is made."""
    price = known["price"]
    if price is None:
        return None
    if price["unit"] != "second-of-video":
        return float(price["usd"])
    length = seconds if seconds is not None else known["capabilities"]["max_seconds"]
    return None if length is None else float(price["usd"] * length)


def _allowed_tier(table: Mapping[str, Any], route: Mapping[str, Any], wish: RouteQuery, at: dt.datetime) -> str:
    """The tier that is asked for; once it has expired, what the table says to do then."""
    name = wish.tier or route["default_tier"]
    if not held_by(table, at, _tier(route, name))["expired"]:
        return str(name)
    if table["on_expiry"] == "fail-closed":
        raise RoutingError(
            f"Expected a table that has not expired, got serial {table['serial']}, which says to fail closed. "
            "Build the table again."
        )
    return str(route["default_tier"] if table["on_expiry"] == "use-default-only" else name)


def _tier(route: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name not in route["tiers"]:
        raise UnknownNameError("tier", name, route["tiers"])
    found: Mapping[str, Any] = route["tiers"][name]
    return found


def _in_order(table: Mapping[str, Any], tier: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tier's candidates (those with a share first, as they stand), then those of its chain."""
    tiers = {one["alias"]: one for route in table["routes"] for one in route["tiers"].values()}
    for one in (tier, *(tiers[alias] for alias in tier["fallback"]["chain"][:CHAIN])):
        for candidate in sorted(one["candidates"], key=lambda each: _place(one, each)):
            yield one["alias"], candidate


def _place(tier: Mapping[str, Any], candidate: Mapping[str, Any]) -> int:
    weight = int(candidate["weight"])
    return -weight if tier["strategy"] == "weighted" else int(not weight)


def _why_not(known: Mapping[str, Any], wish: RouteQuery) -> str | None:
    """Return why a deployment does not meet a wish; what is not known of it does not meet a limit."""
    able, tail = known["capabilities"], known["latency_s"] or {}
    usd, seconds = cost(known, wish.seconds), tail.get("p95") or tail.get("p50")
    if known["status"] in UNFIT:
        return f"is {known['status']}"
    if wish.max_cost is not None and (usd is None or usd > wish.max_cost):
        return "has no known price" if usd is None else f"costs {usd:g} USD"
    if wish.max_latency is not None and (seconds is None or seconds > wish.max_latency):
        return "has no measured latency" if seconds is None else f"takes {seconds:g} s"
    if wish.resolution is not None and wish.resolution not in able["sizes"]:
        return f"was measured at {', '.join(able['sizes'])}"
    if wish.seconds is not None and (able["max_seconds"] is None or able["max_seconds"] < wish.seconds):
        return "makes no video" if able["max_seconds"] is None else f"makes {able['max_seconds']:g} s at most"
    return None


def _apart(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool | None:
    intervals = [one["score_ci"] for one in (first, second)]
    if any(one is None or None in one for one in intervals):
        return None
    (low, high), (other_low, other_high) = intervals
    return bool(low > other_high or other_low > high)
