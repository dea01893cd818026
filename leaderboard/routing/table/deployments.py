"""A contender as a deployment: what a gateway must know to call it, and what it costs and takes. Never a secret."""

from collections.abc import Mapping
from typing import Any

from leaderboard.routing.decisions.evidence import Candidate, Evidence
from leaderboard.routing.rounding import rounded


def deployment(contender: Candidate, evidence: Evidence, *, canary: bool) -> dict[str, Any]:
    """Return the table's entry for a contender; a local pipeline has no endpoint, and the gateway brings its own."""
    facts, source = contender.facts, contender.source
    latency = contender.latency
    return {
        "model": facts["title"],
        "model_revision": facts["revision"],
        "revision_pinned": facts["revision_pinned"],
        "provider": facts["provider"],
        "location": facts["location"],
        "api": str(source.get("adapter") or "diffusers").replace("_", "-"),
        "endpoint": _endpoint(source),
        "tasks": [facts["task"]],
        "capabilities": _capabilities(contender),
        "price": _price(contender, evidence),
        "latency_s": latency
        and {
            "p50": rounded(latency.p50),
            "p95": rounded(latency.p95),
            "n": latency.n,
            "as_of": latency.as_of.isoformat(),
        },
        "license": facts["licence"],
        "status": _status(contender, canary=canary),
        "retires_at": contender.retires and f"{contender.retires}T00:00:00Z",
        "adapters": _adapters(source),
    }


def cost_of(contender: Candidate) -> float | None:
    """Return what one sample costs in US dollars: as measured, or the list price of an image."""
    if contender.overall.cost_usd is not None:
        return contender.overall.cost_usd
    facts = contender.facts
    return facts["price_usd"] if facts["price_unit"] in ("image", "request") else None


def _endpoint(source: Mapping[str, Any]) -> dict[str, Any] | None:
    if "base_url" not in source:
        return None
    return {"base_url": source["base_url"], "credential_env": source.get("credential_env")}


def _capabilities(contender: Candidate) -> dict[str, Any]:
    settings, source = contender.settings, contender.source
    facts, fps = contender.facts, settings.get("fps")
    return {
        "sizes": [f"{facts['width']}x{facts['height']}"],
        "max_n": 1,
        "max_seconds": rounded(facts["frames"] / fps) if fps and facts["frames"] > 1 else None,
        "seed": source.get("seed_support", "echoed") != "none",
        "negative_prompt": settings.get("negative_prompt") is not None,
    }


def _price(contender: Candidate, evidence: Evidence) -> dict[str, Any] | None:
    """A list price as it was read; a local model's price is the mean cost of its samples."""
    facts = contender.facts
    if facts["price_unit"] is not None:
        return {"unit": facts["price_unit"], "usd": facts["price_usd"], "as_of": facts["price_as_of"].isoformat()}
    if contender.overall.cost_usd is None:
        return None
    seen = contender.latency.as_of if contender.latency else evidence.last
    return {"unit": "image", "usd": rounded(contender.overall.cost_usd), "as_of": seen.isoformat()}


def _status(contender: Candidate, *, canary: bool) -> str:
    if contender.overall.failing:
        return "quarantined"
    if contender.retires or contender.facts["successor"]:
        return "deprecated"
    return "canary" if canary else "active"


def _adapters(source: Mapping[str, Any]) -> dict[str, Any]:
    """How gateways name it, explicitly: a provider's name does not map by itself to a gateway's prefix."""
    if source.get("adapter") != "openai_images":
        return {}
    return {
        "litellm": {"model": f"openai/{source['model']}", "api_base": source["base_url"]},
        "portkey": {"provider": "openai", "model": source["model"], "custom_host": source["base_url"]},
    }
