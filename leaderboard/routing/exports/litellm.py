"""LiteLLM's `config.yaml` (JSON, which is YAML): model groups by alias, fallbacks, tags and prices.

A weighted group of LiteLLM's does not fail over to a sibling for images, so each candidate also has a group of its own,
`<alias>.solo.<deployment>`, and an alias falls back to those. Prefixes are an allow-list: of the others LiteLLM answers
an image with no data, no request and no error, and no fallback fires.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from leaderboard.routing.exports.exported import Exported, LeftOut, text
from leaderboard.routing.exports.serving import (
    LOCAL_BASE_URL,
    ServedDeployment,
    ServedTier,
    evidence,
    provenance,
    served_tiers,
)
from leaderboard.routing.table.model import RoutingTable

FILE: Final = "config.yaml"
ALLOWED_FAILS: Final = 0
"""In `router_settings`, for only there LiteLLM counts the failures of a group of one. By the first failure that it
counts, OpenAI's client has asked three times."""
COOLDOWN_SECONDS: Final = 30
"""How long a failing deployment is passed over; its fallback answers at once."""
LOCAL_PREFIX: Final = "xinference"
"""For local models: OpenAI's protocol, and loopback where the variable is unset, never a provider's own address."""
MODES: Final[Mapping[str, str]] = {
    "text-to-image": "image_generation",
    "image-edit": "image_edit",
    "text-to-video": "video_generation",
    "image-to-video": "video_generation",
}
PREFIXES: Final[Mapping[str, frozenset[str]]] = {
    "image_generation": frozenset(
        {
            "aiml",
            "azure",
            "azure_ai",
            "bedrock",
            "black_forest_labs",
            "dashscope",
            "deepinfra",
            "fal_ai",
            "fireworks_ai",
            "gemini",
            "hosted_vllm",
            "litellm_proxy",
            "nebius",
            "novita",
            "openai",
            "openrouter",
            "recraft",
            "runwayml",
            "stability",
            "together_ai",
            "vercel_ai_gateway",
            "vertex_ai",
            "xai",
            LOCAL_PREFIX,
        }
    ),
    "image_edit": frozenset({"azure", "openai"}),
    "video_generation": frozenset({"azure", "openai"}),
}
PRICES: Final[Mapping[str, str]] = {
    "image": "output_cost_per_image",
    "request": "output_cost_per_image",
    "second-of-video": "output_cost_per_second",
}


def litellm(table: RoutingTable) -> Exported:
    """Return `config.yaml` for LiteLLM's proxy and `litellm.Router`; an operator's own config includes it.

    Source: LiteLLM's documentation of the proxy's config, fallbacks, tag routing and custom pricing.
    """
    tiers = served_tiers(table)
    callable_by = {
        alias: tuple(served for served in tier.served if _why_not(tier, served) is None)
        for alias, tier in tiers.items()
    }
    groups = {alias: served for alias, served in callable_by.items() if served}
    source = provenance(table)
    content = {
        "model_list": [entry for alias, served in groups.items() for entry in _groups(tiers[alias], served, source)],
        "router_settings": {
            "routing_strategy": "simple-shuffle",
            "num_retries": 0,
            "allowed_fails": ALLOWED_FAILS,
            "cooldown_time": COOLDOWN_SECONDS,
            "enable_tag_filtering": True,
            "fallbacks": [{alias: after} for alias in groups if (after := _fallbacks(tiers[alias], groups))],
            "model_group_alias": dict(_default_tiers(table, groups)),
        },
        "litellm_settings": {"drop_params": True},
    }
    return Exported({FILE: text(content)}, tuple(_left_out(tiers)))


def model_of(served: ServedDeployment) -> str:
    """Return how LiteLLM names a deployment: as its adapter says, or, for a local model, by the table's id."""
    adapter = served.entry.adapters.litellm
    return adapter.model if adapter else f"{LOCAL_PREFIX}/{served.id}"


