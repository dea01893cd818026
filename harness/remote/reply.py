"""What any provider's reply over HTTP is, read as the hostile input that it is; what one provider means, its adapter
knows.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.credential import Credential
from harness.generator import RequestError
from harness.remote.billing import ProviderBill

if TYPE_CHECKING:
    from harness.remote.transport.connection import RequestTimer

LONGEST_PROMPT = 32_000
LONGEST_REQUEST_ID = 200
LARGEST_EXACT_INTEGER = 2**53 - 1
DEEPEST = 8


class ReplyError(Exception):
    """A reply without a picture in the form that the protocol promises."""


class TaskReplyError(Exception):
    """A reply that names a task instead of a picture: `task` is its id."""

    def __init__(self, task: str) -> None:
        super().__init__(f"Accepted as task {task}; its picture was not had. Outcome unknown, not sent again.")
        self.task = task


class DeclinedError(Exception):
    """A reply with status 200 by which the provider declines to make this picture; `error` says what that means."""

    def __init__(self, error: RequestError) -> None:
        super().__init__(error.reason)
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPReply:
    """A reply with a status below 300: its bytes, its headers by lower-case name, and seconds of a monotonic clock.

    `submit_seconds` runs from the submission to the reply's headers, `read_seconds` from there to its last byte.
    """

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    submit_seconds: float
    read_seconds: float


def reply_without_key(
    body: bytes, headers: Mapping[str, str], *, timer: "RequestTimer", credential: Credential
) -> HTTPReply:
    """Return a reply with the key taken out, before anything of it is read or cut."""
    return HTTPReply(
        body=credential.hide_bytes(body),
        headers={name.lower(): credential.hide(value) for name, value in headers.items()},
        submit_seconds=timer.headers - timer.submitted,
        read_seconds=timer.last_byte - timer.headers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaReply:
    """What a successful reply holds: the picture's bytes or the URL to fetch it from, and what was said about it.

    `seed` is the one that the reply names, None if it names none; `bill` is what the reply says about money.
    `refusal` is the provider's own flag that what it sent is no answer to the prompt, such as a blackened picture.
    """

    data: bytes | None
    url: str | None
    revised_prompt: str | None
    seed: int | None
    bill: ProviderBill
    timings: Mapping[str, Any] | None
    refusal: str | None = None


def read_json(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object in `body`, or None where there is none; NaN and infinities become None.

    >>> read_json(b'{"seed": NaN}'), read_json(b"<html>")
    ({'seed': None}, None)
    """
    content = read_value(body)
    return content if isinstance(content, dict) else None


def read_value(body: bytes) -> Any:
    """Return the JSON value in `body`, or None where there is none; NaN and infinities become None.

    >>> read_value(b'[{"code": 400}]'), read_value(b"Too many requests")
    ([{'code': 400}], None)
    """
    try:
        return json.loads(body, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def storable(value: Any, depth: int = 0) -> Any:
    """Return a JSON value that canonical JSON can hold: finite numbers, exact integers, valid text, eight levels.

    >>> storable({"at": 1e999, "n": 2**60})
    {'at': None, 'n': '1152921504606846976'}
    """
    if depth > DEEPEST:
        return None
    if isinstance(value, dict):
        return {_valid(name): storable(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [storable(item, depth + 1) for item in value]
    if isinstance(value, str):
        return _valid(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and abs(value) > LARGEST_EXACT_INTEGER:
        return str(value)[:100]
    return value


def text_of(value: Any, longest: int) -> str | None:
    """Return a text cut to `longest` characters, or None where `value` is no text or an empty one."""
    return _valid(value)[:longest] if isinstance(value, str) and value else None


def decode_base64(encoded: str, most_bytes: int) -> bytes:
    """Return the bytes of base64 in either alphabet, with or without padding, white space or a `data:` prefix.

    Raises ReplyError where it is none, or would be more than `most_bytes`.

    >>> decode_base64("data:image/png;base64, aGFs\\nZg", 100)
    b'half'
    """
    if encoded.startswith("data:"):
        encoded = encoded.partition(",")[2]
    letters = "".join(encoded.split()).rstrip("=").replace("-", "+").replace("_", "/")
    if len(letters) * 3 // 4 > most_bytes + 2:
        raise ReplyError(f"Expected a picture of at most {most_bytes:,} bytes, got a longer one; not decoded.")
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ReplyError("Expected the picture in base64, got something else.") from None


def _valid(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
