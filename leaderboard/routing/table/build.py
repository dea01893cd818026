"""The routing table of one suite on one calendar: deployments, routes by category, and what has been removed."""

import datetime as dt
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from data.errors import InputFileError, RoutingError, UnknownNameError
from data.vocabulary import ALL_CATEGORIES, Calendar
from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.decisions.replay import TIERS, Decision, latest, replay
from leaderboard.routing.policy.policy import OVERALL, Policy, Tier
from leaderboard.routing.revision import sealed
from leaderboard.routing.table.deployments import deployment
from leaderboard.routing.table.tiers import RouteMaker, category_id, identifier
from leaderboard.routing.timestamps import stamp

if TYPE_CHECKING:
    import duckdb

SCHEMA_ID = "https://halflife.invalid/schema/routing-table.v1.json"
SCHEMA_VERSION, SCHEMA_WITH_RULES = "1.0", "1.1"
"""1.1: the policy says more than 1.0 has words for."""

Decided = Mapping[tuple[str, Tier], Decision]
WITH_RULES = {"significance", "categories", "tiers", "overrides"}
TIMES = ("serial", "revision", "previous_revision", "generated_at", "not_before", "stale_after", "expires_at")


def build_from(
    cursor: "duckdb.DuckDBPyConnection",
    *,
    suite: str,
    calendar: Calendar,
    generated_at: dt.datetime,
    policy: Policy | None = None,
    previous: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the table of a suite from the warehouse or a snapshot whose standings are up to date. See `build`."""
    rule = policy or Policy()
    return build(
        evidence(cursor, suite=suite, calendar=calendar, policy=rule),
        rule,
        generated_at=generated_at,
        previous=previous,
    )


def build(
    found: Evidence,
    policy: Policy | None = None,
    *,
    generated_at: dt.datetime,
    previous: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the whole table as JSON values, sealed with its revision; `previous` is the table that it follows.

    `generated_at` is an aware time on the real clock, also for a replayed season; see `expiry` for what follows from
    it. Raises RoutingError where no category has a score.
    """
    rule = policy or Policy()
    generated_at = generated_at.replace(microsecond=0)  # what a table says must be all that it is derived from
    makers = route_makers(found, rule, generated_at=generated_at)
    if not makers:
        raise RoutingError(
            f"Expected a model with scores by {found.metric!r} on {found.last}, got none. Run the suite."
        )
    routes = [_route(maker) for maker in makers]
    return sealed(
        _head(found, rule, generated_at, previous, routes)
        | {
            "deployments": _deployments(found, makers),
            "routes": routes,
            "tombstones": _tombstones(found, makers, generated_at, previous),
        }
    )


def route_makers(found: Evidence, policy: Policy, *, generated_at: dt.datetime) -> list[RouteMaker]:
    """Return what each category's route is made from, all categories together first.

    Raises InputFileError naming the policy's file and key where it names a category that there is not, or a budget that
    no model keeps.
    """
    decided = latest(replay(found.contests, policy))
    routed = _routed(_categories(found), policy)
    for category in routed:
        _check_budgets(found, policy, category, decided)
    return [
        RouteMaker(
            evidence=found,
            policy=policy,
            category=category,
            generated_at=generated_at,
            decisions={tier: decided[category, tier] for tier in TIERS},
        )
        for category in routed
        if all((one := decided.get((category, tier))) and one.incumbent in found.contenders for tier in TIERS)
    ]


def unchanged(table: Mapping[str, Any], previous: Mapping[str, Any]) -> bool:
    """Return whether a table says what the previous one says, apart from when: nothing new to publish but freshness."""
    return bool(_timeless(table) == _timeless(previous))


def _timeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _timeless(item) for key, item in value.items() if key not in TIMES}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def _categories(found: Evidence) -> list[str]:
    """All categories together first, then each; two that become one id would share an alias."""
    categories = sorted({contest.category for contest in found.contests} - {ALL_CATEGORIES})
    names = [category_id(category) for category in categories]
    if len(set(names)) < len(names):
        raise RoutingError(f"Expected categories that differ in a-z, 0-9 and '-', got {', '.join(categories)}.")
    return [ALL_CATEGORIES, *categories]


def _routed(known: list[str], policy: Policy) -> list[str]:
    """Return the categories that the policy gives a route."""
    named = dict.fromkeys(policy.categories or (), "categories")
    named |= {one: f"overrides.{one}" for one in policy.overrides}
    for one, key in named.items():
        if one not in known:
            names = [OVERALL if category == ALL_CATEGORIES else category for category in known]
            raise InputFileError(policy.source, str(UnknownNameError("category", one, names)), key=key)
    return [one for one in known if policy.categories is None or one in policy.categories]


