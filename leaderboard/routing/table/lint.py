"""What must hold of a routing table: the schema, and what a schema cannot say."""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leaderboard.routing.revision import revision_of
from leaderboard.routing.table.schema_check import Check, compiled

SCHEMA = Path(__file__).parent / "schema" / "routing-table.v1.json"
CREDENTIAL = re.compile(
    r"(?:\bsk-[A-Za-z0-9_-]{8,}|\bhf_[A-Za-z0-9]{8,}|\bAKIA[A-Z0-9]{12,}|\bAIza[A-Za-z0-9_-]{20,}|\bBearer\s+\S{8,}"
    r"|[?&](?:X-Amz-Signature|sig|signature|token|api_key|key)=)"
)
HINTS = ("sk-", "hf_", "AKIA", "AIza", "Bearer", "?", "&")
"""Without one of these there is no credential, and a search for them takes a tenth of the time."""
PRIVATE = ("credential_env", "base_url", "api_base", "custom_host")
"""Where people paste a key, or an address with one in it."""


@dataclass(frozen=True, slots=True)
class LintProblem:
    """One thing that does not hold: a short code, the place in the table, and the sentence."""

    code: str
    where: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


Tiers = dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]


def lint(table: Mapping[str, Any]) -> list[LintProblem]:
    """Return everything that is wrong with a table, nothing for a good one.

    A table that does not fit the schema gets the schema's problems alone; one that does: equal aliases, fallbacks to
    unknown aliases or other tasks, cycles, and over the tier's own budget however far down the chain, a tier over its
    own budget, deployments that are unknown, retired, named twice or cannot do the task, routes named twice, weights
    that sum to 0, a wrong revision, ends before beginnings, and text that looks like a credential.
    """
    misfit = list(_schema(table))
    if misfit:
        return misfit
    tiers: Tiers = {tier["alias"]: (route, tier) for route, _, tier in _each(table)}
    checks = (_revision, _aliases, _candidates, _weights, _times, _credentials)
    found = [problem for check in checks for problem in check(table)]
    return [*found, *_fallbacks(tiers), *_cycles(tiers), *_budgets(table, tiers)]


@functools.cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


@functools.cache
def _fits() -> Check:
    return compiled(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _schema(table: Mapping[str, Any]) -> Iterator[LintProblem]:
    if _fits()(table):
        return
    for error in sorted(_validator().iter_errors(table), key=lambda one: one.json_path):
        yield LintProblem("schema", error.json_path, _sentence(error))


def _sentence(error: Any) -> str:
    """The schema's own sentence, which quotes what it found; not where a secret may have been put by mistake."""
    quoted, place = error.instance, error.json_path.rpartition(".")[2]
    names_only = error.validator in ("additionalProperties", "required")
    hidden = place in PRIVATE if isinstance(quoted, str) else isinstance(quoted, Mapping | list) and not names_only
    if hidden or CREDENTIAL.search(error.message):
        return f"Expected what the schema says ({error.validator}), got something else, which is not shown."
    return f"{error.message[:300]}."


def _each(table: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, Mapping[str, Any]]]:
    for route in table["routes"]:
        for name, tier in route["tiers"].items():
            yield route, f"routes[{route['id']}].tiers.{name}", tier


def _revision(table: Mapping[str, Any]) -> Iterator[LintProblem]:
    expected = revision_of(table)
    if table["revision"] != expected:
        yield LintProblem(
            "revision", "revision", f"Expected {expected}, got {table['revision']}: it was changed or cut."
        )


def _aliases(table: Mapping[str, Any]) -> Iterator[LintProblem]:
    seen: dict[str, str] = {}
    ids = [route["id"] for route in table["routes"]]
    for one in sorted({one for one in ids if ids.count(one) > 1}):
        yield LintProblem("route", f"routes[{one}]", "Two routes have this id.")
    for _, where, tier in _each(table):
        if tier["alias"] in seen:
            yield LintProblem("alias", where, f"The alias {tier['alias']!r} is already that of {seen[tier['alias']]}.")
        seen.setdefault(tier["alias"], where)


def _candidates(table: Mapping[str, Any]) -> Iterator[LintProblem]:
    for route, where, tier in _each(table):
        names = [candidate["deployment"] for candidate in tier["candidates"]]
        for name in sorted({one for one in names if names.count(one) > 1}):
            yield LintProblem("deployment", where, f"{name!r} is a candidate twice.")
        for name, weight in dict(zip(names, (one["weight"] for one in tier["candidates"]), strict=True)).items():
            known = table["deployments"].get(name)
            if known is None:
                yield LintProblem("deployment", where, f"Expected a deployment of this table, got {name!r}.")
            elif route["task"] not in known["tasks"]:
                able = ", ".join(known["tasks"])
                yield LintProblem("deployment", where, f"{name!r} does {able}, and the route is {route['task']}.")
            elif weight and known["status"] == "retired":
                yield LintProblem("deployment", where, f"{name!r} is retired and would still be called.")


