"""OpenRouter: `openrouter.json`, a fragment an alias to merge into the body of a request."""

from typing import Any, Final

from leaderboard.routing.exports.exported import Exported, text
from leaderboard.routing.exports.fragments import Fragment, Service, fragments
from leaderboard.routing.exports.serving import evidence, provenance
from leaderboard.routing.table.model import RoutingTable

FILE: Final = "openrouter.json"
SERVICE: Final = Service(adapter="openrouter", prefix="openrouter", host="openrouter.ai")


def openrouter(table: RoutingTable) -> Exported:
    """Return `openrouter.json`: `requests` by alias with `models` to try in order, provider order and price limit.

    OpenRouter knows no weights: the heaviest comes first. Source: OpenRouter's documentation of provider routing
    (`order`, `allow_fallbacks`, `max_price`) and of model fallbacks (`models`).
    """
    made, left = fragments(table, SERVICE)
    requests = {each.tier.alias: {**_body(each), "routing": evidence(each.tier)} for each in made}
    return Exported({FILE: text({"routing": provenance(table), "requests": requests})}, tuple(left))


def _body(fragment: Fragment) -> dict[str, Any]:
    limit = fragment.tier.entry.budget.max_cost_usd
    provider: dict[str, Any] = {
        **({"order": list(fragment.providers), "allow_fallbacks": False} if fragment.providers else {}),
        **({"max_price": {"image": limit}} if limit is not None else {}),
    }
    body = {
        "model": fragment.models[0],
        "models": list(fragment.models),
        **({"provider": provider} if provider else {}),
    }
    return {"body": body}
