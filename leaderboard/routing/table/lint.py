"""What must hold of a table beyond its schema: names that exist, budgets that are kept, no cycle, no credential."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from leaderboard.routing.revision import revision_of
from leaderboard.routing.table.model import RouteTier, RoutingTable, TierCandidate, TierName
from leaderboard.routing.table.problems import CREDENTIAL, LintProblem

HINTS: Final = ("sk-", "hf_", "AKIA", "AIza", "Bearer", "?", "&")
"""Without one of these there is no credential, and a search for them takes a tenth of the time."""


def lint(table: RoutingTable) -> list[LintProblem]:
    """Return everything that is wrong with a table, nothing for a good one.

    Looked for: equal aliases; fallbacks to unknown aliases, to other tasks, in a cycle, and over the tier's own budget
    however far down the chain; a tier over its own budget; deployments that are unknown, retired, named twice or
    cannot do the task; routes named twice; weights that sum to 0; a wrong revision; ends before beginnings; and text
    that looks like a credential.
    """
    content = table.to_json()
    checks = (_aliases, _candidates, _weights, _times)
    wrong = [*_revision(content), *(problem for check in checks for problem in check(table))]
    return [*wrong, *_credentials(content), *_fallbacks(table), *_cycles(table), *_budgets(table)]


def _where(route_id: str, name: TierName) -> str:
    return f"routes[{route_id}].tiers.{name}"


def _revision(content: Mapping[str, Any]) -> Iterator[LintProblem]:
    expected, revision = revision_of(content), content["revision"]
    if revision != expected:
        yield LintProblem("revision", "revision", f"Expected {expected}, got {revision}: it was changed or cut.")


def _aliases(table: RoutingTable) -> Iterator[LintProblem]:
    ids = [route.id for route in table.routes]
    for route_id in _repeated(ids):
        yield LintProblem("route", f"routes[{route_id}]", "Two routes have this id.")
    places: dict[str, str] = {}
    for route, name, tier in table.tiers():
        where = _where(route.id, name)
        if tier.alias in places:
            yield LintProblem("alias", where, f"The alias {tier.alias!r} is already that of {places[tier.alias]}.")
        places.setdefault(tier.alias, where)


def _candidates(table: RoutingTable) -> Iterator[LintProblem]:
    for route, tier_name, tier in table.tiers():
        where = _where(route.id, tier_name)
        for name in _repeated([candidate.deployment for candidate in tier.candidates]):
            yield LintProblem("deployment", where, f"{name!r} is a candidate twice.")
        for name, weight in {candidate.deployment: candidate.weight for candidate in tier.candidates}.items():
            deployment = table.deployments.get(name)
            if deployment is None:
                yield LintProblem("deployment", where, f"Expected a deployment of this table, got {name!r}.")
            elif route.task not in deployment.tasks:
                tasks = ", ".join(deployment.tasks)
                yield LintProblem("deployment", where, f"{name!r} does {tasks}, and the route is {route.task}.")
            elif weight and deployment.status == "retired":
                yield LintProblem("deployment", where, f"{name!r} is retired and would still be called.")


def _repeated(names: list[str]) -> list[str]:
    if len(set(names)) == len(names):
        return []
    return sorted({name for name in names if names.count(name) > 1})


def _weights(table: RoutingTable) -> Iterator[LintProblem]:
    for route, name, tier in table.tiers():
        if not sum(candidate.weight for candidate in tier.candidates):
            yield LintProblem("weights", _where(route.id, name), "The weights sum to 0: nobody would be called.")


def _times(table: RoutingTable) -> Iterator[LintProblem]:
    ends: list[tuple[str, RoutingTable | RouteTier]] = [("table", table)]
    ends += [(_where(route.id, name), tier) for route, name, tier in table.tiers()]
    for where, part in ends:
        if not table.not_before < part.expires_at or part.stale_after > part.expires_at:
            yield LintProblem("times", where, "Expected not_before before expires_at, and stale_after not after it.")


def _credentials(content: Mapping[str, Any]) -> Iterator[LintProblem]:
    text = json.dumps(content, ensure_ascii=False)
    if not any(hint in text for hint in HINTS):
        return
    for where, value in _texts(content, "$"):
        if CREDENTIAL.search(value):
            yield LintProblem(
                "credential", where, "This looks like a key, a token or a signed URL, which has no place here."
            )


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{where}.{key}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _texts(item, f"{where}[{i}]")


def _fallbacks(table: RoutingTable) -> Iterator[LintProblem]:
    tasks = {tier.alias: route.task for route, _, tier in table.tiers()}
    for alias, tier in table.by_alias.items():
        for target in tier.fallback.chain:
            if target not in tasks:
                yield LintProblem("fallback", alias, f"It falls back to {target!r}, which is no alias of this table.")
            elif tasks[target] != tasks[alias]:
                sentence = f"It does {tasks[alias]} and falls back to {target!r}, which does {tasks[target]}."
                yield LintProblem("fallback", alias, sentence)


def _cycles(table: RoutingTable) -> Iterator[LintProblem]:
    """A chain of fallbacks that comes back to where it began; workhorse to hero is the natural mistake."""
    for alias in table.by_alias:
        if alias in _reached(table, alias):
            yield LintProblem("cycle", alias, "Its fallbacks lead back to itself.")


def _reached(table: RoutingTable, alias: str) -> list[str]:
    """Return the aliases that calls of one may end at: gateways fall back from a fallback too."""
    tiers, reached, ahead = table.by_alias, list[str](), [alias]
    while ahead:
        for target in tiers[ahead.pop()].fallback.chain:
            if target in tiers and target not in reached:
                reached.append(target)
                ahead.append(target)
    return reached


def _budgets(table: RoutingTable) -> Iterator[LintProblem]:
    for alias, tier in table.by_alias.items():
        yield from _own_budget(table, tier)
        for target in _reached(table, alias):
            for candidate in table.by_alias[target].candidates if target != alias else ():
                for words in _over_budget(table, tier, candidate, candidate.score):
                    yield LintProblem("budget", alias, f"The fallback {words}")


def _own_budget(table: RoutingTable, tier: RouteTier) -> Iterator[LintProblem]:
    """Whoever serves a tier keeps its budget; for quality the interval must reach the minimum."""
    for candidate in tier.candidates:
        _, high = candidate.score_ci or (None, None)
        for words in _over_budget(table, tier, candidate, candidate.score if high is None else high):
            yield LintProblem("budget", tier.alias, f"Its own {words}")


def _over_budget(table: RoutingTable, tier: RouteTier, candidate: TierCandidate, score: float | None) -> Iterator[str]:
    """Yield in words each limit of a tier that a candidate with this score is over."""
    name, budget, deployment = candidate.deployment, tier.budget, table.deployments.get(candidate.deployment)
    if deployment is None or not candidate.weight:
        return
    cost = candidate.at_shape.cost_usd if candidate.at_shape else deployment.call_usd()
    latency = (candidate.at_shape or deployment).latency_s
    if _over(cost, budget.max_cost_usd) and not tier.fallback.allow_cost_escalation:
        limit = f"the tier allows {budget.max_cost_usd:g}; set allow_cost_escalation if meant"
        yield f"{name!r} costs {cost:g} USD and {limit}."
    if latency is not None and _over(latency.p95, budget.max_latency_p95_s):
        yield f"{name!r} takes {latency.p95:g} s (p95) and the tier allows {budget.max_latency_p95_s:g}."
    if _over(budget.min_quality, score):
        yield f"{name!r} scores {score:g} and the tier asks for {budget.min_quality:g}."


def _over(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit
