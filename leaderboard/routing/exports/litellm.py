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

FILE: Final = "config.yaml"
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


def litellm(table: Mapping[str, Any]) -> Exported:
    """Return `config.yaml` for LiteLLM's proxy and `litellm.Router`; an operator's own config includes it.

    Source: LiteLLM's documentation of the proxy's config, fallbacks, tag routing and custom pricing.
    """
    tiers = served_tiers(table)
    callable_by = {
        alias: tuple(one for one in tier.served if _why_not(tier, one) is None) for alias, tier in tiers.items()
    }
    known = {alias: held for alias, held in callable_by.items() if held}
    said = provenance(table)
    content = {
        "model_list": [entry for alias, held in known.items() for entry in _groups(tiers[alias], held, said)],
        "router_settings": {
            "routing_strategy": "simple-shuffle",
            "num_retries": 0,
            "enable_tag_filtering": True,
            "fallbacks": [{alias: after} for alias in known if (after := _fallbacks(tiers[alias], known))],
            "model_group_alias": dict(_default_tiers(table, known)),
        },
        "litellm_settings": {"drop_params": True},
    }
    return Exported({FILE: text(content)}, tuple(_left_out(tiers)))


def model_of(served: ServedDeployment) -> str:
    """Return how LiteLLM names a deployment: as its adapter says, or, for a local model, by the table's id."""
    adapter = served.entry["adapters"].get("litellm")
    return str(adapter["model"]) if adapter else f"{LOCAL_PREFIX}/{served.id}"


def solo(alias: str, served: ServedDeployment) -> str:
    """Return the name of the group that holds one candidate of an alias alone."""
    return f"{alias}.solo.{served.id}"


def why_not(task: str, served: ServedDeployment) -> str | None:
    """Return why LiteLLM cannot call a deployment for a task, None where it can."""
    mode = MODES.get(task)
    if mode is None:
        return f"LiteLLM has no call for {task}."
    if served.base_url and "litellm" not in served.entry["adapters"]:
        return "Its entry has no adapters.litellm, and a provider's name does not say LiteLLM's prefix."
    prefix = model_of(served).partition("/")[0]
    if prefix not in PREFIXES[mode]:
        known = ", ".join(sorted(PREFIXES[mode]))
        return f"LiteLLM is not known to answer {task} for the prefix {prefix!r}. Known: {known}."
    return None


def _why_not(tier: ServedTier, served: ServedDeployment) -> str | None:
    return why_not(tier.route["task"], served)


def _groups(tier: ServedTier, held: tuple[ServedDeployment, ...], said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the alias's group (all by weight, or the first alone), then a solo group for each candidate."""
    for one in held if tier.weighted else held[:1]:
        yield _entry(tier, one, said, {"model_name": tier.alias, "weight": one.weight})
    for one in held:
        yield _entry(tier, one, said, {"model_name": solo(tier.alias, one)})


def _entry(
    tier: ServedTier, served: ServedDeployment, said: Mapping[str, Any], group: Mapping[str, Any]
) -> dict[str, Any]:
    name, weight = group["model_name"], {key: group[key] for key in group if key == "weight"}
    tags = [served.entry["status"], tier.route["category"], tier.name, "default"]
    return {
        "model_name": name,
        "litellm_params": {
            "model": model_of(served),
            **_address(served),
            "timeout": tier.entry["budget"]["timeout_s"],
            "max_retries": 0,
            **weight,
            "tags": tags,
            **_price(served),
        },
        "model_info": {
            "id": f"{name}@{served.id}" if weight else name,
            "mode": MODES[tier.route["task"]],
            "deployment": served.id,
            "budget": dict(tier.entry["budget"]),
            "routing": {**said, "alias": tier.alias, **{f"tier_{k}": v for k, v in evidence(tier).items()}},
        },
    }


def _address(served: ServedDeployment) -> dict[str, str]:
    """Where it is called; variables by name, which LiteLLM resolves itself."""
    if served.base_url is None:
        return {"api_base": f"os.environ/{LOCAL_BASE_URL}", "api_key": "none"}
    adapter = served.entry["adapters"]["litellm"]
    base = {"api_base": adapter["api_base"]} if "api_base" in adapter else {}
    # LiteLLM would look for a key of its own where none is given.
    return base | {"api_key": f"os.environ/{served.credential}" if served.credential else "none"}


def _price(served: ServedDeployment) -> dict[str, float]:
    return {PRICES[served.usd[0]]: served.usd[1]} if served.usd else {}


def _fallbacks(tier: ServedTier, known: Mapping[str, tuple[ServedDeployment, ...]]) -> list[str]:
    """The other candidates one by one, then the chain; one alone has no other."""
    held = known[tier.alias]
    others = (held if tier.weighted else held[1:]) if len(held) > 1 else ()
    return [*(solo(tier.alias, one) for one in others), *(alias for alias in tier.chain if alias in known)]


def _default_tiers(table: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A route's own id calls its default tier."""
    for route in table["routes"]:
        alias = route["tiers"][route["default_tier"]]["alias"]
        if alias in known and route["id"] not in known:
            yield route["id"], alias


def _left_out(tiers: Mapping[str, ServedTier]) -> Iterator[LeftOut]:
    for tier in tiers.values():
        for one in tier.served:
            if (why := _why_not(tier, one)) is not None:
                yield LeftOut(f"{tier.alias}, {one.id}", why)
