"""What an error reply says, in the server's own words, whatever its shape.

Seen: `{"error": {code, message}}` (OpenAI), `{"error": "words"}`, `[{"error": …}]` (Gemini), `{"detail": "words"}` or
`{"detail": [{loc, msg, type}]}` (FastAPI, fal), `{id, name, errors: […]}` (Stability), `{title, detail}` (RFC 9457),
an upstream's JSON inside a string (OpenRouter, LiteLLM), plain text, and pages of HTML.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.remote.reply import read_value, text_of
from harness.remote.tasks import task_id

WORDS = (
    *("message", "msg", "error_message", "errorMessage", "error_msg", "status_msg", "title", "detail", "details"),
    *("error", "errors", "error_description", "description", "failure_reason", "raw", "metadata", "base_resp"),
)
CODES = (
    *("code", "type", "name", "error_code", "errorCode", "error_type", "status", "status_code", "reason"),
    *("failure_code", "blockReason", "block_reason", "finishReason", "finish_reason"),
)
NO_WORDS = frozenset({*CODES, "id", "object", "created", "data", "request_id", "requestId", "trace_id", "success"})
LONGEST_MESSAGE, LONGEST_CODE, LONGEST_BODY, LONGEST_PAGE = 2_000, 100, 65_536, 4_000
MOST_PARTS, DEEPEST = 8, 6
_UNSEEN = re.compile(r"(?is)<(script|style|head)\b.*?</\1>|<[^>]*>")
_TITLE = re.compile(r"(?is)<title[^>]*>([^<]*)</title>")
_DELAY = re.compile(rb'retry_?[dD]elay\\?":\s*\\?"(\d{1,9}(?:\.\d{1,9})?)s')
_IN = r"(?:try again|retry|wait|available)\D{0,20}?\b(?:in|after|for)\s+"
_WAIT = re.compile(rf"(?i){_IN}(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)\s*(ms|s))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReply:
    """What an error reply says.

    `code` is the first that is more than an HTTP status and `codes` are all, from the outside in; `message` is the
    server's words; `created` is True where it names something that was made all the same; `wait_seconds` is how long
    the body says to wait, None where it does not.
    """

    code: str
    message: str
    created: bool
    codes: tuple[str, ...] = ()
    wait_seconds: float | None = None


def read_error(body: bytes) -> ErrorReply:
    """Read a reply with an error status; whatever cannot be read is empty.

    >>> error = read_error(b'{"detail": [{"loc": ["body", "size"], "msg": "not supported", "type": "value_error"}]}')
    >>> error.code, error.message, error.created
    ('value_error', 'size: not supported', False)
    """
    content = read_value(body[:LONGEST_BODY])
    if content is None:
        content = _text(body)
    codes = tuple(dict.fromkeys(_codes(content)))
    message = "; ".join(list(_distinct(_words(content)))[:MOST_PARTS])[:LONGEST_MESSAGE]
    return ErrorReply(
        code=next((code for code in codes if not code.isdigit()), ""),
        message=message,
        created=_names_creation(content, message),
        codes=codes,
        wait_seconds=_wait(body[:LONGEST_BODY], message),
    )


def _text(body: bytes) -> str:
    """The words of a reply that is no JSON: of a page its title, else what a reader would see."""
    text = body[:LONGEST_PAGE].decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        title = _TITLE.search(text)
        text = title.group(1) if title else _UNSEEN.sub(" ", text)
    printable = sum(letter.isprintable() or letter.isspace() for letter in text)
    return " ".join(text.split()) if printable > 0.9 * len(text) and "\ufffd" not in text[:-1] else ""


def _words(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        inner = _inner(value)
        yield from _words(inner, depth + 1) if inner is not None else filter(None, [text_of(value.strip(), 2_000)])
    elif isinstance(value, list):
        for item in value[:MOST_PARTS]:
            yield from _words(item, depth + 1)
    elif isinstance(value, dict):
        yield from _words_of_object(value, depth)


def _words_of_object(value: dict[str, Any], depth: int) -> Iterator[str]:
    place = _place(value.get("loc"))
    named = [word for key in WORDS if key in value for word in _words(value[key], depth + 1)]
    if named:
        yield from (place + word for word in named)
    else:
        for key in [key for key in value if key not in NO_WORDS][:MOST_PARTS]:
            yield from (f"{key}: {word}" for word in _words(value[key], depth + 1))


def _place(location: Any) -> str:
    """The field that a validator names, as in `["body", "size"]`."""
    names = [str(part) for part in location if part != "body"] if isinstance(location, list) else []
    return f"{'.'.join(names)}: " if names else ""


def _inner(text: str) -> Any:
    """The JSON inside a string, None where there is none."""
    return read_value(text.strip().encode("utf-8", "replace")) if text.lstrip()[:1] in ("{", "[") else None


def _distinct(words: Iterator[str]) -> Iterator[str]:
    """Each word once, and none that another one, already given, holds."""
    given: list[str] = []
    for word in words:
        if not any(word in earlier for earlier in given):
            given.append(word)
            yield word


def _codes(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield from _codes(_inner(value), depth + 1)
    elif isinstance(value, list):
        for item in value[:MOST_PARTS]:
            yield from _codes(item, depth + 1)
    elif isinstance(value, dict):
        yield from filter(None, (_code(value.get(key)) for key in CODES))
        for item in value.values():
            yield from _codes(item, depth + 1)


def _code(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:LONGEST_CODE]
    return text_of(value, LONGEST_CODE)


def _names_creation(content: Any, message: str) -> bool:
    """Whether a task or a picture is named, or an id and nothing that speaks of an error."""
    if not isinstance(content, dict):
        return False
    return (
        task_id(content) is not None or _holds_picture(content.get("data")) or bool(content.get("id") and not message)
    )


def _holds_picture(data: Any) -> bool:
    items = data if isinstance(data, list) else [data]
    return any(isinstance(item, dict) and (item.get("url") or item.get("b64_json")) for item in items)


def _wait(body: bytes, message: str) -> float | None:
    """Seconds out of Gemini's `retryDelay: "32s"`, or out of words such as "Please try again in 6m0s"."""
    found = _DELAY.search(body)
    if found:
        return float(found.group(1))
    asked = _WAIT.search(message)
    if not asked or not any(asked.groups()[:3]):
        return None
    hours, minutes, seconds, unit = asked.groups()
    return 3600.0 * int(hours or 0) + 60.0 * int(minutes or 0) + float(seconds or 0) / (1000 if unit == "ms" else 1)
