"""What the reply of an OpenAI-compatible image endpoint says, read as the hostile input that it is.

The wire: `{created, data: [{b64_json | url, revised_prompt}], usage}`; vLLM-Omni and SGLang add `inference_time_s`,
`peak_memory_mb`, `stage_durations` and the seed; xAI prices itself in `usage.cost_in_usd_ticks` (1e-10 dollars), the
LiteLLM proxy in the header `x-litellm-response-cost` (dollars). Refusals are 400 with an `error.code`.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.generator import RequestErrorKind
from harness.remote.error_reply import ErrorReply, read_error
from harness.remote.reply import (
    LONGEST_PROMPT,
    DeclinedError,
    MediaReply,
    ReplyError,
    read_json,
    storable,
    text_of,
)
from harness.remote.retries import error_words, request_error

TIMING_FIELDS = ("inference_time_s", "peak_memory_mb", "stage_durations", "usage")
TIMING_HEADERS = ("openai-processing-ms",)
ERROR_STATUS = re.compile("[45][0-9]{2}")
COST_HEADER = "x-litellm-response-cost"
USD_PER_TICK = 1e-10
MOST_COST_USD = 10_000.0
MOST_TIMING_CHARACTERS = 8_000


def read_reply(body: bytes, headers: Mapping[str, str], most_bytes: int) -> MediaReply:
    """Read a reply with status 200 whose picture may have `most_bytes`.

    Raises DeclinedError where it is an error in disguise, ReplyError where it is not what the protocol promises.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise ReplyError(f"Expected a reply of type application/json, got {kind or 'no type'!r}.")
    content = read_json(body)
    if content is None:
        raise ReplyError("Expected a reply that is a JSON object, got something else.")
    item = _only_item(content, body)
    data, url = _media(item, most_bytes)
    return MediaReply(
        data=data,
        url=url,
        revised_prompt=text_of(item.get("revised_prompt"), LONGEST_PROMPT),
        seed=_seed(item.get("seed", content.get("seed"))),
        cost_usd=_cost(content, headers),
        timings=_timings(content, headers),
    )


def _only_item(content: Mapping[str, Any], body: bytes) -> Mapping[str, Any]:
    items = content.get("data")
    if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
        return items[0]
    raise _why_none(read_error(body))


def _why_none(error: ErrorReply) -> Exception:
    """What a reply with status 200 and no picture means: the error that it holds, else a failure that is charged."""
    words = error_words(error)
    if words is None:
        return ReplyError("Expected one picture under 'data', got status 200 with none.")
    status = next((int(code) for code in error.codes if ERROR_STATUS.fullmatch(code)), 400)
    meaning = request_error(status, error)
    if meaning.kind == "failed" and not meaning.free:
        return ReplyError(f"Expected a picture, got status 200 with: {words}")
    kind: RequestErrorKind = "failed" if meaning.kind == "busy" else meaning.kind
    return DeclinedError(
        replace(meaning, kind=kind, reason=f"Expected a picture, got an error with status 200: {words}")
    )


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
