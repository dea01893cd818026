"""Entries for LiteLLM's price map (`model_prices_and_context_window.json`), for `litellm.register_model`."""

from collections.abc import Mapping
from typing import Any, Final

from leaderboard.routing.exports.exported import Exported, LeftOut, text
from leaderboard.routing.exports.litellm import MODES, PRICES, model_of, why_not
from leaderboard.routing.exports.serving import ServedDeployment, provenance
from leaderboard.routing.table.model import RoutingTable

FILE: Final = "model_prices.json"
ENDPOINTS: Final = {
    "image_generation": "/v1/images/generations",
    "image_edit": "/v1/images/edits",
    "video_generation": "/v1/videos",
}


def litellm_prices(table: RoutingTable) -> Exported:
    """Return one entry for each deployment with a list price, under the name that LiteLLM calls it by.

    Two deployments of one name at two prices have no place in the map; `config.yaml` carries the price of each.
    Source: the fields of LiteLLM's own map (`litellm_provider`, `mode`, `output_cost_per_image`, `deprecation_date`).
    """
    entries: dict[str, dict[str, Any]] = {}
    left: list[LeftOut] = []
    for name, deployment in table.deployments.items():
        served = ServedDeployment(name, deployment, 0)
        model, (entry, why) = model_of(served), _entry(served, provenance(table))
        earlier = entries.get(model)
        if earlier is not None and entry is not None and _cost(earlier) != _cost(entry):
            why = f"{model!r} is in the map already, at another price."
        if entry is None or why is not None:
            left.append(LeftOut(name, why or ""))
        else:
            entries.setdefault(model, entry)
    return Exported({FILE: text(entries)}, tuple(left))


def _entry(served: ServedDeployment, source: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    task, price, retires = served.entry.tasks[0], served.entry.price, served.entry.retires_at
    if price is None:
        return None, "It has no list price."
    if (why := why_not(task, served)) is not None:
        return None, why
    return {
        "litellm_provider": model_of(served).partition("/")[0],
        "mode": MODES[task],
        PRICES[price.unit]: float(price.usd),
        "supported_endpoints": [ENDPOINTS[MODES[task]]],
        **({"deprecation_date": retires[:10]} if retires else {}),
        "metadata": {"deployment": served.id, "price_as_of": price.as_of, **source},
    }, None


def _cost(entry: Mapping[str, Any]) -> list[Any]:
    return [entry.get(name) for name in PRICES.values()]
