"""The one retry rule."""

import datetime as dt
import itertools
import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.generator import LeftError, RequestError
from harness.remote.retries import RetryRule, read_http_error, read_retry_after, send
from harness.remote.transport.environment import Environment

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
STATUSES = st.integers(300, 599)


def http_error(status: int, body: bytes = b"{}", **headers: str) -> RequestError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_http_error(status, body, named, now=NOW, credential_name="STUDIO_API_KEY")


@CALM
@given(STATUSES, st.booleans(), st.booleans())
def test_nothing_that_may_have_been_made_is_ever_sent_again(status: int, created: bool, says_when: bool) -> None:
    headers = {"retry_after": "5"} if says_when else {}
    error = http_error(status, b'{"id": "x"}' if created else b"{}", **headers)
    again = RetryRule().wait(error, 0) is not None
    assert again == (not created and (status == 429 or (status == 503 and says_when)))
    assert not (error.free and error.kind in ("unknown", "timed-out"))


@CALM
@given(st.sampled_from(["not-delivered", "busy"]), st.none() | st.floats(0, 120))
def test_waits_are_few_and_at_most_two_minutes(kind: str, asked: float | None) -> None:
    error = RequestError(kind=kind, reason="x", wait_seconds=asked)  # type: ignore[arg-type]
    waits = list(itertools.takewhile(lambda wait: wait is not None, (RetryRule().wait(error, n) for n in range(100))))
    assert len(waits) == 3
    assert all(0 <= wait <= 120 for wait in waits if wait is not None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Fri, 20 Nov 2026 12:01:30 GMT", 90.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert read_retry_after({"retry-after": value}, NOW) == seconds


def test_a_server_that_wants_a_key_where_none_is_named_says_what_to_name() -> None:
    error = read_http_error(401, b"", {}, now=NOW, credential_name=None)
    assert "credential_env" in error.reason


def test_a_policy_code_wins_over_its_status() -> None:
    body = b'{"error": {"code": "moderation_blocked", "message": "no"}}'
    assert http_error(400, body).kind == http_error(403, body).kind == "refused"
    assert http_error(500, body).kind == "unknown"


def test_the_request_id_of_a_failure_is_kept() -> None:
    assert http_error(500, x_request_id="req_9").request_id == "req_9"


@pytest.mark.parametrize(("value", "seconds"), [("1500", 1.5), ("-1", 0.0), ("soon", 7.0), ("nan", 7.0)])
def test_retry_after_ms_is_finer_and_comes_first(value: str, seconds: float) -> None:
    assert read_retry_after({"retry-after-ms": value, "retry-after": "7"}, NOW) == seconds


@pytest.mark.parametrize(("asked", "told"), [(54_749.0, "15 h 13 min"), (121.0, "3 min")])
def test_a_long_wait_is_told_and_not_slept(studio: Any, asked: float, told: str) -> None:
    busy = RequestError(kind="busy", reason="429, still busy: later", free=True, wait_seconds=asked)
    with pytest.raises(LeftError, match=f"come back in {told}. 429, still busy: later"):
        send(lambda: busy, RetryRule(), Environment(timer=studio.clock))
    assert studio.clock.waits == []


def test_when_the_run_ends_nothing_is_sent_again(studio: Any) -> None:
    calls: list[str] = []
    environment = Environment(timer=studio.clock)

    def post() -> RequestError:
        calls.append("post")
        environment.stop.set()
        return RequestError(kind="busy", reason="x", free=True)

    with pytest.raises(LeftError, match="Stopped while waiting"):
        send(post, RetryRule(), environment)
    assert calls == ["post"]


def test_a_wait_of_this_machine_ends_when_the_run_does() -> None:
    environment = Environment.of(threading.Event())
    environment.stop.set()
    began = time.monotonic()
    environment.timer.sleep(60.0)
    assert time.monotonic() - began < 30.0
