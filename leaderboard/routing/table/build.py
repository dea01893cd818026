"""The routing table of one suite on one calendar: deployments, routes by category, and what has been removed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from data.errors import InputFileError, RoutingError, UnknownNameError
from data.vocabulary import ALL_CATEGORIES, Calendar
from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision import Decision, latest
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.load_evidence import evidence
from leaderboard.routing.decisions.replay import MOST_NAMED, replay
from leaderboard.routing.policy.rules import OVERALL, Policy
from leaderboard.routing.revision import PREFIX, sealed
from leaderboard.routing.table.deployments import deployment
from leaderboard.routing.table.identifiers import category_id, identifier, table_id_of
from leaderboard.routing.table.model import (
    SCHEMA_ID,
    CalendarWindow,
    DecidingSuite,
    Deployment,
    Route,
    RoutingTable,
    TableEvidence,
    TablePolicy,
    Tombstone,
)
from leaderboard.routing.table.parsing import schema_problems
from leaderboard.routing.table.tiers import RouteBuilder
from leaderboard.routing.timestamps import stamp
from leaderboard.routing.vocabulary import TIERS, Tier

if TYPE_CHECKING:
    import duckdb

SCHEMA_VERSION = "1.2"
"""1.1: the policy says more than 1.0 has words for. 1.2: the evidence names the suite's content."""
UNSEALED = PREFIX + 64 * "0"
"""Stands for the revision of a table whose content is not complete yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """What a table takes over from the one that it follows."""

    serial: int
    revision: str
    tombstones: tuple[Tombstone, ...]
    deployments: tuple[str, ...] = ()


Decided = Mapping[tuple[str, Tier], Decision]
TIMES = ("serial", "revision", "previous_revision", "generated_at", "not_before", "stale_after", "expires_at")


def build_from(
    cursor: "duckdb.DuckDBPyConnection",
    *,
    suite: str,
    calendar: Calendar,
    generated_at: dt.datetime,
    policy: Policy | None = None,
    previous: RoutingTable | None = None,
) -> RoutingTable:
    """Return the table of a suite from the warehouse or a snapshot whose standings are up to date. See `build`."""
    rules = policy or Policy()
    return build(
        evidence(cursor, suite=suite, calendar=calendar, policy=rules),
        rules,
        generated_at=generated_at,
        previous=predecessor(previous) if previous else None,
    )


def predecessor(table: RoutingTable) -> Predecessor:
    """Return what the table that follows this one takes over from it."""
    return Predecessor(
        serial=table.serial,
        revision=table.revision,
        tombstones=table.tombstones,
        deployments=tuple(table.deployments),
    )


def build(
    measured: Evidence,
    policy: Policy | None = None,
    *,
    generated_at: dt.datetime,
    previous: Predecessor | None = None,
) -> RoutingTable:
    """Return the whole table, sealed with its revision; `previous` is what it takes over from the one before it.

    `generated_at` is an aware time on the real clock, also for a replayed season; see `expiry` for what follows from
    it. Raises RoutingError where no category has a score, or where something does not fit the table's schema.
    """
    rules = policy or Policy()
    generated_at = generated_at.replace(microsecond=0)  # what a table says must be all that it is derived from
    builders = route_builders(measured, rules, generated_at=generated_at)
    if not builders:
        raise RoutingError(_no_route(measured))
    try:
        draft = _draft(measured, rules, builders, generated_at, previous)
        return RoutingTable.model_validate(sealed(draft.to_json()))
    except ValidationError as error:
        problem = schema_problems(error, {})[0]
        raise RoutingError(
            f"The table cannot be built: {error.title}, key {problem.where!r}: {problem.sentence}"
        ) from error


def route_builders(measured: Evidence, policy: Policy, *, generated_at: dt.datetime) -> list[RouteBuilder]:
    """Return what each category's route is built from, all categories together first.

    Raises InputFileError naming the policy's file and key where it names a category that there is not, or a budget that
    no model keeps.
    """
    decided = latest(replay(measured.windows, policy))
    categories = _routed(_categories(measured), policy)
    for category in categories:
        _check_budgets(measured, policy, category, decided)
    return [
        RouteBuilder(
            evidence=measured,
            policy=policy,
            category=category,
            generated_at=generated_at,
            decisions={tier: decided[category, tier] for tier in TIERS},
        )
        for category in categories
        if all(_serves(measured, decided.get((category, tier))) for tier in TIERS)
    ]


def unchanged(table: RoutingTable, previous: RoutingTable) -> bool:
    """Return whether a table says what the previous one says, apart from when: nothing new to publish but freshness."""
    return bool(_timeless(table.to_json()) == _timeless(previous.to_json()))


def _timeless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _timeless(item) for key, item in value.items() if key not in TIMES}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def _serves(measured: Evidence, decision: Decision | None) -> bool:
    """Whether a tier's incumbent is in the field, and delivers sound media, in its newest run and in the category."""
    if decision is None or decision.incumbent not in measured.candidates:
        return False
    stats = measured.last_window(decision.category).stats.get(decision.incumbent)
    return measured.candidates[decision.incumbent].overall.sound and (stats is None or stats.sound)


def _no_route(measured: Evidence) -> str:
    stats = {model: each.overall for model, each in sorted(measured.candidates.items())}
    barred = [f"{model} {each.unsound}" for model, each in stats.items() if not each.sound]
    why = f"none: {'; '.join(barred[:MOST_NAMED])}" if barred else "none"
    wanted = f"Expected a model with scores by {measured.metric!r} and sound media on {measured.last}"
    return f"{wanted}, got {why}. {'Mend the model, or raise max_unsound_share.' if barred else 'Run the suite.'}"


