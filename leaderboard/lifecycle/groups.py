"""Stays by what they belong to: all of them, then each task, category and tier, and whether those differ."""

import itertools
from collections.abc import Sequence
from typing import Any

from leaderboard.lifecycle.alternative_estimators import log_rank
from leaderboard.lifecycle.estimates import Estimate, HalfLifeKind, estimates
from leaderboard.lifecycle.spell import Spell

SCOPES = ("source", "task", "category", "tier")
MOST_GROUPS = 12


def grouped(
    stays: Sequence[Spell], as_dated: Sequence[Spell] | None = None, *, kind: HalfLifeKind = "rank"
) -> tuple[list[Estimate], list[dict[str, Any]]]:
    """Return the estimates of all stays and of each scope with several values, and log-rank tests between those.

    `as_dated` holds the same stays with their dates taken as they are. A test is `{scope, a, b, p}`, p by lifelines.
    """
    dated = list(stays) if as_dated is None else list(as_dated)
    found, tests = list(estimates(stays, kind=kind, as_dated=dated)), []
    for name in SCOPES:
        values = list(dict.fromkeys(one.scope[name] for one in stays if name in one.scope))
        if len(values) < 2:
            continue
        parts = {value: [one for one in stays if one.scope.get(name) == value] for value in values}
        for value, part in parts.items():
            same = [one for one in dated if one.scope.get(name) == value]
            found += estimates(part, kind=kind, scope={name: value}, as_dated=same)
        for a, b in itertools.combinations(values[:MOST_GROUPS], 2):
            tests.append({"scope": name, "a": a, "b": b, "p": log_rank(parts[a], parts[b])})
    return found, tests
