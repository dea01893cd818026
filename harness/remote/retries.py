"""When a request that costs money may be sent again: one rule, for every provider.

| what happened | what it means | then |
|---|---|---|
| the connection was refused, the name unknown, TLS failed | never delivered | again, a few times |
| 429, or 503 that says when to come back, and nothing created | declined before work began | wait, again, a few times |
| a read timeout, a dropped reply, any other 5xx | nobody knows whether it was made and charged | never again |
| any other 4xx | failed, or refused by policy | never again |
"""

import datetime as dt
import email.utils
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from harness.generator import RequestError
from harness.remote.reply import LONGEST_REQUEST_ID, POLICY_CODES, ErrorReply, read_error

Answer = TypeVar("Answer")

NOTHING_WAS_MADE = frozenset({404, 405})
LONGEST_WAIT = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How often and how long: `again` further tries of each kind; waits grow from `first_wait` seconds, doubling."""

    again: int = 3
    first_wait: float = 2.0

    def wait(self, error: RequestError, earlier: int) -> float | None:
        """Return the seconds (0 to 120) to wait before sending again after `earlier` repeats, None for never again."""
        if error.kind not in ("not-delivered", "busy") or earlier >= self.again:
            return None
        wanted = error.wait_seconds
        return min(LONGEST_WAIT, wanted if wanted is not None else self.first_wait * 2**earlier)


def send(
    post: Callable[[], Answer | RequestError], rule: RetryRule, sleep: Callable[[float], None]
) -> tuple[Answer | RequestError, list[float]]:
    """Return what `post` returned last, and the seconds waited between its calls: again only as `rule` allows."""
    waits: list[float] = []
    while True:
        answer = post()
        wait = rule.wait(answer, len(waits)) if isinstance(answer, RequestError) else None
        if wait is None:
            return answer, waits
        waits.append(wait)
        sleep(wait)


def read_retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Return the seconds that `Retry-After` asks for (a number or a date, RFC 9110, 10.2.3), None without one."""
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
    status: int, body: bytes, headers: Mapping[str, str], *, now: dt.datetime, credential_name: str | None
) -> RequestError:
    """Return what an HTTP error means. The reason names the environment variable on 401 and 403, never its value."""
    meaning = _meaning(status, read_error(body), read_retry_after(headers, now), credential_name)
    return replace(meaning, request_id=headers.get("x-request-id", "")[:LONGEST_REQUEST_ID] or None)


def _meaning(status: int, error: ErrorReply, wait: float | None, credential_name: str | None) -> RequestError:
    reason = _reason(error)
    if error.code in POLICY_CODES and status < 500:
        return RequestError(kind="refused", reason=f"Refused: {status} {reason}")
    if status in (401, 403):
        return RequestError(kind="failed", reason=_unauthorised(status, credential_name), free=True)
    if (status == 429 or (status == 503 and wait is not None)) and not error.created:
        return RequestError(kind="busy", reason=f"{status}, still busy: {reason}", free=True, wait_seconds=wait)
    if status >= 500 or error.created:
        return RequestError(kind="unknown", reason=f"{status}, outcome unknown, not sent again: {reason}")
    if 300 <= status < 400:
        return RequestError(
            kind="failed", reason=f"{status}, a redirect, not followed. Mend the model's base_url.", free=True
        )
    return RequestError(kind="failed", reason=f"{status}: {reason}", free=status in NOTHING_WAS_MADE)


def _unauthorised(status: int, credential_name: str | None) -> str:
    if credential_name is None:
        return f"{status}: the server wants a key; name its environment variable as credential_env in the catalogue."
    return f"{status}: the server does not accept the key in the environment variable {credential_name}."


def _reason(error: ErrorReply) -> str:
    return " ".join(part for part in (error.code, error.message) if part) or "no reason given"
