"""A candidate as a deployment: what a gateway must know to call it, and what it costs and takes. Never a secret."""

from collections.abc import Mapping
from typing import Any

from leaderboard.routing.decisions.evidence import Candidate, Evidence
from leaderboard.routing.rounding import rounded
from leaderboard.routing.table.model import (
    Adapters,
    CallLatency,
    Capabilities,
    Deployment,
    DeploymentPrice,
    DeploymentStatus,
    Endpoint,
    LiteLLMAdapter,
    PortkeyAdapter,
)


def deployment(candidate: Candidate, evidence: Evidence, *, canary: bool) -> Deployment:
    """Return the table's entry for a candidate; a local pipeline has no endpoint, and the gateway brings its own."""
    facts, source = candidate.facts, candidate.source
    return Deployment(
        model=facts["title"],
        model_revision=facts["revision"],
        revision_pinned=facts["revision_pinned"],
        provider=facts["provider"],
        location=facts["location"],
        api=str(source.get("adapter") or "diffusers").replace("_", "-"),
        endpoint=_endpoint(source),
        tasks=(facts["task"],),
        capabilities=_capabilities(candidate),
        price=_price(candidate, evidence),
        latency_s=_latency(candidate),
        license=facts["licence"],
        status=_status(candidate, canary=canary),
        retires_at=f"{candidate.retires}T00:00:00Z" if candidate.retires else None,
        adapters=_adapters(source),
    )


def cost_of(candidate: Candidate) -> float | None:
    """Return what one sample costs in US dollars: as measured, or as listed for an image or for a clip's seconds."""
    if candidate.overall.cost_usd is not None:
        return candidate.overall.cost_usd
    facts, seconds = candidate.facts, _clip_seconds(candidate)
    if facts["price_unit"] == "second-of-video":
        return None if seconds is None else facts["price_usd"] * seconds
    return facts["price_usd"] if facts["price_unit"] is not None else None


def _endpoint(source: Mapping[str, Any]) -> Endpoint | None:
    if "base_url" not in source:
        return None
    return Endpoint(base_url=source["base_url"], credential_env=source.get("credential_env"))


def _capabilities(candidate: Candidate) -> Capabilities:
    settings, facts = candidate.settings, candidate.facts
    return Capabilities(
        sizes=(f"{facts['width']}x{facts['height']}",),
        max_n=1,
        max_seconds=rounded(_clip_seconds(candidate)),
        seed=candidate.source.get("seed_support", "echoed") != "none",
        negative_prompt=settings.get("negative_prompt") is not None,
    )


def _clip_seconds(candidate: Candidate) -> float | None:
    frames, fps = candidate.facts["frames"], candidate.settings.get("fps")
    return frames / fps if fps and frames > 1 else None


def _price(candidate: Candidate, evidence: Evidence) -> DeploymentPrice | None:
    """A list price as it was read; where no output has one, the mean cost of the samples, of clips for each second."""
    facts, measured_usd = candidate.facts, rounded(candidate.overall.cost_usd)
    if facts["price_unit"] is not None:
        return DeploymentPrice(unit=facts["price_unit"], usd=facts["price_usd"], as_of=facts["price_as_of"].isoformat())
    if measured_usd is None:
        return None
    day = candidate.latency.as_of if candidate.latency else evidence.last
    seconds = _clip_seconds(candidate)
    if seconds is not None:
        return DeploymentPrice(unit="second-of-video", usd=rounded(measured_usd / seconds), as_of=day.isoformat())
    return DeploymentPrice(unit="image", usd=measured_usd, as_of=day.isoformat())


def _latency(candidate: Candidate) -> CallLatency | None:
    latency = candidate.latency
    if latency is None:
        return None
    return CallLatency(p50=rounded(latency.p50), p95=rounded(latency.p95), n=latency.n, as_of=latency.as_of.isoformat())


def _status(candidate: Candidate, *, canary: bool) -> DeploymentStatus:
    if not candidate.overall.healthy:
        return "quarantined"
    if candidate.retires or candidate.facts["successor"]:
        return "deprecated"
    return "canary" if canary else "active"


def _adapters(source: Mapping[str, Any]) -> Adapters:
    """How gateways name it, explicitly: a provider's name does not map by itself to a gateway's prefix.

    One that needs a query or a header of its own, such as Azure's, has none: gateways would call it without.
    """
    is_plain = not source.get("query") and source.get("key_header", "authorization") == "authorization"
    if source.get("adapter") != "openai_images" or not is_plain:
        return Adapters()
    model, base_url = source["model"], source["base_url"]
    return Adapters(
        litellm=LiteLLMAdapter(model=f"openai/{model}", api_base=base_url),
        portkey=PortkeyAdapter(provider="openai", model=model, custom_host=base_url),
    )
