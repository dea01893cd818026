"""How every export reads a table: who serves a tier in which order, what it falls back to, and what to say of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.errors import RoutingError
from leaderboard.routing.table.model import Deployment, Endpoint, Route, RouteTier, RoutingTable, TierName
from leaderboard.standings.contents import reference_to

UNFIT = ("quarantined", "retired")
LOCAL_BASE_URL = "HALFLIFE_LOCAL_BASE_URL"
"""The variable that names the server of local models, which a table cannot know."""


@dataclass(frozen=True, slots=True)
class ServedDeployment:
    """A deployment that serves a tier: its id, its entry in the table, and its share of the calls as an integer."""

    id: str
    entry: Deployment
    weight: int

    @property
    def endpoint(self) -> Endpoint | None:
        """Where it is called, None for a local model."""
        return self.entry.endpoint

    @property
    def base_url(self) -> str | None:
        """Where it is called, None for a local model, without a slash at the end."""
        return self.endpoint.root if self.endpoint else None

    @property
    def credential(self) -> str | None:
        """The name of the variable that holds its key, None where it needs none."""
        return self.endpoint.credential_env if self.endpoint else None


@dataclass(frozen=True, slots=True)
class ServedTier:
    """One alias: its route, its tier's name and entry, and who serves it, the first or the heaviest first."""

    route: Route
    name: TierName
    entry: RouteTier
    served: tuple[ServedDeployment, ...]

    @property
    def alias(self) -> str:
        """The stable name that clients call."""
        return self.entry.alias

    @property
    def weighted(self) -> bool:
        """Whether those who serve share the calls by weight; else the first takes all while it answers."""
        return self.entry.strategy == "weighted"

    @property
    def chain(self) -> tuple[str, ...]:
        """The aliases that it falls back to, as many as its attempts allow."""
        fallback = self.entry.fallback
        return fallback.chain[: max(fallback.max_attempts - 1, 0)]


def served_tiers(table: RoutingTable) -> dict[str, ServedTier]:
    """Return every tier of a table by alias, without candidates that have no weight or are in no state to serve.

    Raises RoutingError where that leaves nobody.
    """
    tiers = [ServedTier(route, name, tier, _served(table, tier)) for route, name, tier in table.tiers()]
    return {tier.alias: tier for tier in tiers}


def provenance(table: RoutingTable) -> dict[str, Any]:
    """Return what an export says of the table it was made from: id, suite, serial, revision, and when it turns old."""
    suite = table.evidence.suite
    return {
        "table": table.table_id,
        **({"suite": reference_to(suite.name, suite.digest)} if suite else {}),
        "serial": table.serial,
        "revision": table.revision,
        "stale_after": table.stale_after,
        "expires_at": table.expires_at,
        "on_expiry": table.on_expiry,
    }


def evidence(tier: ServedTier) -> dict[str, Any]:
    """Return what an export says of a tier: where it belongs, since when, how long it lasts, and its own expiry."""
    entry = tier.entry
    return {
        "task": tier.route.task,
        "category": tier.route.category,
        "name": tier.name,
        "incumbent_since": entry.incumbent_since,
        "half_life_days": entry.half_life.days,
        "stale_after": entry.stale_after,
        "expires_at": entry.expires_at,
    }


def steps(tiers: Mapping[str, ServedTier], tier: ServedTier) -> list[tuple[ServedDeployment, ...]]:
    """Return whom a call reaches, step by step: those who share the first try, then each who is tried after them.

    A weighted tier's own candidates share one step; a priority tier has a step for each. Then the fallback chain's.
    """
    called = (tier, *(tiers[alias] for alias in tier.chain))
    return [step for each in called for step in _tries(each)]


def _tries(tier: ServedTier) -> list[tuple[ServedDeployment, ...]]:
    return [tier.served] if tier.weighted else [(served,) for served in tier.served]


def in_order(tiers: Mapping[str, ServedTier], tier: ServedTier) -> list[ServedDeployment]:
    """Return whom a call reaches, one after the other and nobody twice, for gateways that know no weights."""
    served = {each.id: each for step in reversed(steps(tiers, tier)) for each in reversed(step)}
    return list(reversed(served.values()))


def _served(table: RoutingTable, tier: RouteTier) -> tuple[ServedDeployment, ...]:
    served: Sequence[ServedDeployment] = [
        ServedDeployment(candidate.deployment, table.deployments[candidate.deployment], candidate.weight)
        for candidate in tier.candidates
        if candidate.weight and table.deployments[candidate.deployment].status not in UNFIT
    ]
    if not served:
        raise RoutingError(
            f"Expected a deployment that may serve {tier.alias!r}, got only quarantined or retired ones. "
            "Build the table again."
        )
    return tuple(sorted(served, key=lambda each: -each.weight) if tier.strategy == "weighted" else served)
