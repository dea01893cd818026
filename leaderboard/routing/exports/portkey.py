"""Portkey's gateway: one config an alias, `portkey/<alias>.json`, for the header `x-portkey-config`.

A Portkey config holds the keys themselves, so these hold `${NAME}` instead, and the reader puts the values in where it
sends them (`envsubst` does).
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from data.errors import RoutingError
from leaderboard.routing.exports.exported import Exported, LeftOut, text
from leaderboard.routing.exports.serving import (
    LOCAL_BASE_URL,
    ServedDeployment,
    ServedTier,
    evidence,
    provenance,
    served_tiers,
    steps,
)
from leaderboard.routing.table.model import PortkeyAdapter, RoutingTable

FOLDER: Final = "portkey"
KIND: Final = "halflife-portkey-config"
HEADER_BYTES: Final = 16 * 1024
"""What Node takes in all headers together; a config has to fit in with the rest."""
TASKS: Final = ("text-to-image", "image-edit")


def portkey(table: RoutingTable) -> Exported:
    """Return a file for each alias: what it was made from, the variables it names, and the `config` for the header.

    Source: Portkey's gateway config object (strategy, targets, override_params, request_timeout).
    """
    tiers, files, left = served_tiers(table), dict[str, str](), list[LeftOut]()
    for alias, tier in tiers.items():
        config = _config(tiers, tier)
        if config is None:
            left.append(LeftOut(alias, _why_not(tier, tier.served[0]) or ""))
            continue
        head = {"kind": KIND, "alias": alias, "routing": {**provenance(table), "tier": evidence(tier)}}
        variables = {"variables": sorted(_variables(tiers, tier))}
        files[f"{FOLDER}/{alias}.json"] = text({**head, **variables, "config": config})
    return Exported(files, tuple(left))


def _config(tiers: Mapping[str, ServedTier], tier: ServedTier) -> dict[str, Any] | None:
    """Nested: a fallback over the steps; a step that several share is a load balance by weight."""
    callable_steps = [[served for served in step if _why_not(tier, served) is None] for step in steps(tiers, tier)]
    targets = [_step(tier, step) for step in callable_steps if step]
    if not targets:
        return None
    config = (
        targets[0]
        if len(targets) == 1
        else {
            "strategy": {"mode": "fallback", "on_status_codes": list(tier.entry.fallback.on_status_codes)},
            "targets": targets,
        }
    )
    size = len(json.dumps(config, separators=(",", ":")))
    if size > HEADER_BYTES:
        raise RoutingError(
            f"Expected at most {HEADER_BYTES:,} bytes of Portkey config for {tier.alias!r}, got {size:,}."
            " Shorten its chain."
        )
    return config


def _step(tier: ServedTier, step: list[ServedDeployment]) -> dict[str, Any]:
    if len(step) == 1:
        return _target(tier, step[0])
    targets = [{**_target(tier, served), "weight": served.weight} for served in step]
    return {"strategy": {"mode": "loadbalance"}, "targets": targets}


def _target(tier: ServedTier, served: ServedDeployment) -> dict[str, Any]:
    adapter = served.entry.adapters.portkey or PortkeyAdapter(provider="openai", model=served.id)
    host = adapter.custom_host if served.base_url else f"${{{LOCAL_BASE_URL}}}"
    key = f"${{{served.credential}}}" if served.credential else "none"
    return {
        "provider": adapter.provider,
        "api_key": key,
        **({"custom_host": host} if host else {}),
        "override_params": {"model": adapter.model},
        "request_timeout": round(1000 * tier.entry.budget.timeout_s),
    }


def _variables(tiers: Mapping[str, ServedTier], tier: ServedTier) -> set[str]:
    called = [served for step in steps(tiers, tier) for served in step if _why_not(tier, served) is None]
    return {name for served in called if (name := served.credential if served.base_url else LOCAL_BASE_URL)}


def _why_not(tier: ServedTier, served: ServedDeployment) -> str | None:
    if tier.route.task not in TASKS:
        return f"Portkey's gateway has no call for {tier.route.task}."
    if served.base_url and served.entry.adapters.portkey is None:
        return f"{served.id} has no adapters.portkey, and a provider's name does not say Portkey's."
    return None
