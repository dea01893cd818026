"""flagd's `flags.json`: one string flag an alias, whose variants are deployments, shared out by weight.

`fractional` puts a targeting key (a user, a session) into the same share each time; without a key the default variant
answers. What the table says of its own expiry becomes part of the rule: flagd knows the time.
"""

import datetime as dt
from typing import Any, Final

from leaderboard.routing.exports.exported import Exported, text
from leaderboard.routing.exports.serving import ServedTier, evidence, provenance, served_tiers
from leaderboard.routing.table.model import RoutingTable

FILE: Final = "flags.json"
SCHEMA: Final = "https://flagd.dev/schema/v0/flags.json"
NOW: Final = {"var": "$flagd.timestamp"}


def flagd(table: RoutingTable) -> Exported:
    """Return `flags.json`; each evaluation answers a deployment's id, and its metadata revision, serial and expiry.

    Source: flagd's flag definition schema (v0) and its fractional operation.
    """
    tiers = served_tiers(table)
    flags = {alias: _flag(table, tier, tiers[tier.route.default.alias]) for alias, tier in tiers.items()}
    return Exported({FILE: text({"$schema": SCHEMA, "metadata": provenance(table), "flags": flags})})


def _flag(table: RoutingTable, tier: ServedTier, default: ServedTier) -> dict[str, Any]:
    after = default.served[0].id if table.on_expiry == "use-default-only" else None
    names = dict.fromkeys([*(served.id for served in tier.served), *([after] if after else [])])
    rule, closed = _rule(table, tier, after), table.on_expiry == "fail-closed"
    return {
        "state": "ENABLED",
        "variants": {name: name for name in names},
        # Without a default variant the caller's own default answers: closed, where the table says so.
        **({} if closed else {"defaultVariant": tier.served[0].id}),
        **({"targeting": rule} if rule else {}),
        "metadata": _metadata(tier),
    }


def _rule(table: RoutingTable, tier: ServedTier, after: str | None) -> Any:
    shared = tier.weighted and len(tier.served) > 1
    live: Any = {"fractional": [[served.id, served.weight] for served in tier.served]} if shared else tier.served[0].id
    if table.on_expiry == "hold-last-known-good":
        return live if shared else None
    until = int(dt.datetime.fromisoformat(tier.entry.expires_at).timestamp())
    return {"if": [{"<": [NOW, until]}, live, after]}


def _metadata(tier: ServedTier) -> dict[str, Any]:
    """Metadata of a flag are scalars; what is not available is left out."""
    return {f"tier_{name}": value for name, value in evidence(tier).items() if value is not None}
