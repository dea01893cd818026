"""Entries for LiteLLM's price map (`model_prices_and_context_window.json`), for `litellm.register_model`."""

from collections.abc import Mapping
from typing import Any, Final

from leaderboard.routing.exports.exported import Exported, LeftOut, text
from leaderboard.routing.exports.litellm import MODES, PRICES, model_of, why_not
from leaderboard.routing.exports.serving import ServedDeployment, provenance

FILE: Final = "model_prices.json"
ENDPOINTS: Final = {
    "image_generation": "/v1/images/generations",
    "image_edit": "/v1/images/edits",
    "video_generation": "/v1/videos",
}


def litellm_prices(table: Mapping[str, Any]) -> Exported:
    """Return one entry for each deployment with a list price, under the name that LiteLLM calls it by.

    Two deployments of one name at two prices have no place in the map; `config.yaml` carries the price of each.
    Source: the fields of LiteLLM's own map (`litellm_provider`, `mode`, `output_cost_per_image`, `deprecation_date`).
    """
    entries: dict[str, dict[str, Any]] = {}
    left: list[LeftOut] = []
    for name, deployment in table["deployments"].items():
        one = ServedDeployment(name, deployment, 0)
        entry, why = _entry(one, provenance(table))
        held = entries.get(model_of(one))
        if held is not None and entry is not None and _cost(held) != _cost(entry):
            why = f"{model_of(one)!r} is in the map already, at another price."
        if entry is None or why is not None:
            left.append(LeftOut(name, why or ""))
        else:
            entries.setdefault(model_of(one), entry)
    return Exported({FILE: text(entries)}, tuple(left))


def _entry(served: ServedDeployment, said: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
    task = served.entry["tasks"][0]
    if served.usd is None:
        return None, "It has no list price."
    if (why := why_not(task, served)) is not None:
        return None, why
    unit, usd = served.usd
    retires = served.entry["retires_at"]
    return {
        "litellm_provider": model_of(served).partition("/")[0],
        "mode": MODES[task],
        PRICES[unit]: usd,
        "supported_endpoints": [ENDPOINTS[MODES[task]]],
        **({"deprecation_date": retires[:10]} if retires else {}),
        "metadata": {"deployment": served.id, "price_as_of": served.entry["price"]["as_of"], **said},
    }, None


def _cost(entry: Mapping[str, Any]) -> list[Any]:
    return [entry.get(name) for name in PRICES.values()]
