"""What a routing service needs to know of a tier: the names it has for the models, in the order to try them.

A service's name for a model is taken only where the table says it: in `adapters`, in LiteLLM's prefix for that service,
from the service's own address, or from a maker's own address whose name the service is known to use.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from leaderboard.routing.exports.exported import LeftOut
from leaderboard.routing.exports.serving import ServedDeployment, ServedTier, in_order, served_tiers
from leaderboard.routing.table.model import Adapters, RoutingServiceAdapter, RoutingTable

MAKERS: Final[Mapping[str, str]] = {"api.openai.com": "openai"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a routing service is recognised: its adapter in the table, LiteLLM's prefix for it, and its address."""

    adapter: Literal["openrouter", "vercel"]
    prefix: str
    host: str

    def name_of(self, served: ServedDeployment) -> str | None:
        """Return what the service calls a deployment's model, None where the table does not say."""
        adapters = served.entry.adapters
        if (adapter := self._adapter(adapters)) is not None:
            return adapter.model
        prefix, _, model = (adapters.litellm.model if adapters.litellm else "").partition("/")
        host = urlsplit(served.base_url or "").hostname or ""
        if prefix == self.prefix or (host == self.host and model):
            return model
        return f"{MAKERS[host]}/{model}" if host in MAKERS and model else None

    def providers(self, served: list[ServedDeployment]) -> list[str]:
        """Return the providers to try, in order; none where the table does not name that of each model."""
        adapters = [self._adapter(each.entry.adapters) for each in served]
        providers = [adapter.provider for adapter in adapters if adapter and adapter.provider]
        return list(dict.fromkeys(providers)) if len(providers) == len(served) else []

    def _adapter(self, adapters: Adapters) -> RoutingServiceAdapter | None:
        return adapters.openrouter if self.adapter == "openrouter" else adapters.vercel


@dataclass(frozen=True, slots=True)
class Fragment:
    """One alias at one service: the models' names in the order to try them, and who serves them."""

    tier: ServedTier
    models: tuple[str, ...]
    providers: tuple[str, ...]


def fragments(table: RoutingTable, service: Service) -> tuple[list[Fragment], list[LeftOut]]:
    """Return a fragment for each alias of which the service has a model, and the aliases of which it has none."""
    tiers, made, left = served_tiers(table), list[Fragment](), list[LeftOut]()
    for alias, tier in tiers.items():
        named = [(served, name) for served in in_order(tiers, tier) if (name := service.name_of(served))]
        if named:
            models = tuple(dict.fromkeys(name for _, name in named))
            made.append(Fragment(tier, models, tuple(service.providers([served for served, _ in named]))))
        else:
            left.append(
                LeftOut(alias, f"None of its deployments has a name at {service.host} (adapters.{service.adapter}).")
            )
    return made, left
