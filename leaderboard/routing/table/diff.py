"""What a routing table says that the one before it did not: tiers that changed hands, deployments that came or went."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from leaderboard.routing.table.model import RouteTier, RoutingTable

What = Literal["serves", "weight", "status", "new route", "gone route", "new", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChange:
    """One thing that changed: of an alias or a deployment, what it was and is; "" where there was or is nothing."""

    name: str
    what: What
    before: str
    after: str
    reason: str = ""


def differences(before: RoutingTable, after: RoutingTable) -> tuple[TableChange, ...]:
    """Return what changed between two tables, routes first. Scores and dates alone are no difference."""
    return (*_tiers(before, after), *_deployments(before, after))


def _tiers(before: RoutingTable, after: RoutingTable) -> Iterator[TableChange]:
    old, new = _by_alias(before), _by_alias(after)
    for alias in dict.fromkeys((*new, *old)):
        if alias not in new:
            yield TableChange(name=alias, what="gone route", before=heaviest(old[alias]), after="")
            continue
        was, now = heaviest(old[alias]) if alias in old else "", heaviest(new[alias])
        why = new[alias].decision.reason
        if was != now:
            yield TableChange(name=alias, what="serves" if was else "new route", before=was, after=now, reason=why)
        elif _weights(old[alias]) != _weights(new[alias]):
            yield TableChange(
                name=alias, what="weight", before=_weights(old[alias]), after=_weights(new[alias]), reason=why
            )


def _deployments(before: RoutingTable, after: RoutingTable) -> Iterator[TableChange]:
    old, new = before.deployments, after.deployments
    reasons = {tombstone.deployment: tombstone.reason for tombstone in after.tombstones}
    for name in sorted({*old, *new}):
        was, now = (str(side[name].status) if name in side else "" for side in (old, new))
        if was != now:
            what: What = "new" if not was else "gone" if not now else "status"
            reason = reasons.get(name, "") if not now else ""
            yield TableChange(name=name, what=what, before=was, after=now, reason=reason)


def _by_alias(table: RoutingTable) -> dict[str, RouteTier]:
    return {tier.alias: tier for route in table.routes for _, tier in sorted(route.tiers.items())}


def heaviest(tier: RouteTier) -> str:
    """Return the deployment that gets most calls of a tier, of equals the first by rank."""
    return max(tier.candidates, key=lambda candidate: (candidate.weight, -(candidate.rank or 0))).deployment


def _weights(tier: RouteTier) -> str:
    return ", ".join(f"{candidate.deployment} {candidate.weight}" for candidate in tier.candidates if candidate.weight)
