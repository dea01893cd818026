"""What a routing table says that the one before it did not: tiers that changed hands, deployments that came or went."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

What = Literal["serves", "weight", "status", "new route", "gone route", "new", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """One thing that changed: of an alias or a deployment, what it was and is; "" where there was or is nothing."""

    name: str
    what: What
    before: str
    after: str
    reason: str = ""


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[TableChange, ...]:
    """Return what changed between two tables, routes first. Scores and dates alone are no difference."""
    return (*_tiers(before, after), *_deployments(before, after))


def _tiers(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[TableChange]:
    old, new = _by_alias(before), _by_alias(after)
    for alias in dict.fromkeys((*new, *old)):
        if alias not in new:
            yield TableChange(name=alias, what="gone route", before=_first(old[alias]), after="")
            continue
        was, now = _first(old[alias]) if alias in old else "", _first(new[alias])
        why = str((new[alias].get("decision") or {}).get("reason", ""))
        if was != now:
            yield TableChange(name=alias, what="serves" if was else "new route", before=was, after=now, reason=why)
        elif _weights(old[alias]) != _weights(new[alias]):
            yield TableChange(
                name=alias, what="weight", before=_weights(old[alias]), after=_weights(new[alias]), reason=why
            )


def _deployments(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[TableChange]:
    old, new = before["deployments"], after["deployments"]
    gone = {one["deployment"]: str(one["reason"]) for one in after.get("tombstones", ())}
    for name in sorted({*old, *new}):
        was, now = (str(held[name]["status"]) if name in held else "" for held in (old, new))
        if was != now:
            what: What = "new" if not was else "gone" if not now else "status"
            yield TableChange(name=name, what=what, before=was, after=now, reason=gone.get(name, "") if not now else "")


def _by_alias(table: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {tier["alias"]: tier for route in table["routes"] for _, tier in sorted(route["tiers"].items())}


def _first(tier: Mapping[str, Any]) -> str:
    found = max(tier["candidates"], key=lambda one: (one["weight"], -one["rank"]), default=None)
    return str(found["deployment"]) if found else ""


def _weights(tier: Mapping[str, Any]) -> str:
    return ", ".join(f"{one['deployment']} {one['weight']}" for one in tier["candidates"] if one["weight"])