def _check_budgets(found: Evidence, policy: Policy, category: str, decided: Decided) -> None:
    """Raise InputFileError where the field of the last day has nobody who keeps a tier's budget."""
    contest = next(one for one in reversed(found.contests) if one.category == category)
    ranking = contest.ranking()
    for tier in TIERS if ranking else ():
        rule, held = policy.rule(category, tier), decided.get((category, tier))
        holds = held is not None and held.incumbent in contest.models
        holder = held.incumbent if held is not None and holds else ranking[0]
        over = broken(contest, holder, rule, holder=holds)
        if over is not None:
            place = f"overrides.{category_id(category)}" if category in policy.overrides else "tiers"
            name = category_id(category)
            problem = f"Expected a budget that a model of {name!r} keeps, got one that nobody does: {holder} {over}."
            raise InputFileError(policy.source, f"{problem} Widen it.", key=f"{place}.{tier}")


def _route(maker: RouteMaker) -> dict[str, Any]:
    return {
        "id": identifier(f"{maker.evidence.task}.{maker.name}"),
        "task": maker.evidence.task,
        "category": maker.name,
        "default_tier": "workhorse",
        "tiers": {tier: maker.tier(tier) for tier in TIERS},
    }


def _head(
    found: Evidence,
    policy: Policy,
    generated_at: dt.datetime,
    previous: Mapping[str, Any] | None,
    routes: list[dict[str, Any]],
) -> dict[str, Any]:
    tiers = [tier for route in routes for tier in route["tiers"].values()]
    return {
        "$schema": SCHEMA_ID,
        "schema_version": SCHEMA_WITH_RULES if WITH_RULES & set(policy.to_json()) else SCHEMA_VERSION,
        "kind": "routing-table",
        "table_id": identifier(f"{found.suite}.{found.calendar}"),
        "serial": previous["serial"] + 1 if previous else 1,
        "previous_revision": previous["revision"] if previous else None,
        "generated_at": stamp(generated_at),
        "not_before": stamp(generated_at),
        "stale_after": min(tier["stale_after"] for tier in tiers),
        "expires_at": min(tier["expires_at"] for tier in tiers),
        "poll_interval_s": policy.poll_interval_s,
        "on_expiry": "hold-last-known-good",
        "generator": _generator(found.calendar),
        "evidence": {
            "runs": list(found.runs),
            "window": {"calendar": found.calendar, "from": found.first.isoformat(), "to": found.last.isoformat()},
            "digest": f"sha256:{found.digest}",
        },
        "policy": policy.to_json(),
    }


def _deployments(found: Evidence, makers: list[RouteMaker]) -> dict[str, Any]:
    settled = {maker.decisions[t].incumbent for maker in makers for t in TIERS if not maker.in_trial(t)}
    trial = {maker.decisions[t].incumbent for maker in makers for t in TIERS if maker.in_trial(t)} - settled
    return {
        identifier(model): deployment(contender, found, canary=model in trial)
        for model, contender in sorted(found.contenders.items())
    }


def _tombstones(
    found: Evidence, makers: list[RouteMaker], generated_at: dt.datetime, previous: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Removed, not forgotten: what retired in the window, what the previous table had, and its own tombstones."""
    heir = makers[0].decisions["hero"].incumbent
    buried = {one["deployment"]: one for one in (previous or {}).get("tombstones", ())}
    for model in (previous or {}).get("deployments", {}):
        buried.setdefault(model, _tombstone(model, stamp(generated_at), "No longer in the field.", heir))
    for model, (day, successor) in found.retired.items():
        replacement = successor if successor and successor in found.contenders else heir
        buried[model] = _tombstone(model, f"{day}T00:00:00Z", "Retired by its maker.", replacement)
    return [buried[model] for model in sorted(buried) if model not in found.contenders]


def _tombstone(model: str, removed_at: str, reason: str, replacement: str) -> dict[str, Any]:
    return {"deployment": model, "removed_at": removed_at, "reason": reason, "replacement": replacement}


def _generator(calendar: Calendar) -> str:
    try:
        made_by = f"halflife {version('halflife')}"
    except PackageNotFoundError:
        made_by = "halflife"
    return f"{made_by}, replayed calendar" if calendar == "replayed" else made_by