def solo(alias: str, served: ServedDeployment) -> str:
    """Return the name of the group that holds one candidate of an alias alone."""
    return f"{alias}.solo.{served.id}"


def why_not(task: str, served: ServedDeployment) -> str | None:
    """Return why LiteLLM cannot call a deployment for a task, None where it can."""
    mode = MODES.get(task)
    if mode is None:
        return f"LiteLLM has no call for {task}."
    if served.base_url and served.entry.adapters.litellm is None:
        return "Its entry has no adapters.litellm, and a provider's name does not say LiteLLM's prefix."
    prefix = model_of(served).partition("/")[0]
    if prefix not in PREFIXES[mode]:
        prefixes = ", ".join(sorted(PREFIXES[mode]))
        return f"LiteLLM is not known to answer {task} for the prefix {prefix!r}. Known: {prefixes}."
    return None


def _why_not(tier: ServedTier, served: ServedDeployment) -> str | None:
    return why_not(tier.route.task, served)


def _groups(
    tier: ServedTier, group: tuple[ServedDeployment, ...], source: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the alias's group (all by weight, or the first alone), then a solo group for each candidate."""
    for served in group if tier.weighted else group[:1]:
        yield _entry(tier, served, source, {"model_name": tier.alias, "weight": served.weight})
    for served in group:
        yield _entry(tier, served, source, {"model_name": solo(tier.alias, served)})


def _entry(
    tier: ServedTier, served: ServedDeployment, source: Mapping[str, Any], group: Mapping[str, Any]
) -> dict[str, Any]:
    name, weight = group["model_name"], {key: group[key] for key in group if key == "weight"}
    tier_facts = {f"tier_{key}": value for key, value in evidence(tier).items()}
    tags = [served.entry.status, tier.route.category, tier.name, "default"]
    return {
        "model_name": name,
        "litellm_params": {
            "model": model_of(served),
            **_address(served),
            "timeout": tier.entry.budget.timeout_s,
            "max_retries": 0,
            **weight,
            "tags": tags,
            **_price(served),
        },
        "model_info": {
            "id": f"{name}@{served.id}" if weight else name,
            "mode": MODES[tier.route.task],
            "deployment": served.id,
            "budget": tier.entry.budget.to_json(),
            "routing": {**source, "alias": tier.alias, **tier_facts},
        },
    }


def _address(served: ServedDeployment) -> dict[str, str]:
    """Where it is called; variables by name, which LiteLLM resolves itself."""
    if served.base_url is None:
        return {"api_base": f"os.environ/{LOCAL_BASE_URL}", "api_key": "none"}
    adapter = served.entry.adapters.litellm
    base = {"api_base": adapter.api_base} if adapter and adapter.api_base else {}
    # LiteLLM would look for a key of its own where none is given.
    return base | {"api_key": f"os.environ/{served.credential}" if served.credential else "none"}


def _price(served: ServedDeployment) -> dict[str, float]:
    price = served.entry.price
    return {PRICES[price.unit]: float(price.usd)} if price else {}


def _fallbacks(tier: ServedTier, groups: Mapping[str, tuple[ServedDeployment, ...]]) -> list[str]:
    """The other candidates one by one, then the chain; one alone has no other."""
    group = groups[tier.alias]
    others = (group if tier.weighted else group[1:]) if len(group) > 1 else ()
    return [*(solo(tier.alias, served) for served in others), *(alias for alias in tier.chain if alias in groups)]


def _default_tiers(table: RoutingTable, groups: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A route's own id calls its default tier."""
    for route in table.routes:
        if route.default.alias in groups and route.id not in groups:
            yield route.id, route.default.alias


def _left_out(tiers: Mapping[str, ServedTier]) -> Iterator[LeftOut]:
    for tier in tiers.values():
        for served in tier.served:
            if (why := _why_not(tier, served)) is not None:
                yield LeftOut(f"{tier.alias}, {served.id}", why)
