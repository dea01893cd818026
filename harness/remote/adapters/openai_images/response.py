"""What the reply of an OpenAI-compatible image endpoint says, read as the hostile input that it is.

The wire: `{created, data: [{b64_json | url, revised_prompt}], usage}`; vLLM-Omni and SGLang add `inference_time_s`,
`peak_memory_mb`, `stage_durations` and the seed; xAI prices itself in `usage.cost_in_usd_ticks` (1e-10 dollars), the
LiteLLM proxy in the header `x-litellm-response-cost` (dollars). Refusals are 400 with an `error.code`.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

POLICY_CODES = frozenset(
    {
        "moderation_blocked",
        "content_policy_violation",
        "content_filter",
        "content_filtered",
        "image_content_policy_violation",
        "safety_violation",
        "responsible_ai_policy_violation",
    }
)
TIMING_FIELDS = ("inference_time_s", "peak_memory_mb", "stage_durations", "usage")
TIMING_HEADERS = ("openai-processing-ms",)
COST_HEADER = "x-litellm-response-cost"
USD_PER_TICK = 1e-10
MOST_COST_USD = 10_000.0
DEEPEST = 8
MOST_TIMING_LETTERS = 8_000
LONGEST_PROMPT = 32_000
LONGEST_REQUEST_ID = 200
LARGEST_EXACT_INTEGER = 2**53 - 1


class ReplyError(Exception):
    """A reply without a picture in the form that the protocol promises."""


class PolicyError(Exception):
    """A reply by which the provider declines to make this picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a successful reply holds: the picture's bytes or the URL to fetch it from, and what was said about it.

    `seed` is the one that the reply names, None if it names none; `cost_usd` is what the provider says it charged.
    """

    data: bytes | None
    url: str | None
    revised_prompt: str | None
    seed: int | None
    cost_usd: float | None
    timings: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReply:
    """What an error reply says; `created` is True where it names something that was made all the same."""

    code: str
    message: str
    created: bool


def read_reply(body: bytes, headers: Mapping[str, str], most_bytes: int) -> Reply:
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
    return Reply(
        data=data,
        url=url,
        revised_prompt=_text(item.get("revised_prompt"), LONGEST_PROMPT),
        seed=_seed(item.get("seed", content.get("seed"))),
        cost_usd=_cost(content, headers),
        timings=_timings(content, headers),
    )


def read_error(body: bytes) -> ErrorReply:
    """Read a reply with an error status; whatever cannot be read is empty."""
    content = read_json(body[:65_536]) or {}
    error = content.get("error")
    fields = error if isinstance(error, dict) else content
    code = _text(fields.get("code") or fields.get("type"), 100) or ""
    message = _text(error if isinstance(error, str) else fields.get("message") or fields.get("detail"), 2_000) or ""
    return ErrorReply(code=code, message=message, created=bool(content.get("data") or content.get("id")))


def read_json(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in `body`, or None where there is none; NaN and infinities become None."""
    try:
        content = json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def storable(value: Any, depth: int = 0) -> Any:
    """Return a JSON value that canonical JSON can hold: finite numbers, exact integers, whole letters, eight levels."""
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {_whole(name): storable(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [storable(item, depth + 1) for item in value]
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and abs(value) > LARGEST_EXACT_INTEGER:
        return str(value)[:100]
    return value


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
    found = {name: storable(content[name]) for name in TIMING_FIELDS if content.get(name) is not None}
    found |= {name: _text(headers[name], 100) for name in TIMING_HEADERS if name in headers}
    if len(json.dumps(found)) > MOST_TIMING_LETTERS:
        return {"left_out": f"more than {MOST_TIMING_LETTERS:,} letters"}
    return found or None


def _seed(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any, longest: int) -> str | None:
    return _whole(value)[:longest] if isinstance(value, str) and value else None


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