def _categories(measured: Evidence) -> list[str]:
    """All categories together first, then each; two that become one id would share an alias."""
    categories = sorted({window.category for window in measured.windows} - {ALL_CATEGORIES})
    names = [category_id(category) for category in categories]
    if len(set(names)) < len(names):
        raise RoutingError(f"Expected categories that differ in a-z, 0-9 and '-', got {', '.join(categories)}.")
    return [ALL_CATEGORIES, *categories]


def _routed(categories: list[str], policy: Policy) -> list[str]:
    """Return the categories that the policy gives a route."""
    keys = dict.fromkeys(policy.categories or (), "categories")
    keys |= {category: f"overrides.{category}" for category in policy.overrides}
    for category, key in keys.items():
        if category not in categories:
            names = [OVERALL if each == ALL_CATEGORIES else each for each in categories]
            raise InputFileError(policy.source, str(UnknownNameError("category", category, names)), key=key)
    return [category for category in categories if policy.categories is None or category in policy.categories]


def _check_budgets(measured: Evidence, policy: Policy, category: str, decided: Decided) -> None:
    """Raise InputFileError where no model of the last day keeps a tier's budget."""
    window = measured.last_window(category)
    ranking = [model for model in window.ranking() if window.stats[model].sound]
    for tier in TIERS if ranking else ():
        rule, decision = policy.rule(category, tier), decided.get((category, tier))
        competes = decision is not None and decision.incumbent in window.models
        model = decision.incumbent if decision is not None and competes else ranking[0]
        over = broken(window, model, rule, incumbent=competes)
        if over is not None:
            key = f"overrides.{category_id(category)}" if category in policy.overrides else "tiers"
            name = category_id(category)
            problem = f"Expected a budget that a model of {name!r} keeps, got one that nobody does: {model} {over}."
            raise InputFileError(policy.source, f"{problem} Widen it.", key=f"{key}.{tier}")


def _draft(
    measured: Evidence,
    policy: Policy,
    builders: list[RouteBuilder],
    generated_at: dt.datetime,
    previous: Predecessor | None,
) -> RoutingTable:
    """Return the table with all that it says, without its revision."""
    routes = tuple(_route(builder) for builder in builders)
    tiers = [tier for route in routes for tier in route.tiers.values()]
    rules = TablePolicy.model_validate(policy.to_json())
    return RoutingTable.model_validate(
        {
            "$schema": SCHEMA_ID,
            "schema_version": SCHEMA_VERSION,
            "kind": "routing-table",
            "table_id": table_id_of(measured.suite, measured.calendar),
            "serial": previous.serial + 1 if previous else 1,
            "revision": UNSEALED,
            "previous_revision": previous.revision if previous else None,
            "generated_at": stamp(generated_at),
            "not_before": stamp(generated_at),
            "stale_after": min(tier.stale_after for tier in tiers),
            "expires_at": min(tier.expires_at for tier in tiers),
            "poll_interval_s": policy.poll_interval_s,
            "on_expiry": "hold-last-known-good",
            "generator": _generator(measured.calendar),
            "evidence": _evidence(measured),
            "policy": rules,
            "deployments": _deployments(measured, builders),
            "routes": routes,
            "tombstones": _tombstones(measured, builders, generated_at, previous),
        }
    )


def _route(builder: RouteBuilder) -> Route:
    return Route(
        id=identifier(f"{builder.evidence.task}.{builder.name}"),
        task=builder.evidence.task,
        category=builder.name,
        default_tier="workhorse",
        tiers={tier: builder.tier(tier) for tier in TIERS},
    )


def _evidence(measured: Evidence) -> TableEvidence:
    first, last = measured.first.isoformat(), measured.last.isoformat()
    return TableEvidence(
        runs=measured.runs,
        window=CalendarWindow.model_validate({"calendar": measured.calendar, "from": first, "to": last}),
        digest=PREFIX + measured.digest,
        suite=DecidingSuite(name=measured.suite, version=measured.suite_version, digest=measured.suite_digest),
    )


def _deployments(measured: Evidence, builders: list[RouteBuilder]) -> dict[str, Deployment]:
    settled = {builder.decisions[t].incumbent for builder in builders for t in TIERS if not builder.in_trial(t)}
    trial = {builder.decisions[t].incumbent for builder in builders for t in TIERS if builder.in_trial(t)} - settled
    return {
        identifier(model): deployment(candidate, measured, canary=model in trial)
        for model, candidate in sorted(measured.candidates.items())
    }


def _tombstones(
    measured: Evidence, builders: list[RouteBuilder], generated_at: dt.datetime, previous: Predecessor | None
) -> tuple[Tombstone, ...]:
    """Removed, not forgotten: what retired in the window, what the previous table had, and its own tombstones."""
    successor = builders[0].decisions["hero"].incumbent
    removed = {tombstone.deployment: tombstone for tombstone in (previous.tombstones if previous else ())}
    for model in previous.deployments if previous else ():
        removed.setdefault(model, _tombstone(model, stamp(generated_at), "No longer in the field.", successor))
    for model, (day, declared) in measured.retired.items():
        replacement = declared if declared and declared in measured.candidates else successor
        removed[model] = _tombstone(model, f"{day}T00:00:00Z", "Retired by its maker.", replacement)
    return tuple(removed[model] for model in sorted(removed) if model not in measured.candidates)


def _tombstone(model: str, removed_at: str, reason: str, replacement: str) -> Tombstone:
    return Tombstone(deployment=model, removed_at=removed_at, reason=reason, replacement=replacement)


def _generator(calendar: Calendar) -> str:
    try:
        made_by = f"halflife {version('halflife')}"
    except PackageNotFoundError:
        made_by = "halflife"
    return f"{made_by}, replayed calendar" if calendar == "replayed" else made_by
