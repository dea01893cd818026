"""What the reply of an OpenAI-compatible image endpoint says, read as the hostile input that it is.

The wire: `{created, data: [{b64_json | url, revised_prompt}], usage}`; vLLM-Omni and SGLang add `inference_time_s`,
`peak_memory_mb`, `stage_durations` and the seed. What it says about money: `harness.remote.usage`. Refusals are 400
with an `error.code`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from data.media import sniff
from harness.generator import RequestError, RequestErrorKind
from harness.remote.adapters.openai_images.flags import flagged
from harness.remote.adapters.openai_images.pictures import find_picture
from harness.remote.error_reply import ErrorReply, read_error
from harness.remote.reply import (
    LONGEST_PROMPT,
    DeclinedError,
    HTTPReply,
    MediaReply,
    ReplyError,
    TaskReplyError,
    decode_base64,
    read_value,
    storable,
    text_of,
)
from harness.remote.retries import error_words, request_error
from harness.remote.tasks import task_id, task_url
from harness.remote.transport.content_encoding import GZIP, EncodedReplyError, TooManyBytesError, inflate
from harness.remote.usage import KEPT, read_bill

TIMING_FIELDS = ("peak_memory_mb", "stage_durations", *KEPT)
TIMING_HEADERS = ("openai-processing-ms",)
ERROR_STATUS = re.compile("[45][0-9]{2}")
MOST_TIMING_CHARACTERS = 8_000


def read_reply(body: bytes, headers: Mapping[str, str], most_bytes: int) -> MediaReply:
    """Read a reply with status 200 whose picture may have `most_bytes`, whatever type its headers say.

    Raises DeclinedError where it is an error in disguise, TaskReplyError where it names a task, ReplyError where it is
    not what the protocol promises.
    """
    if sniff(body) is not None:
        return MediaReply(
            data=body,
            url=None,
            revised_prompt=None,
            seed=None,
            bill=read_bill(None, headers),
            timings=None,
            refusal=flagged({}, {}, headers),
        )
    if body.startswith(GZIP):
        body = _inflated(body, most_bytes)
    content = read_value(body)
    if not isinstance(content, dict | list):
        raise ReplyError(_no_json(body, headers))
    found = find_picture(content)
    if found is None:
        raise _why_none(content, read_error(body), flagged(content, {}, headers))
    whole = content if isinstance(content, dict) else {}
    return MediaReply(
        data=decode_base64(found.encoded, most_bytes) if found.encoded else None,
        url=found.url,
        revised_prompt=text_of(found.item.get("revised_prompt"), LONGEST_PROMPT),
        seed=_seed(found.item.get("seed", whole.get("seed"))),
        bill=read_bill(whole, headers),
        timings=_timings(whole, headers, found.count),
        refusal=flagged(content, found.item, headers),
    )


def _inflated(body: bytes, most_bytes: int) -> bytes:
    try:
        return inflate(body, most_bytes * 4 // 3 + 1_000_000)
    except (EncodedReplyError, TooManyBytesError) as error:
        raise ReplyError(str(error)) from None


def _no_json(body: bytes, headers: Mapping[str, str]) -> str:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower() or "no type"
    words = read_error(body).message
    return f"Expected a reply in JSON, got {kind!r}" + (f": {words}" if words else " that is none.")


def _why_none(content: Any, error: ErrorReply, flag: str | None) -> Exception:
    """What a reply without a picture means: a refusal, a task, the error that it holds, else a failure; charged."""
    if flag is not None:
        return DeclinedError(RequestError(kind="refused", reason=f"Refused: the provider flags its answer ({flag})."))
    task, words = task_id(content), error_words(error)
    if task is not None:
        return TaskReplyError(task)
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


def _timings(content: Mapping[str, Any], headers: Mapping[str, str], pictures: int) -> Mapping[str, Any] | None:
    """What is kept verbatim, and how many pictures came where only the first of several was kept."""
    timings = {name: storable(content[name]) for name in TIMING_FIELDS if content.get(name) is not None}
    timings |= {name: text_of(headers[name], 100) for name in TIMING_HEADERS if name in headers}
    timings |= {"pictures": pictures} if pictures > 1 else {}
    if len(json.dumps(timings)) > MOST_TIMING_CHARACTERS:
        return {"left_out": f"more than {MOST_TIMING_CHARACTERS:,} letters"}
    return timings or None


def _seed(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def status_url(http: HTTPReply, base_url: str) -> str | None:
    """Return where a task that a reply names can be asked for, None where that is nowhere or on another server.

    The key goes along when it is asked for, so only the server that it belongs to is asked.
    """
    named = task_url(read_value(http.body)) or http.headers.get("operation-location") or http.headers.get("location")
    if not named:
        return None
    url, base = urlsplit(urljoin(f"{base_url.rstrip('/')}/", named)), urlsplit(base_url)
    return url.geturl() if (url.scheme, url.netloc) == (base.scheme, base.netloc) else None
