"""Vercel AI Gateway: `vercel.json`, a fragment an alias for the AI SDK's calls."""

from typing import Any, Final

from leaderboard.routing.exports.exported import Exported, text
from leaderboard.routing.exports.fragments import Fragment, Service, fragments
from leaderboard.routing.exports.serving import evidence, provenance
from leaderboard.routing.table.model import RoutingTable

FILE: Final = "vercel.json"
SERVICE: Final = Service(adapter="vercel", prefix="vercel_ai_gateway", host="ai-gateway.vercel.sh")


def vercel(table: RoutingTable) -> Exported:
    """Return `vercel.json`: `requests` by alias with `model` and `providerOptions.gateway` (`models`, `order`).

    `models` are those to try after `model`; the gateway knows no weights: the heaviest comes first. Source: Vercel's
    documentation of model fallbacks and provider options.
    """
    made, left = fragments(table, SERVICE)
    requests = {each.tier.alias: {**_body(each), "routing": evidence(each.tier)} for each in made}
    return Exported({FILE: text({"routing": provenance(table), "requests": requests})}, tuple(left))


def _body(fragment: Fragment) -> dict[str, Any]:
    gateway = {
        **({"models": list(fragment.models[1:])} if len(fragment.models) > 1 else {}),
        **({"order": list(fragment.providers)} if fragment.providers else {}),
    }
    options = {"providerOptions": {"gateway": gateway}} if gateway else {}
    return {"body": {"model": fragment.models[0], **options}}
