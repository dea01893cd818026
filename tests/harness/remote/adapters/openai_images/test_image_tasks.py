"""A task instead of a picture: asked about until it ends, after a crash too, and never submitted again."""

import base64
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from harness.generator import LeftError
from harness.remote.context import SpendingTerms
from harness.request_log import RequestLog

PATH, TASK_PATH = "/v1/images/generations", "/v1/tasks/1"
TASK = {"id": "task_1", "status": "queued"}


class Crash(BaseException):
    """The process dies."""


class DyingLog(RequestLog):
    """Dies once the job is in the log."""

    def job(self, request: Any, step: Any, job: Any) -> None:
        super().job(request, step, job)
        raise Crash


def accept(httpserver: HTTPServer) -> str:
    httpserver.expect_ordered_request(PATH).respond_with_json(TASK, status=202, headers={"Location": TASK_PATH})
    return httpserver.url_for("/v1")


def say(httpserver: HTTPServer, **status: Any) -> None:
    httpserver.expect_ordered_request(TASK_PATH).respond_with_json({**TASK, **status})


def pictured(data: bytes) -> dict[str, Any]:
    return {"status": "done", "data": [{"b64_json": base64.b64encode(data).decode()}]}


def methods(httpserver: HTTPServer) -> list[str]:
    return [request.method for request, _ in httpserver.log]


def test_a_crash_after_the_id_is_known_asks_for_the_task_and_never_submits_again(
    studio: Any, httpserver: HTTPServer
) -> None:
    model = studio.contender(accept(httpserver))
    with pytest.raises(Crash):
        studio.make(model, log_type=DyingLog)
    say(httpserver, status="in_progress")
    say(httpserver, **pictured(studio.picture()))
    outcome = studio.make(model)
    assert (outcome.status, outcome.data, outcome.request_id) == ("ok", studio.picture(), "task_1")
    assert methods(httpserver) == ["POST", "GET", "GET"]
    assert studio.spending() == (0.04, 0.0)


def test_what_was_downloaded_before_a_crash_comes_from_the_disk(studio: Any, httpserver: HTTPServer) -> None:
    class DyingLater(RequestLog):
        def outcome(self, *facts: Any) -> None:
            super().outcome(*facts)
            raise Crash

    model = studio.contender(accept(httpserver))
    say(httpserver, **pictured(studio.picture()))
    with pytest.raises(Crash):
        studio.make(model, log_type=DyingLater)
    assert studio.make(model).data == studio.picture()
    assert methods(httpserver) == ["POST", "GET"]


def test_a_task_of_azure_is_asked_for_where_its_header_says(studio: Any, httpserver: HTTPServer) -> None:
    task, where = {"id": "task_1", "status": "notRunning"}, {"operation-location": httpserver.url_for(TASK_PATH)}
    httpserver.expect_ordered_request(PATH).respond_with_json(task, status=202, headers=where)
    done = {"id": "task_1", "status": "succeeded", "result": pictured(studio.picture())}
    httpserver.expect_ordered_request(TASK_PATH).respond_with_json(done)
    outcome = studio.make(studio.contender(httpserver.url_for("/v1")))
    assert (outcome.status, outcome.data) == ("ok", studio.picture())


def test_a_stop_leaves_the_task_for_the_next_run(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(accept(httpserver))
    say(httpserver, status="in_progress")
    stop = studio.environment["stop"] = studio.stop_event()
    studio.clock.on_wait = stop.set
    with pytest.raises(LeftError, match="Stopped while job task_1 was not done"):
        studio.make(model)
    stop.clear()
    say(httpserver, **pictured(studio.picture()))
    assert studio.make(model).status == "ok"
    assert methods(httpserver).count("POST") == 1


@pytest.mark.parametrize(
    ("status", "ended", "cost", "words"),
    [
        ({"status": "failed", "error": {"message": "out of memory"}}, "failed", 0.04, "out of memory"),
        ({"status": "Content Moderated"}, "refused", 0.04, "Content Moderated"),
        ({"status": "failed", "error": {"code": "insufficient_quota"}}, "failed", 0.04, "failed, insufficient_quota"),
    ],
)
def test_a_task_that_ends_without_a_picture_says_why(
    studio: Any, httpserver: HTTPServer, status: Any, ended: str, cost: float, words: str
) -> None:
    model = studio.contender(accept(httpserver))
    say(httpserver, **status)
    outcome = studio.make(model)
    assert (outcome.status, outcome.cost_usd, outcome.request_id) == (ended, cost, "task_1")
    assert words in outcome.reason
    assert methods(httpserver) == ["POST", "GET"]


def test_a_completed_task_without_a_picture_is_unknown_and_what_came_is_kept(
    studio: Any, httpserver: HTTPServer
) -> None:
    model = studio.contender(accept(httpserver))
    httpserver.expect_ordered_request(TASK_PATH).respond_with_data(f"done: {studio.secret}", content_type="text/plain")
    outcome = studio.make(model)
    assert (outcome.status, outcome.request_id, outcome.unread) == ("unknown", "task_1", b"done: [secret]")
    assert studio.spending() == (0.0, 0.04)


def test_a_tasks_reply_in_a_compression_that_is_not_read_is_kept(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(accept(httpserver))
    httpserver.expect_ordered_request(TASK_PATH).respond_with_data(b"\x0b\x80", headers={"Content-Encoding": "br"})
    outcome = studio.make(model)
    assert (outcome.status, outcome.unread, studio.spending().reserved) == ("unknown", b"\x0b\x80", 0.04)


def test_a_tasks_bytes_that_are_no_picture_are_kept(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(accept(httpserver))
    say(httpserver, **pictured(b"%PDF-1.7"))
    outcome = studio.make(model)
    assert (outcome.status, outcome.unread, outcome.cost_usd) == ("failed", b"%PDF-1.7", 0.04)


def test_a_task_that_cannot_be_reached_keeps_its_money_reserved(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(accept(httpserver), timeout_s=3.0)
    httpserver.expect_request(TASK_PATH).respond_with_data("gone", status=404)
    outcome = studio.make(model)
    assert (outcome.status, outcome.request_id, outcome.cost_usd) == ("unknown", "task_1", 0.04)
    assert studio.spending() == (0.0, 0.04)


def test_a_task_is_charged_what_its_reply_says(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(accept(httpserver))
    say(httpserver, **pictured(studio.picture()), usage={"cost": 0.03})
    outcome = studio.make(model)
    assert (outcome.cost_usd, outcome.cost_source, studio.spending().settled) == (0.03, "reported", 0.03)


def test_an_unknown_task_is_submitted_again_only_where_that_is_allowed(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(accept(httpserver))
    say(httpserver, status="completed")
    assert studio.make(model).status == "unknown"
    httpserver.expect_ordered_request(PATH).respond_with_json(pictured(studio.picture()))
    again = studio.make(model, terms=SpendingTerms(resend_unknown=True), finished={"r1"})
    assert (again.status, methods(httpserver)) == ("ok", ["POST", "GET", "POST"])
