"""What a routing service needs to know of a tier: the names it has for the models, in the order to try them.

A service's name for a model is taken only where the table says it: in `adapters`, in LiteLLM's prefix for that service,
from the service's own address, or from a maker's own address whose name the service is known to use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from leaderboard.routing.exports.exported import LeftOut
from leaderboard.routing.exports.serving import ServedDeployment, ServedTier, in_order, served_tiers

MAKERS: Final[Mapping[str, str]] = {"api.openai.com": "openai"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a routing service is recognised: its adapter in the table, LiteLLM's prefix for it, and its address."""

    adapter: str
    prefix: str
    host: str

    def name_of(self, served: ServedDeployment) -> str | None:
        """Return what the service calls a deployment's model, None where the table does not say."""
        adapters = served.entry["adapters"]
        if self.adapter in adapters:
            return str(adapters[self.adapter]["model"])
        prefix, _, model = str(adapters.get("litellm", {}).get("model", "")).partition("/")
        host = urlsplit(served.base_url or "").hostname or ""
        if prefix == self.prefix or (host == self.host and model):
            return model
        return f"{MAKERS[host]}/{model}" if host in MAKERS and model else None

    def providers(self, served: list[ServedDeployment]) -> list[str]:
        """Return the providers to try, in order; none where the table does not name that of each model."""
        named = [one.entry["adapters"].get(self.adapter, {}).get("provider") for one in served]
        return list(dict.fromkeys(named)) if all(named) else []


@dataclass(frozen=True, slots=True)
class Fragment:
    """One alias at one service: the models' names in the order to try them, and who serves them."""

    tier: ServedTier
    models: tuple[str, ...]
    providers: tuple[str, ...]


def fragments(table: Mapping[str, Any], service: Service) -> tuple[list[Fragment], list[LeftOut]]:
    """Return a fragment for each alias of which the service has a model, and the aliases of which it has none."""
    tiers, found, left = served_tiers(table), list[Fragment](), list[LeftOut]()
    for alias, tier in tiers.items():
        held = [(one, name) for one in in_order(tiers, tier) if (name := service.name_of(one))]
        if held:
            models = tuple(dict.fromkeys(name for _, name in held))
            found.append(Fragment(tier, models, tuple(service.providers([one for one, _ in held]))))
        else:
            left.append(
                LeftOut(alias, f"None of its deployments has a name at {service.host} (adapters.{service.adapter}).")
            )
    return found, left
