"""Estimates of all spells, then of each source, task, category and tier, and log-rank tests between those."""

import itertools
from collections.abc import Sequence
from typing import Any

from leaderboard.lifecycle.alternative_estimators import log_rank
from leaderboard.lifecycle.estimates import estimates
from leaderboard.lifecycle.half_life_estimate import Estimate, HalfLifeKind
from leaderboard.lifecycle.spell import Spell

SCOPES = ("source", "task", "category", "tier")
MOST_GROUPS = 12


def grouped(
    spells: Sequence[Spell], as_dated: Sequence[Spell] | None = None, *, kind: HalfLifeKind = "rank"
) -> tuple[list[Estimate], list[dict[str, Any]]]:
    """Return the estimates of all spells and of each scope with several values, and log-rank tests between those.

    `as_dated` holds the same spells with their dates taken as exact. A test is `{scope, a, b, p}`, p by lifelines.

    >>> days = {"entered": 0.0, "at_risk_from": 0.0, "ended_by": "overtaken"}
    >>> spells = [
    ...     Spell(subject=f"m{end}", last_in=end, first_out=end, scope={"tier": tier}, **days)
    ...     for end, tier in ((10.0, "hero"), (20.0, "hero"), (12.0, "workhorse"), (18.0, "workhorse"))
    ... ]
    >>> estimates, tests = grouped(spells)
    >>> [dict(estimate.scope) for estimate in estimates if estimate.method == "exponential"]
    [{}, {'tier': 'hero'}, {'tier': 'workhorse'}]
    >>> [(test["a"], test["b"]) for test in tests]
    [('hero', 'workhorse')]
    """
    dated = list(spells) if as_dated is None else list(as_dated)
    results, tests = list(estimates(spells, kind=kind, as_dated=dated)), []
    for name in SCOPES:
        values = list(dict.fromkeys(spell.scope[name] for spell in spells if name in spell.scope))
        if len(values) < 2:
            continue
        groups = {value: [spell for spell in spells if spell.scope.get(name) == value] for value in values}
        for value, group in groups.items():
            same = [spell for spell in dated if spell.scope.get(name) == value]
            results += estimates(group, kind=kind, scope={name: value}, as_dated=same)
        for a, b in itertools.combinations(values[:MOST_GROUPS], 2):
            tests.append({"scope": name, "a": a, "b": b, "p": log_rank(groups[a], groups[b])})
    return results, tests
