"""What a reply says about money, in the places and the words that providers and gateways use.

Dollars: `usage.cost` (OpenRouter), `usage.cost_in_usd_ticks` (xAI, 1e-10 dollars), `cost` of the reply or of its first
picture (Runware), `inference_status.cost` (DeepInfra), the header `x-litellm-response-cost`. Units: the header
`x-fal-billable-units`. Tokens: `usage` of OpenAI's image and chat replies (`input_tokens`, `prompt_tokens`, their
`…_details`), `usageMetadata` of Gemini, whose thoughts are billed as output. GPU seconds: `metrics.predict_time`
(Replicate), `timings.inference` (fal), `inference_time_s` (vLLM-Omni). Credits: `credits`, `usage.credits_used`, or
`cost` where a provider counts in credits (Black Forest Labs, Runway).
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from data.vocabulary import BillingUnit
from harness.remote.billing import ProviderBill, number_of

USD_PER_TICK = 1e-10
MOST_UNITS = 1e12
COST_HEADERS = ("x-litellm-response-cost", "x-litellm-response-cost-original", "x-response-cost", "x-cost-usd")
UNITS = "billed_units"
"""The key under which an adapter keeps how many units of its price a reply bills."""

UNIT_HEADERS = ("x-fal-billable-units", "x-billable-units", "x-billed-units")
COSTS = ("cost", "total_cost", "cost_usd", "total_cost_usd", "usd_spent")
PLACES_OF_COSTS = ("usage", "meta", "inference_status", "billing")
USAGES = ("usage", "usageMetadata", "usage_metadata", "token_usage")
INPUTS = ("input_tokens", "prompt_tokens", "promptTokenCount", "prompt_token_count", "inputTokens")
OUTPUTS = ("output_tokens", "completion_tokens", "candidatesTokenCount", "candidates_token_count", "outputTokens")
THOUGHTS = ("thoughtsTokenCount", "thoughts_token_count")
TOTALS = ("total_tokens", "totalTokenCount", "total_token_count", "totalTokens")
INPUT_DETAILS = ("input_tokens_details", "prompt_tokens_details", "promptTokensDetails")
OUTPUT_DETAILS = ("output_tokens_details", "completion_tokens_details", "candidatesTokensDetails")
GPU_SECONDS = (("metrics", "predict_time"), ("metrics", "inference_time"), ("timings", "inference"))
CREDITS = ("credits", "credits_used", "credits_cost", "credits_charged", "apiCreditCost")
KEPT = (*USAGES, "metrics", "timings", "inference_status", "inference_time_s", "credits", "credits_used", "cost")
"""The keys of a reply that are kept with its sample, from which the same counts can be read again."""


def read_bill(content: Any, headers: Mapping[str, str]) -> ProviderBill:
    """Return what a reply's JSON and its headers (by lower-case name) say about money.

    >>> read_bill({"usage": {"cost": 0.0387}}, {}).costs
    [0.0387]
    """
    whole = content if isinstance(content, dict) else {}
    return ProviderBill(costs=list(_costs(whole, headers)), units=_units(headers), counts=read_counts(whole))


def read_counts(content: Mapping[str, Any]) -> dict[BillingUnit, float]:
    """Return the tokens, GPU seconds and credits that a reply's JSON, or what was kept of it, counts.

    >>> read_counts({"usage": {"input_tokens": 23, "output_tokens": 6240, "total_tokens": 6263}})["output-token"]
    6240.0
    """
    usage = next((part for part in map(content.get, USAGES) if isinstance(part, dict)), {})
    counts = _token_counts(usage)
    counts["gpu-second"] = _gpu_seconds(content)
    counts["credit"] = _first_count([*map(usage.get, CREDITS), *map(content.get, CREDITS), content.get("cost")])
    return {unit: count for unit, count in counts.items() if count is not None}


def read_units(kept: Mapping[str, Any]) -> float | None:
    """Return the units of its price that a reply billed, out of what was kept of it; None where it named none.

    >>> read_units({"billed_units": 2.0})
    2.0
    """
    return _first_count([kept.get(UNITS)]) or None


def _token_counts(usage: Mapping[str, Any]) -> dict[BillingUnit, float | None]:
    inputs, made = _first_count(map(usage.get, INPUTS)), _first_count(map(usage.get, OUTPUTS))
    thoughts = _first_count(map(usage.get, THOUGHTS))
    outputs = made if made is None or thoughts is None else made + thoughts
    total = _first_count(map(usage.get, TOTALS))
    if total is None and inputs is not None and outputs is not None:
        total = inputs + outputs
    pictures_in = _detail(usage, INPUT_DETAILS, "image") or 0.0
    pictures_out = _detail(usage, OUTPUT_DETAILS, "image")
    written = _detail(usage, OUTPUT_DETAILS, "text") or 0.0
    return {
        "token": total,
        "input-token": inputs,
        "input-image-token": None if inputs is None else min(pictures_in, inputs),
        "input-text-token": None if inputs is None else max(0.0, inputs - pictures_in),
        "output-token": outputs,
        "output-image-token": pictures_out if pictures_out is not None or made is None else max(0.0, made - written),
        "output-text-token": _texts_out(outputs, pictures_out, written + (thoughts or 0.0)),
    }


def _texts_out(outputs: float | None, pictures: float | None, named: float) -> float | None:
    """Output that is no picture; where the picture's tokens are not told apart, what is named as text."""
    if outputs is None:
        return None
    return named if pictures is None else max(0.0, outputs - pictures)


def _detail(usage: Mapping[str, Any], names: Iterable[str], modality: str) -> float | None:
    """Tokens of a modality: out of `{"image_tokens": 6240}`, or of `[{"modality": "IMAGE", "tokenCount": 1290}]`."""
    for details in map(usage.get, names):
        if isinstance(details, dict):
            return _first_count([details.get(f"{modality}_tokens")])
        if isinstance(details, list):
            parts = [part for part in details if isinstance(part, dict)]
            named = [part for part in parts if str(part.get("modality")).lower() == modality]
            return _first_count(part.get("tokenCount", part.get("token_count")) for part in named)
    return None


def _gpu_seconds(content: Mapping[str, Any]) -> float | None:
    parts = ((content.get(place), key) for place, key in GPU_SECONDS)
    named = (part.get(key) for part, key in parts if isinstance(part, dict))
    return _first_count([*named, content.get("inference_time_s")])


def _costs(content: Mapping[str, Any], headers: Mapping[str, str]) -> Iterable[Any]:
    """Each amount of dollars that is named, as it stands there, the one that is surest to be dollars first."""
    places = [part for part in map(content.get, PLACES_OF_COSTS) if isinstance(part, dict)]
    ticks = [number_of(place.get("cost_in_usd_ticks")) for place in places]
    yield from (tick * USD_PER_TICK for tick in ticks if tick is not None)
    items = content.get("data")
    first = items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}
    named = [place[name] for place in [*places, content, first] for name in COSTS if name in place]
    named += [headers[name] for name in COST_HEADERS if name in headers]
    yield from (value for value in named if value is not None and not isinstance(value, bool | dict | list))


def _units(headers: Mapping[str, str]) -> float | None:
    units = _first_count(number_of(headers.get(name)) for name in UNIT_HEADERS)
    return units or None


def _first_count(values: Iterable[Any]) -> float | None:
    """The first that counts something: a finite number that is not negative."""
    numbers = (float(value) for value in values if isinstance(value, int | float) and _counts(value))
    return next(numbers, None)


def _counts(value: float) -> bool:
    return not isinstance(value, bool) and 0 <= value <= MOST_UNITS and math.isfinite(float(value))
