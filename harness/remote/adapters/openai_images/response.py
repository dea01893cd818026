"""What the reply of an OpenAI-compatible image endpoint says, read as the hostile input that it is.

The wire: `{created, data: [{b64_json | url, revised_prompt}], usage}`; vLLM-Omni and SGLang add `inference_time_s`,
`peak_memory_mb`, `stage_durations` and the seed; xAI prices itself in `usage.cost_in_usd_ticks` (1e-10 dollars), the
LiteLLM proxy in the header `x-litellm-response-cost` (dollars). Refusals are 400 with an `error.code`.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from harness.remote.reply import (
    LONGEST_PROMPT,
    POLICY_CODES,
    MediaReply,
    PolicyError,
    ReplyError,
    read_error,
    read_json,
    storable,
    text_of,
)

TIMING_FIELDS = ("inference_time_s", "peak_memory_mb", "stage_durations", "usage")
TIMING_HEADERS = ("openai-processing-ms",)
COST_HEADER = "x-litellm-response-cost"
USD_PER_TICK = 1e-10
MOST_COST_USD = 10_000.0
MOST_TIMING_CHARACTERS = 8_000


def read_reply(body: bytes, headers: Mapping[str, str], most_bytes: int) -> MediaReply:
    """Read a reply with status 200 whose picture may have `most_bytes`.

    Raises PolicyError where it is a refusal in disguise, ReplyError where it is not what the protocol promises.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise ReplyError(f"Expected a reply of type application/json, got {kind or 'no type'!r}.")
    content = read_json(body)
    if content is None:
        raise ReplyError("Expected a reply that is a JSON object, got something else.")
    item = _only_item(content)
    data, url = _media(item, most_bytes)
    return MediaReply(
        data=data,
        url=url,
        revised_prompt=text_of(item.get("revised_prompt"), LONGEST_PROMPT),
        seed=_seed(item.get("seed", content.get("seed"))),
        cost_usd=_cost(content, headers),
        timings=_timings(content, headers),
    )


def _only_item(content: Mapping[str, Any]) -> Mapping[str, Any]:
    if content.get("error"):
        error = read_error(json.dumps({"error": content["error"]}).encode())
        sentence = f"Expected a picture, got an error with status 200: {error.code} {error.message}".rstrip()
        raise PolicyError(sentence) if error.code in POLICY_CODES else ReplyError(sentence)
    items = content.get("data")
    if items == []:
        raise PolicyError("Expected one picture, got status 200 with none, which is how some providers refuse.")
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        raise ReplyError("Expected one picture under 'data', got something else.")
    return items[0]


def _media(item: Mapping[str, Any], most_bytes: int) -> tuple[bytes | None, str | None]:
    encoded, url = item.get("b64_json"), item.get("url")
    if not encoded and isinstance(url, str) and url.startswith("data:"):
        encoded = url
    if isinstance(encoded, str) and encoded:
        return _decoded(encoded, most_bytes), None
    if isinstance(url, str) and url:
        return None, url
    raise ReplyError("Expected 'b64_json' or 'url' for the picture, got neither.")


def _decoded(encoded: str, most_bytes: int) -> bytes:
    if encoded.startswith("data:"):
        encoded = encoded.partition(",")[2]
    if len(encoded) * 3 // 4 > most_bytes + 2:
        raise ReplyError(f"Expected a picture of at most {most_bytes:,} bytes, got a longer one; not decoded.")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ReplyError("Expected the picture in base64, got something else.") from None


def _cost(content: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
    usage = content.get("usage")
    ticks = usage.get("cost_in_usd_ticks") if isinstance(usage, dict) else None
    if isinstance(ticks, int) and not isinstance(ticks, bool) and 0 <= ticks * USD_PER_TICK <= MOST_COST_USD:
        return ticks * USD_PER_TICK
    try:
        cost = float(headers.get(COST_HEADER, "nan"))
    except ValueError:
        return None
    return cost if 0 <= cost <= MOST_COST_USD else None


def _timings(content: Mapping[str, Any], headers: Mapping[str, str]) -> Mapping[str, Any] | None:
    timings = {name: storable(content[name]) for name in TIMING_FIELDS if content.get(name) is not None}
    timings |= {name: text_of(headers[name], 100) for name in TIMING_HEADERS if name in headers}
    if len(json.dumps(timings)) > MOST_TIMING_CHARACTERS:
        return {"left_out": f"more than {MOST_TIMING_CHARACTERS:,} letters"}
    return timings or None


def _seed(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
