"""The server's own words, whatever the shape of the error."""

import json
from typing import Any

import pytest

from harness.remote.error_reply import read_error

SHAPES: list[tuple[Any, str, str]] = [
    ({"error": {"code": "c", "message": "m"}}, "c", "m"),
    ({"error": "words"}, "", "words"),
    ({"detail": "words", "type": "t"}, "t", "words"),
    ({"error": {"code": 17, "message": ["x"]}}, "", "x"),
    (
        [{"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT"}}],
        "INVALID_ARGUMENT",
        "API key not valid",
    ),
    (
        {"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "value_error"}]},
        "value_error",
        "prompt: too long",
    ),
    (
        {"id": "8f", "name": "bad_request", "errors": ["seed: must be positive", "again"]},
        "bad_request",
        "seed: must be positive; again",
    ),
    ({"type": "about:blank", "title": "Bad Request", "detail": "no"}, "about:blank", "Bad Request; no"),
    ({"code": "400", "error": "Argument not supported: size"}, "", "Argument not supported: size"),
    (
        {"error": {"message": "Upstream failed", "metadata": {"raw": '{"error": {"message": "too dark"}}'}}},
        "",
        "Upstream failed; too dark",
    ),
    ({"prompt": ["This field is required."]}, "", "prompt: This field is required."),
    ({"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, "", "insufficient balance"),
]


@pytest.mark.parametrize(("content", "code", "message"), SHAPES)
def test_errors_are_read_in_the_shapes_that_servers_use(content: Any, code: str, message: str) -> None:
    error = read_error(json.dumps(content).encode())
    assert (error.code, error.message, error.created) == (code, message, False)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"upstream connect error\n", "upstream connect error"),
        (b"<html><head><title>502 Bad Gateway</title></head><body>x</body></html>", "502 Bad Gateway"),
        (b"<p>Sign <b>in</b></p>", "Sign in"),
        (b"<html>", ""),
        (b"\x89PNG\r\n\x1a\n\x00\x00", ""),
    ],
)
def test_text_and_pages_are_read_as_a_person_would(body: bytes, message: str) -> None:
    assert read_error(body).message == message


@pytest.mark.parametrize(
    ("content", "created"),
    [
        ({"id": "too_many_requests", "message": "API rate limit exceeded."}, False),
        ({"id": "4212", "name": "rate_limit_exceeded", "errors": ["slow down"]}, False),
        ({"error": {"message": "busy"}, "request_id": "r1"}, False),
        ({"code": 429, "msg": "busy", "data": None}, False),
        ({"id": "job-1"}, True),
        ({"id": "job-1", "status": "queued", "message": "in line"}, True),
        ({"data": {"task_id": "t1"}, "message": "in line"}, True),
        ({"data": [{"url": "https://x.example/a.png"}], "error": "late"}, True),
    ],
)
def test_only_a_task_or_a_picture_is_a_creation(content: Any, created: bool) -> None:
    assert read_error(json.dumps(content).encode()).created is created


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        ({"error": {"message": "Rate limit reached. Please try again in 6m0s."}}, 360.0),
        ({"error": {"message": "Please try again in 350ms."}}, 0.35),
        ({"error": {"message": "Please retry in 32.5s", "details": [{"retryDelay": "32s"}]}}, 32.0),
        ({"error": {"message": "Slow down."}}, None),
    ],
)
def test_a_wait_in_the_body_is_read(content: Any, seconds: float | None) -> None:
    assert read_error(json.dumps(content).encode()).wait_seconds == seconds