def _weights(table: Mapping[str, Any]) -> Iterator[LintProblem]:
    for _, where, tier in _each(table):
        if not sum(candidate["weight"] for candidate in tier["candidates"]):
            yield LintProblem("weights", where, "The weights sum to 0: nobody would be called.")


def _times(table: Mapping[str, Any]) -> Iterator[LintProblem]:
    places = [("table", table), *((where, tier) for _, where, tier in _each(table))]
    for where, held in places:
        if not table["not_before"] < held["expires_at"] or held["stale_after"] > held["expires_at"]:
            yield LintProblem("times", where, "Expected not_before before expires_at, and stale_after not after it.")


def _credentials(table: Mapping[str, Any]) -> Iterator[LintProblem]:
    whole = json.dumps(table, ensure_ascii=False)
    if not any(hint in whole for hint in HINTS):
        return
    for where, text in _texts(table, "$"):
        if CREDENTIAL.search(text):
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


def _fallbacks(tiers: Tiers) -> Iterator[LintProblem]:
    for alias, (route, tier) in tiers.items():
        for target in tier["fallback"]["chain"]:
            if target not in tiers:
                yield LintProblem("fallback", alias, f"It falls back to {target!r}, which is no alias of this table.")
            elif tiers[target][0]["task"] != route["task"]:
                words = f"It does {route['task']} and falls back to {target!r}, which does {tiers[target][0]['task']}."
                yield LintProblem("fallback", alias, words)


def _cycles(tiers: Tiers) -> Iterator[LintProblem]:
    """A chain of fallbacks that comes back to where it began; workhorse to hero is the natural mistake."""
    for alias in tiers:
        if alias in _reached(tiers, alias):
            yield LintProblem("cycle", alias, "Its fallbacks lead back to itself.")


def _reached(tiers: Tiers, alias: str) -> list[str]:
    """Return the aliases that calls of one may end at: gateways fall back from a fallback too."""
    found, ahead = list[str](), [alias]
    while ahead:
        for target in tiers[ahead.pop()][1]["fallback"]["chain"]:
            if target in tiers and target not in found:
                found.append(target)
                ahead.append(target)
    return found


def _budgets(table: Mapping[str, Any], tiers: Tiers) -> Iterator[LintProblem]:
    for alias, (_, tier) in tiers.items():
        yield from _own_budget(table, (alias, tier))
        for target in _reached(tiers, alias):
            for candidate in tiers[target][1]["candidates"] if target != alias else ():
                for words in _over_budget(table, tier, candidate):
                    yield LintProblem("budget", alias, f"The fallback {words}")


def _own_budget(table: Mapping[str, Any], at: tuple[str, Mapping[str, Any]]) -> Iterator[LintProblem]:
    """Whoever serves a tier keeps its budget; for quality the interval must reach the minimum."""
    alias, tier = at
    for candidate in tier["candidates"]:
        _, high = candidate["score_ci"] or (None, None)
        likely = candidate | {"score": candidate["score"] if high is None else high}
        for words in _over_budget(table, tier, likely):
            yield LintProblem("budget", alias, f"Its own {words}")


def _over_budget(table: Mapping[str, Any], tier: Mapping[str, Any], candidate: Mapping[str, Any]) -> Iterator[str]:
    name, budget, known = candidate["deployment"], tier["budget"], table["deployments"].get(candidate["deployment"])
    if known is None or not candidate["weight"]:
        return
    at = candidate.get("at_shape")
    cost = at["cost_usd"] if at else _cost(known)
    tail = ((at or known)["latency_s"] or {}).get("p95")
    if _over(cost, budget["max_cost_usd"]) and not tier["fallback"].get("allow_cost_escalation", False):
        limit = f"the tier allows {budget['max_cost_usd']:g}; set allow_cost_escalation if meant"
        yield f"{name!r} costs {cost:g} USD and {limit}."
    if _over(tail, budget["max_latency_p95_s"]):
        yield f"{name!r} takes {tail:g} s (p95) and the tier allows {budget['max_latency_p95_s']:g}."
    if _over(budget["min_quality"], candidate["score"]):
        yield f"{name!r} scores {candidate['score']:g} and the tier asks for {budget['min_quality']:g}."


def _cost(known: Mapping[str, Any]) -> float | None:
    """Return the price of one call in US dollars, None where it is not known."""
    price, seconds = known["price"], known["capabilities"]["max_seconds"]
    if price is None:
        return None
    per_call = seconds if price["unit"] == "second-of-video" else 1.0
    return None if per_call is None else float(price["usd"] * per_call)


def _over(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit
