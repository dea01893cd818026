"""When a request that costs money may be sent again: one rule, for every provider.

| what happened | what it means | then |
|---|---|---|
| the connection was refused, the name unknown, TLS failed | never delivered | again, a few times |
| 429, or 503 that says when to come back, nothing created | declined before work began | wait, again; then planned |
| the same, which asks for more than two minutes | declined for long | told; the request stays planned |
| a read timeout, a dropped reply, any other 5xx | nobody knows whether it was made and charged | never again |
| quota, payment, key, path or parameter | declined, and each further request would be | never again; it is free |
| any other 4xx | failed, or refused by policy | never again |
"""

import contextlib
import datetime as dt
import email.utils
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from harness.generator import LeftError, RequestError
from harness.remote.error_causes import LASTING, Cause, cause_of
from harness.remote.error_reply import ErrorReply, read_error
from harness.remote.reply import LONGEST_REQUEST_ID
from harness.remote.transport.environment import Environment

Answer = TypeVar("Answer")

LONGEST_WAIT = 120.0
NO_REASON = "no reason given"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How often and how long: `again` further tries of each kind; waits grow from `first_wait` seconds, doubling."""

    again: int = 3
    first_wait: float = 2.0

    def wait(self, error: RequestError, earlier: int) -> float | None:
        """Return the seconds (0 to 120) to wait before sending again after `earlier` repeats, None for never again."""
        if error.kind not in ("not-delivered", "busy") or earlier >= self.again or asks_for_long(error):
            return None
        return error.wait_seconds if error.wait_seconds is not None else self.first_wait * 2**earlier


def asks_for_long(error: RequestError) -> bool:
    """Whether the provider declined and asks for a wait that is told rather than slept: more than two minutes."""
    return error.kind == "busy" and (error.wait_seconds or 0.0) > LONGEST_WAIT


def send(
    post: Callable[[], Answer | RequestError], rule: RetryRule, environment: Environment
) -> tuple[Answer | RequestError, list[float]]:
    """Return what `post` returned last, and the seconds waited between its calls: again only as `rule` allows.

    Raises LeftError where nothing was made and nothing is waited for: the run ends, or the provider asks for hours.
    """
    waits: list[float] = []
    while True:
        answer = post()
        if isinstance(answer, RequestError) and asks_for_long(answer):
            raise LeftError(f"The provider asks to come back in {_spoken(answer.wait_seconds)}. {answer.reason}")
        wait = rule.wait(answer, len(waits)) if isinstance(answer, RequestError) else None
        if wait is None and isinstance(answer, RequestError) and answer.kind == "busy":
            raise LeftError(f"Declined {len(waits) + 1} times, and planned as before. {answer.reason}")
        if wait is None:
            return answer, waits
        waits.append(wait)
        environment.timer.sleep(wait)
        if environment.stop.is_set():
            raise LeftError("Stopped while waiting to send a declined request again.")


def _spoken(seconds: float | None) -> str:
    minutes = math.ceil((seconds or 0.0) / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def read_retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Return the seconds that `Retry-After` asks for (a number or a date, RFC 9110, 10.2.3), None without one.

    `Retry-After-Ms`, which Azure and OpenAI send, is finer and comes first.
    """
    with contextlib.suppress(ValueError):
        milliseconds = float(headers.get("retry-after-ms", "").strip())
        if math.isfinite(milliseconds):
            return max(0.0, milliseconds / 1000)
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except (ValueError, IndexError):
            return None
        seconds = (moment.replace(tzinfo=moment.tzinfo or dt.UTC) - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def read_http_error(
    status: int,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: dt.datetime,
    credential_name: str | None,
    url: str = "",
) -> RequestError:
    """Return what an HTTP error means.

    The reason names the environment variable on 401 and 403, never its value, and where nothing is found, the `url`.
    """
    error = read_error(body)
    wait = read_retry_after(headers, now)
    meaning = request_error(status, error, wait_seconds=wait, credential_name=credential_name)
    if cause_of(status, error) == "not-found" and url:
        meaning = replace(meaning, reason=f"{meaning.reason} (asked: {url})")
    return replace(meaning, request_id=headers.get("x-request-id", "")[:LONGEST_REQUEST_ID] or None)


def request_error(
    status: int, error: ErrorReply, *, wait_seconds: float | None = None, credential_name: str | None = None
) -> RequestError:
    """Return what an error means; `wait_seconds` is what the reply's headers ask for, None where only the body may."""
    wait = error.wait_seconds if wait_seconds is None else wait_seconds
    reason = error_words(error) or NO_REASON
    if 300 <= status < 400:
        words = f"{status}, a redirect, not followed. Mend the model's base_url."
        return RequestError(kind="failed", reason=words, free=True, lasting=True)
    cause = cause_of(status, error) if status < 500 else "other"
    if cause == "refused":
        return RequestError(kind="refused", reason=f"Refused: {status} {reason}")
    if cause in LASTING and not error.created:
        return RequestError(
            kind="failed", reason=_declined(cause, status, reason, credential_name), free=True, lasting=True
        )
    if (status == 429 or (status == 503 and wait is not None)) and not error.created:
        return RequestError(kind="busy", reason=f"{status}, still busy: {reason}", free=True, wait_seconds=wait)
    if status >= 500 or error.created:
        return RequestError(kind="unknown", reason=f"{status}, outcome unknown, not sent again: {reason}")
    return RequestError(kind="failed", reason=f"{status}: {reason}")


def _declined(cause: Cause, status: int, reason: str, credential_name: str | None) -> str:
    if cause == "unauthorised" and credential_name is None:
        key = "the server wants a key; name its environment variable as credential_env in the catalogue"
    elif cause == "unauthorised":
        key = f"the server does not accept the key in the environment variable {credential_name}"
    else:
        return f"{status}: {reason}"
    return f"{status}: {key}." if reason == NO_REASON else f"{status}: {key}: {reason}"


def error_words(error: ErrorReply) -> str | None:
    """Return the code and the words of an error, None where it has neither."""
    code = "" if error.code in error.message else error.code
    return " ".join(part for part in (code, error.message) if part) or None
