"""Envoy AI Gateway: `envoy.yaml` with an AIGatewayRoute for each route, and its backends, TLS and names of secrets.

The documents are JSON, which is YAML. Weights are `weight`, fallbacks are `priority` with a retry policy on the route.
Attach them to a Gateway called `halflife`. A Kubernetes Secret holds a key under `apiKey`; its name here is that of the
variable in lower case with dashes. Local models are the Backend `halflife-local`, which you write.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from leaderboard.routing.exports.exported import Exported, LeftOut, text
from leaderboard.routing.exports.serving import ServedDeployment, ServedTier, evidence, provenance, served_tiers, steps
from leaderboard.routing.table.model import Route, RoutingTable

FILE: Final = "envoy.yaml"
ROUTES: Final = "aigateway.envoyproxy.io"
GATEWAY: Final = "gateway.envoyproxy.io"
STANDARD: Final = "gateway.networking.k8s.io"
NAME: Final = "halflife"
LOCAL: Final = "halflife-local"
TASKS: Final = ("text-to-image", "image-edit")
PASSIVE: Final = {"consecutive5XxErrors": 3, "interval": "3s", "baseEjectionTime": "30s", "maxEjectionPercent": 100}
"""A backend that fails three times in a row is passed over for half a minute, and the next priority answers."""


def envoy(table: RoutingTable) -> Exported:
    """Return `envoy.yaml`: routes first, then each backend once.

    Source: the types of Envoy AI Gateway (AIGatewayRoute, AIServiceBackend, BackendSecurityPolicy, v1beta1), Envoy
    Gateway (Backend, BackendTrafficPolicy, v1alpha1) and Gateway API (BackendTLSPolicy, v1).
    """
    tiers, notes = served_tiers(table), _annotations(provenance(table))
    fit = {alias: tier for alias, tier in tiers.items() if tier.route.task in TASKS}
    used = {served.id: served for tier in fit.values() for step in steps(tiers, tier) for served in step}
    documents = [
        *(document for route in table.routes for document in _route(route, fit, notes)),
        *(document for served in used.values() for document in _backend(served, notes)),
    ]
    left = [
        LeftOut(alias, f"Envoy AI Gateway has no call for {tier.route.task}.")
        for alias, tier in tiers.items()
        if alias not in fit
    ]
    return Exported({FILE: "---\n".join(text(document) for document in documents)}, tuple(left))


def _route(route: Route, tiers: Mapping[str, ServedTier], notes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    served = [tiers[tier.alias] for tier in route.tiers.values() if tier.alias in tiers]
    if not served:
        return
    tier_notes = {key: note for tier in served for key, note in _annotations(evidence(tier), tier.name).items()}
    spec = {
        "parentRefs": [{"group": STANDARD, "kind": "Gateway", "name": NAME}],
        "rules": [_rule(tiers, tier) for tier in served],
    }
    yield _document(f"{ROUTES}/v1beta1", "AIGatewayRoute", route.id, ({**notes, **tier_notes}, spec))
    retries = max(len(steps(tiers, tier)) - 1 for tier in served)
    if retries:
        codes = sorted({code for tier in served for code in tier.entry.fallback.on_status_codes})
        yield _document(f"{GATEWAY}/v1alpha1", "BackendTrafficPolicy", route.id, (notes, _retry(route, retries, codes)))


def _rule(tiers: Mapping[str, ServedTier], tier: ServedTier) -> dict[str, Any]:
    refs = [
        {"name": served.id, "modelNameOverride": _model(served), "weight": served.weight, "priority": priority}
        for priority, step in enumerate(steps(tiers, tier))
        for served in step
    ]
    return {
        "matches": [{"headers": [{"type": "Exact", "name": "x-ai-eg-model", "value": tier.alias}]}],
        "backendRefs": refs,
        "timeouts": {"request": f"{round(1000 * tier.entry.budget.timeout_s)}ms"},
    }


def _retry(route: Route, retries: int, codes: list[int]) -> dict[str, Any]:
    triggers = ["connect-failure", "retriable-status-codes"]
    return {
        "targetRefs": [{"group": STANDARD, "kind": "HTTPRoute", "name": route.id}],
        "retry": {
            "numRetries": retries,
            "numAttemptsPerPriority": 1,
            "retryOn": {"httpStatusCodes": codes, "triggers": triggers},
        },
        "healthCheck": {"passive": PASSIVE},
    }


def _backend(served: ServedDeployment, notes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    address = urlsplit(served.base_url) if served.base_url else None
    reference = {"group": GATEWAY, "kind": "Backend", "name": served.id if address else LOCAL}
    schema = {"name": "OpenAI", **({"prefix": address.path or "/"} if address else {})}
    spec: dict[str, Any] = {"schema": schema, "backendRef": reference}
    yield _document(f"{ROUTES}/v1beta1", "AIServiceBackend", served.id, (notes, spec))
    if address is None:
        return
    port = address.port or (443 if address.scheme == "https" else 80)
    host = str(address.hostname)
    spec = {"endpoints": [_endpoint(host, port)]}
    yield _document(f"{GATEWAY}/v1alpha1", "Backend", served.id, (notes, spec))
    if address.scheme == "https":
        spec = {"targetRefs": [reference], "validation": {"wellKnownCACertificates": "System", "hostname": host}}
        yield _document(f"{STANDARD}/v1", "BackendTLSPolicy", served.id, (notes, spec))
    if served.credential:
        target = {"group": ROUTES, "kind": "AIServiceBackend", "name": served.id}
        secret = {"secretRef": {"name": served.credential.lower().replace("_", "-").strip("-")}}
        spec = {"targetRefs": [target], "type": "APIKey", "apiKey": secret}
        yield _document(f"{ROUTES}/v1beta1", "BackendSecurityPolicy", served.id, (notes, spec))


def _endpoint(host: str, port: int) -> dict[str, Any]:
    """A Backend tells names and addresses apart."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return {"fqdn": {"hostname": host, "port": port}}
    return {"ip": {"address": host, "port": port}}


def _model(served: ServedDeployment) -> str:
    adapters = served.entry.adapters
    if adapters.portkey:
        return adapters.portkey.model
    return adapters.litellm.model.partition("/")[2] if adapters.litellm else served.id


def _annotations(facts: Mapping[str, Any], tier: str | None = None) -> dict[str, str]:
    """Kubernetes takes strings; a prefix keeps them ours."""
    prefix = f"halflife.invalid/{tier}-" if tier else "halflife.invalid/"
    return {prefix + name.replace("_", "-"): str(value) for name, value in facts.items() if value is not None}


def _document(
    version: str, kind: str, name: str, content: tuple[Mapping[str, str], Mapping[str, Any]]
) -> dict[str, Any]:
    notes, spec = content
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "annotations": dict(notes)},
        "spec": dict(spec),
    }
