"""The official SDK against servers on 127.0.0.1: what comes, what it costs, and how often it was asked."""

import base64
import gzip
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from data.errors import HalflifeError, ServiceError, SpendingError
from data.vocabulary import Charge, Price
from harness.generator import LeftError
from harness.remote.adapters.openai_images.client import DownloadLimits
from harness.remote.context import SpendingTerms
from harness.request_log import RequestLog

PATH = "/v1/images/generations"


def answer(data: bytes, **more: Any) -> dict[str, Any]:
    return {"created": 1, "data": [{"b64_json": base64.b64encode(data).decode()}], **more}


def serve(httpserver: HTTPServer, content: Any, status: int = 200, headers: Any = None) -> str:
    httpserver.expect_request(PATH, method="POST").respond_with_json(content, status=status, headers=headers)
    return httpserver.url_for("/v1")


def serve_raw(httpserver: HTTPServer, body: bytes | str, status: int = 200, kind: str = "application/json") -> str:
    httpserver.expect_request(PATH).respond_with_data(body, status=status, content_type=kind)
    return httpserver.url_for("/v1")


def bodies(httpserver: HTTPServer) -> list[dict[str, Any]]:
    return [json.loads(request.data) for request, _ in httpserver.log if request.method == "POST"]


def test_a_picture_comes_with_its_original_bytes_its_size_and_its_price(studio: Any, httpserver: HTTPServer) -> None:
    data = studio.picture(64, 48)
    outcome = studio.make(studio.contender(serve(httpserver, answer(data))))
    assert (outcome.status, outcome.data, outcome.media_type) == ("ok", data, "image/png")
    assert (outcome.width, outcome.height, outcome.frames, outcome.call) == (64, 48, 1, "first")
    assert (outcome.cost_usd, outcome.cost_source) == (0.04, "units-times-price")
    assert studio.spending().settled == 0.04


def test_size_and_n_are_always_sent_and_a_seed_only_where_the_endpoint_takes_one(
    studio: Any, httpserver: HTTPServer
) -> None:
    url = serve(httpserver, answer(studio.picture()))
    studio.make(studio.contender(url))
    studio.make(studio.contender(url, seed_support="requested"), studio.wanted(studio.contender(url), "r2"))
    plain, seeded = bodies(httpserver)
    assert plain == {"model": "painter-1", "prompt": "a red fox", "n": 1, "size": "64x48"}
    assert seeded == {**plain, "seed": 7}


def test_settings_and_extra_go_out_as_the_catalogue_says(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(serve(httpserver, answer(studio.picture())), extra={"quality": "low"})
    settings = model.settings.__class__(
        width=64, height=48, steps=4, guidance=2.5, negative_prompt="fog", extra={"quality": "low"}
    )
    request = studio.wanted(model)
    studio.make(
        model, request.__class__(**{f: getattr(request, f) for f in request.__slots__} | {"settings": settings})
    )
    sent = bodies(httpserver)[0]
    assert (sent["num_inference_steps"], sent["guidance_scale"], sent["negative_prompt"]) == (4, 2.5, "fog")
    assert sent["quality"] == "low"


def test_an_endpoint_with_an_aspect_ratio_gets_no_size(studio: Any, httpserver: HTTPServer) -> None:
    studio.make(studio.contender(serve(httpserver, answer(studio.picture())), extra={"aspect_ratio": "1:1"}))
    assert "size" not in bodies(httpserver)[0]


@pytest.mark.parametrize(("named", "support"), [({}, "requested"), ({"seed": 7}, "echoed"), ({"seed": 1024}, "none")])
def test_seed_support_is_what_the_reply_shows(studio: Any, httpserver: HTTPServer, named: Any, support: str) -> None:
    url = serve(httpserver, answer(studio.picture(), **named))
    assert studio.make(studio.contender(url, seed_support="requested")).seed_support == support


def test_the_providers_words_are_kept_verbatim(studio: Any, httpserver: HTTPServer) -> None:
    content = answer(studio.picture(), inference_time_s=1.25, peak_memory_mb=512, stage_durations={"vae": 0.1})
    content["data"][0]["revised_prompt"] = "A fox, red — <b>bold</b>"
    url = serve(httpserver, content, headers={"x-request-id": "req_1", "openai-processing-ms": "1300"})
    outcome = studio.make(studio.contender(url))
    assert (outcome.request_id, outcome.revised_prompt) == ("req_1", "A fox, red — <b>bold</b>")
    assert outcome.provider_timings == {
        "inference_time_s": 1.25,
        "peak_memory_mb": 512,
        "stage_durations": {"vae": 0.1},
        "openai-processing-ms": "1300",
    }


def test_the_phases_add_up_to_the_whole(studio: Any, httpserver: HTTPServer) -> None:
    studio.clock.step = 0.001
    timing = studio.make(studio.contender(serve(httpserver, answer(studio.picture())))).timing
    assert timing.submit_seconds > 0
    assert timing.download_seconds > 0
    assert timing.seconds == pytest.approx(timing.submit_seconds + timing.download_seconds)


def test_the_second_picture_is_a_steady_call(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(serve(httpserver, answer(studio.picture())))
    generator = studio.generator()
    generator.open(model)
    calls = [generator.generate(studio.wanted(model, name)).call for name in ("r1", "r2", "r3")]
    assert calls == ["first", "steady", "steady"]


def test_a_cost_that_the_provider_reports_beats_the_list_price(studio: Any, httpserver: HTTPServer) -> None:
    url = serve(httpserver, answer(studio.picture(), usage={"cost_in_usd_ticks": 210_000_000}))
    outcome = studio.make(studio.contender(url))
    assert (outcome.cost_usd, outcome.cost_source) == (pytest.approx(0.021), "reported")
    assert studio.spending().settled == pytest.approx(0.021)


def test_the_intent_is_journalled_before_the_request_leaves(studio: Any, httpserver: HTTPServer) -> None:
    seen: list[int] = []

    def reply(request: Request) -> Response:
        seen.append(len(studio.intents))
        return Response(json.dumps(answer(studio.picture())), content_type="application/json")

    httpserver.expect_request(PATH).respond_with_handler(reply)
    studio.make(studio.contender(httpserver.url_for("/v1")))
    assert seen == [1]
    assert studio.intents[0][0] == "r1"
    assert len(studio.intents[0][1]) == 64


def test_without_an_intent_nothing_is_sent_and_nothing_is_reserved(studio: Any, httpserver: HTTPServer) -> None:
    class Full(RequestLog):
        def __call__(self, request: Any, request_digest: str) -> None:
            raise HalflifeError("the disk is full")

    generator = studio.generator(log_type=Full)
    model = studio.contender(serve(httpserver, answer(studio.picture())))
    generator.open(model)
    with pytest.raises(HalflifeError, match="disk is full"):
        generator.generate(studio.wanted(model))
    assert bodies(httpserver) == []
    assert studio.spending().reserved == 0


@pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
def test_a_refused_prompt_is_a_refusal_and_counts_as_charged(studio: Any, httpserver: HTTPServer, code: str) -> None:
    url = serve(httpserver, {"error": {"code": code, "message": "Not this one."}}, status=400)
    outcome = studio.make(studio.contender(url))
    assert (outcome.status, outcome.cost_usd, outcome.cost_source) == ("refused", 0.04, "bound")
    assert "Not this one." in outcome.reason
    assert len(bodies(httpserver)) == 1


def test_a_reply_without_a_picture_is_a_failure_and_no_refusal(studio: Any, httpserver: HTTPServer) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, {"created": 1, "data": []})))
    assert (outcome.status, outcome.cost_usd) == ("failed", 0.04)


def test_html_is_a_failure_with_its_type_named(studio: Any, httpserver: HTTPServer) -> None:
    outcome = studio.make(studio.contender(serve_raw(httpserver, "<html>Sign in</html>", kind="text/html")))
    assert outcome.status == "failed"
    assert outcome.reason == "Expected a reply in JSON, got 'text/html': Sign in"


@pytest.mark.parametrize("body", ["", "[1]", "{", '{"data": 3}', '{"data": [{}]}', '{"data": [{"b64_json": "%%"}]}'])
def test_a_reply_that_is_not_what_was_promised_is_a_failure(studio: Any, httpserver: HTTPServer, body: str) -> None:
    outcome = studio.make(studio.contender(serve_raw(httpserver, body)))
    assert (outcome.status, outcome.cost_usd) == ("failed", 0.04)
    assert outcome.reason.startswith("Expected ")


def test_deep_json_is_a_failure_and_no_crash(studio: Any, httpserver: HTTPServer) -> None:
    assert studio.make(studio.contender(serve_raw(httpserver, "[" * 200_000))).status == "failed"


def test_bytes_that_are_no_picture_are_a_failure(studio: Any, httpserver: HTTPServer) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, answer(b"<!DOCTYPE html><p>hello"))))
    assert outcome.status == "failed"
    assert "got an HTML page" in outcome.reason


def test_a_bomb_is_named_and_never_decoded(studio: Any, httpserver: HTTPServer) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, answer(studio.bomb()))))
    assert outcome.status == "failed"
    assert "30,000 × 30,000; not decoded" in outcome.reason
    assert outcome.data is None


def test_a_picture_over_the_byte_limit_is_a_failure(studio: Any, httpserver: HTTPServer) -> None:
    data = studio.picture() + bytes(3_000)
    outcome = studio.make(studio.contender(serve(httpserver, answer(data))), limits=DownloadLimits(picture_bytes=1_000))
    assert outcome.status == "failed"
    assert "at most 1,000 bytes" in outcome.reason


def test_an_endless_reply_is_cut_off(studio: Any, raw_server: Any) -> None:
    def flood(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(4_000):
            connection.sendall(bytes(65_536))

    server = raw_server(flood)
    outcome = studio.make(studio.contender(server.url), limits=DownloadLimits(picture_bytes=100_000))
    assert (outcome.status, server.posts) == ("failed", 1)
    assert "got more" in outcome.reason


def test_a_reply_in_a_compression_that_is_not_read_is_a_failure(studio: Any, raw_server: Any) -> None:
    server = raw_server(
        lambda connection: connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n\x0b\x80"
        )
    )
    outcome = studio.make(studio.contender(server.url))
    assert "got a compressed one" in outcome.reason
    assert outcome.unread == b"\x0b\x80"


def test_a_damaged_compressed_reply_is_kept_as_it_came(studio: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request(PATH).respond_with_data(b"\x1f\x8b no gzip", headers={"Content-Encoding": "gzip"})
    outcome = studio.make(studio.contender(httpserver.url_for("/v1")))
    assert (outcome.status, outcome.unread, outcome.cost_usd) == ("failed", b"\x1f\x8b no gzip", 0.04)


def test_a_picture_behind_a_url_in_a_compression_that_is_not_read_is_kept(studio: Any, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/p").respond_with_data(b"\x0b\x80", headers={"Content-Encoding": "br"})
    outcome = studio.make(studio.contender(serve(httpserver, {"data": [{"url": httpserver.url_for("/p")}]})))
    assert (outcome.status, outcome.unread, outcome.cost_usd) == ("failed", b"\x0b\x80", 0.04)


def test_401_names_the_variable_and_costs_nothing(studio: Any, httpserver: HTTPServer) -> None:
    url = serve(httpserver, {"error": {"message": f"Incorrect API key provided: {studio.secret}"}}, status=401)
    outcome = studio.make(studio.contender(url))
    assert outcome.status == "failed"
    assert outcome.reason == (
        "401: the server does not accept the key in the environment variable STUDIO_API_KEY: "
        "Incorrect API key provided: [secret]"
    )
    assert (outcome.cost_usd, studio.spending().reserved) == (0.0, 0.0)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_another_4xx_fails_once_with_the_providers_words(studio: Any, httpserver: HTTPServer, status: int) -> None:
    url = serve(httpserver, {"error": {"code": "bad", "message": "No such thing."}}, status=status)
    outcome = studio.make(studio.contender(url))
    assert (outcome.status, outcome.reason) == ("failed", f"{status}: bad No such thing.")
    assert len(bodies(httpserver)) == 1


def test_404_names_the_url_that_was_asked_and_costs_nothing(studio: Any, httpserver: HTTPServer) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, {"detail": "Not Found"}, status=404)))
    assert (outcome.cost_usd, outcome.lasting) == (0.0, True)
    assert outcome.reason == f"404: Not Found (asked: {httpserver.url_for(PATH)})"


def test_azure_gets_its_version_and_its_key_header(studio: Any, httpserver: HTTPServer) -> None:
    path = "/openai/deployments/painter/images/generations"
    httpserver.expect_request(path).respond_with_json(answer(studio.picture()))
    base = httpserver.url_for("/openai/deployments/painter")
    model = studio.contender(base, key_header="api-key", query={"api-version": "2025-04-01-preview"})
    assert studio.make(model).status == "ok"
    [sent] = [request for request, _ in httpserver.log]
    assert (sent.path, sent.query_string) == (path, b"api-version=2025-04-01-preview")
    assert sent.headers["api-key"] == studio.secret
    assert "Authorization" not in sent.headers


def test_an_unused_proxy_is_named_in_the_reason_and_its_password_is_not(studio: Any) -> None:
    studio.environ["HTTP_PROXY"] = "http://me:s3cret@127.0.0.1:9"
    outcome = studio.make(studio.contender("http://127.0.0.1:1/v1"))
    assert outcome.reason.endswith("The proxy of HTTP_PROXY is not used: requests go straight to base_url.")
    assert (outcome.status, outcome.lasting, outcome.cost_usd) == ("failed", True, 0.0)


def test_an_ipv6_server_and_its_pictures_are_asked_with_brackets_in_host(studio: Any) -> None:
    data = studio.picture()

    def reply(request: Request) -> Response:
        if request.method == "GET":
            return Response(data, content_type="image/png")
        content = {"data": [{"url": f"http://[0:0:0:0:0:0:0:1]:{server.port}/1.png"}]}
        return Response(json.dumps(content), content_type="application/json")

    with HTTPServer(host="::1") as server:
        server.expect_request(re.compile(".*")).respond_with_handler(reply)
        outcome = studio.make(studio.contender(f"http://[::1]:{server.port}/v1"))
        hosts = [request.headers["Host"] for request, _ in server.log]
    assert (outcome.status, outcome.data) == ("ok", data)
    assert hosts == [f"[::1]:{server.port}"] * 2


def test_429_waits_as_it_is_told_and_then_succeeds(studio: Any, httpserver: HTTPServer) -> None:
    for _ in range(2):
        httpserver.expect_ordered_request(PATH).respond_with_json({}, status=429, headers={"Retry-After": "17"})
    httpserver.expect_ordered_request(PATH).respond_with_json(answer(studio.picture()))
    outcome = studio.make(studio.contender(httpserver.url_for("/v1")))
    assert (outcome.status, studio.clock.waits) == ("ok", [17.0, 17.0])
    assert outcome.provider_timings == {"tries": 3, "waited_s": 34.0}
    assert outcome.timing.seconds < 17


def test_429_for_ever_is_left_planned_after_a_few_tries_and_costs_nothing(studio: Any, httpserver: HTTPServer) -> None:
    url = serve(httpserver, {"error": {"message": "Slow down."}}, status=429, headers={"Retry-After": "100"})
    with pytest.raises(LeftError, match=r"Declined 4 times, and planned as before\. 429"):
        studio.make(studio.contender(url))
    assert (studio.withdrawn, studio.spending().reserved) == (["r1"], 0)
    assert studio.clock.waits == [100.0, 100.0, 100.0]
    assert len(bodies(httpserver)) == 4


def test_a_provider_that_asks_for_hours_is_left_and_the_request_stays_planned(
    studio: Any, httpserver: HTTPServer
) -> None:
    url = serve(httpserver, {"error": {"message": "Daily limit."}}, status=429, headers={"Retry-After": "54749"})
    with pytest.raises(LeftError, match="come back in 15 h 13 min"):
        studio.make(studio.contender(url))
    assert (studio.withdrawn, studio.clock.waits, studio.spending().reserved) == (["r1"], [], 0)
    assert len(bodies(httpserver)) == 1


def test_503_that_says_when_to_come_back_is_tried_again(studio: Any, httpserver: HTTPServer) -> None:
    url = serve(httpserver, {"error": "warming up"}, status=503, headers={"Retry-After": "3"})
    with pytest.raises(LeftError, match="503"):
        studio.make(studio.contender(url))
    assert len(bodies(httpserver)) == 4


def test_a_429_that_created_something_is_never_sent_again(studio: Any, httpserver: HTTPServer) -> None:
    url = serve(httpserver, {"id": "job-1", "status": "queued"}, status=429)
    assert studio.make(studio.contender(url)).status == "unknown"
    assert len(bodies(httpserver)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_5xx_is_unknown_counts_as_spent_and_is_sent_once(studio: Any, httpserver: HTTPServer, status: int) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, {"error": {"message": "Oops"}}, status=status)))
    assert (outcome.status, outcome.cost_usd, outcome.cost_source) == ("unknown", 0.04, "bound")
    assert outcome.reason == f"{status}, outcome unknown, not sent again: Oops"
    assert len(bodies(httpserver)) == 1
    assert studio.spending().reserved == 0.04


def test_a_redirect_of_the_post_is_not_followed(studio: Any, httpserver: HTTPServer) -> None:
    elsewhere = httpserver.url_for("/elsewhere")
    httpserver.expect_request("/elsewhere").respond_with_json(answer(studio.picture()))
    outcome = studio.make(studio.contender(serve(httpserver, {}, status=307, headers={"Location": elsewhere})))
    assert outcome.status == "failed"
    assert "not followed" in outcome.reason
    assert len(httpserver.log) == 1


def test_silence_is_timed_out_and_never_asked_again(studio: Any, raw_server: Any) -> None:
    server = raw_server(lambda connection: connection.recv(1))
    outcome = studio.make(studio.contender(server.url, timeout_s=0.5))
    assert (outcome.status, server.posts) == ("timed-out", 1)
    assert "No whole reply within 0.5 s" in outcome.reason
    assert studio.spending().reserved == 0.04


def test_a_dripping_reply_ends_with_the_total_time(studio: Any, raw_server: Any) -> None:
    def drip(connection: Any) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(100_000):
            connection.sendall(b" ")

    server = raw_server(drip)
    studio.clock.step = 1.0
    outcome = studio.make(studio.contender(server.url, timeout_s=30.0))
    assert (outcome.status, server.posts) == ("timed-out", 1)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Type: app",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{",
        b"SSH-2.0-x\r\n",
    ],
)
def test_a_dropped_reply_is_unknown_and_never_asked_again(studio: Any, raw_server: Any, sent: bytes) -> None:
    server = raw_server(lambda connection: connection.sendall(sent))
    outcome = studio.make(studio.contender(server.url))
    assert (outcome.status, server.posts) == ("unknown", 1)
    assert "not sent again" in outcome.reason


def test_a_refused_connection_is_tried_a_few_times_and_costs_nothing(studio: Any, raw_server: Any) -> None:
    server = raw_server(lambda connection: None)
    server.close()
    outcome = studio.make(studio.contender(server.url))
    assert (outcome.status, outcome.cost_usd, studio.clock.waits) == ("failed", 0.0, [2.0, 4.0, 8.0])
    assert "No connection to 127.0.0.1" in outcome.reason


def test_a_name_that_does_not_resolve_is_a_failure(studio: Any) -> None:
    def nobody(host: str, port: int) -> tuple[str, ...]:
        raise OSError("no such host")

    studio.environment["resolver"] = nobody
    assert studio.make(studio.contender("https://painter.invalid/v1")).status == "failed"


def test_a_key_never_travels_unencrypted_to_a_public_host(studio: Any) -> None:
    studio.environment["resolver"] = lambda host, port: ("93.184.216.34",)
    outcome = studio.make(studio.contender("http://painter.example/v1"))
    assert outcome.status == "failed"
    assert "Expected an https base_url" in outcome.reason


def test_what_is_unknown_is_sent_again_only_when_the_user_says_so(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(serve(httpserver, {}, status=500))
    studio.make(model)
    assert studio.make(model).status == "unknown"
    assert len(bodies(httpserver)) == 1
    studio.make(model, terms=SpendingTerms(resend_unknown=True))
    assert len(bodies(httpserver)) == 2
    assert studio.spending().reserved == 0.08


def test_an_announced_request_of_a_dead_process_is_unknown_and_counts_as_spent(
    studio: Any, httpserver: HTTPServer
) -> None:
    model = studio.contender(serve(httpserver, answer(studio.picture())))
    outcome = studio.make(model, terms=SpendingTerms(submitted={"r1"}))
    assert (outcome.status, outcome.cost_usd) == ("unknown", 0.04)
    assert bodies(httpserver) == []
    assert studio.spending().reserved == 0.04


def test_a_picture_that_was_paid_for_is_not_paid_for_twice(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(serve(httpserver, answer(studio.picture())))
    assert [studio.make(model).status for _ in range(2)] == ["ok", "unknown"]
    assert len(bodies(httpserver)) == 1


KILLED = """
import sys
from pathlib import Path
from data.store.control import Control
from harness.budget import SpendingLedger
ledger = SpendingLedger(Control(Path(sys.argv[1])), run="run-1", cap_usd=1.0)
ledger.reserve("r1", "painter", usd=0.04)
print("submitted", flush=True)
sys.stdin.read()
"""


def test_after_a_kill_the_request_on_its_way_is_unknown_and_not_sent(studio: Any, httpserver: HTTPServer) -> None:
    root = Path(__file__).parents[5]
    command = [sys.executable, "-c", KILLED, str(studio.folder / "control.sqlite")]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"submitted\n"
        os.kill(process.pid, signal.SIGKILL)
    outcome = studio.make(studio.contender(serve(httpserver, answer(studio.picture()))))
    assert (outcome.status, outcome.cost_usd) == ("unknown", 0.04)
    assert bodies(httpserver) == []
    assert studio.spending().reserved == 0.04


def test_the_cap_stops_the_run_before_the_request(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(serve(httpserver, answer(studio.picture())))
    generator = studio.generator(cap=0.09)
    generator.open(model)
    made = [generator.generate(studio.wanted(model, name)).status for name in ("r1", "r2")]
    with pytest.raises(SpendingError, match=r"Expected at most \$0.09 spent, got \$0.08 spent"):
        generator.generate(studio.wanted(model, "r3"))
    assert (made, len(bodies(httpserver)), len(studio.intents)) == (["ok", "ok"], 2, 2)


def test_a_free_server_goes_through_the_ledger_with_a_cap_of_nothing(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(serve(httpserver, answer(studio.picture())), price=studio.free, credential_env=None)
    outcome = studio.make(model, cap=0.0)
    assert (outcome.status, outcome.cost_usd, outcome.cost_source) == ("ok", 0.0, "units-times-price")


def test_preflight_refuses_what_cannot_run(studio: Any) -> None:
    url = "http://127.0.0.1:1/v1"
    generator = studio.generator()
    with pytest.raises(SpendingError, match="Expected a price of 'painter', got none"):
        generator.preflight(studio.contender(url, price=None))
    with pytest.raises(ServiceError, match="Expected a key in the environment variable OTHER_KEY, got none"):
        generator.preflight(studio.contender(url, credential_env="OTHER_KEY"))
    with pytest.raises(HalflifeError, match="without n, which each request sets itself"):
        generator.preflight(studio.contender(url, extra={"n": 4}))
    with pytest.raises(SpendingError, match=r"Expected at most \$0.01 spent"):
        studio.generator(cap=0.01).preflight(studio.contender(url))
    with pytest.raises(SpendingError, match="Expected a cap"):
        studio.generator(cap=None)


def test_a_price_may_be_assumed_and_is_then_the_bound(studio: Any, httpserver: HTTPServer) -> None:
    model = studio.contender(serve(httpserver, answer(studio.picture())), price=None)
    outcome = studio.make(model, terms=SpendingTerms(assumed_usd=0.2))
    assert (outcome.cost_usd, outcome.cost_source) == (0.2, "bound")


def test_only_the_headers_that_the_call_needs_leave(
    studio: Any, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "OPENAI_ORG_ID": "org-1",
        "OPENAI_PROJECT_ID": "proj-1",
        "OPENAI_API_KEY": "sk-other-000000",
        "OPENAI_ADMIN_KEY": "sk-admin-000000",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer stolen\nX-Team: red",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    assert studio.make(studio.contender(serve(httpserver, answer(studio.picture())))).status == "ok"
    headers = httpserver.log[0][0].headers
    assert headers["Authorization"] == f"Bearer {studio.secret}"
    assert headers["Accept-Encoding"] == "identity"
    assert not {"X-Team", "Openai-Organization", "Openai-Project"} & set(headers.keys())


def test_the_secret_is_in_nothing_that_is_kept_or_shown(
    studio: Any, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    secret = studio.secret
    content = answer(studio.picture(), usage={f"key {secret}": secret}, stage_durations=[secret])
    content["data"][0]["revised_prompt"] = f"a fox with {secret}"
    url = serve(httpserver, content, headers={"x-request-id": secret, "openai-processing-ms": secret})
    with caplog.at_level("DEBUG"):
        generator = studio.generator()
        generator.open(studio.contender(url))
        outcome = generator.generate(studio.wanted(studio.contender(url)))
    assert outcome.status == "ok"
    assert secret not in repr((outcome, studio.intents, generator, vars(generator))) + caplog.text
    assert secret.encode() not in (studio.folder / "control.sqlite").read_bytes()


@pytest.mark.parametrize("status", [200, 400, 403, 429, 500])
def test_an_error_that_repeats_the_secret_is_scrubbed(studio: Any, httpserver: HTTPServer, status: int) -> None:
    message = f"Bearer {studio.secret} is wrong, see https://x.example/a?sig=abc"
    url = serve(httpserver, {"error": {"code": "bad", "message": message}}, status=status)
    try:
        reason = studio.make(studio.contender(url)).reason
    except LeftError as left:
        reason = left.reason
    assert studio.secret not in reason
    assert "sig=abc" not in reason


def test_a_closed_generator_keeps_no_key(studio: Any, httpserver: HTTPServer) -> None:
    generator = studio.generator()
    generator.open(studio.contender(serve(httpserver, answer(studio.picture()))))
    generator.close()
    generator.close()
    with pytest.raises(RuntimeError, match="Expected an opened generator"):
        generator.generate(studio.wanted(studio.contender("http://127.0.0.1:1/v1")))


def test_a_picture_by_url_is_fetched_from_the_configured_server_without_the_key(
    studio: Any, httpserver: HTTPServer
) -> None:
    data = studio.picture()
    httpserver.expect_request("/files/1.png").respond_with_data(data, content_type="image/png")
    url = serve(httpserver, {"created": 1, "data": [{"url": httpserver.url_for("/files/1.png") + "?sig=s3cret"}]})
    outcome = studio.make(studio.contender(url))
    assert (outcome.status, outcome.data) == ("ok", data)
    fetched = httpserver.log[1][0]
    assert "Authorization" not in fetched.headers
    assert fetched.query_string == b"sig=s3cret"


@pytest.mark.parametrize(
    "place",
    ["http://169.254.169.254/latest/meta-data", "https://10.0.0.1/a.png", "https://2130706433/", "file:///etc/passwd"],
)
def test_a_picture_at_a_private_place_is_a_failure_that_is_charged(
    studio: Any, httpserver: HTTPServer, place: str
) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, {"created": 1, "data": [{"url": place}]})))
    assert (outcome.status, outcome.cost_usd) == ("failed", 0.04)
    assert outcome.reason.startswith("Expected ")
    assert studio.spending().settled == 0.04


def test_a_data_url_is_taken_as_it_is(studio: Any, httpserver: HTTPServer) -> None:
    data = studio.picture(kind="WEBP")
    place = "data:image/webp;base64," + base64.b64encode(data).decode()
    outcome = studio.make(studio.contender(serve(httpserver, {"created": 1, "data": [{"url": place}]})))
    assert (outcome.data, outcome.media_type) == (data, "image/webp")


@pytest.mark.parametrize(
    ("status", "words"), [(429, "You exceeded your current quota"), (402, "Pay"), (400, "Argument not supported: size")]
)
def test_what_waiting_never_mends_is_free_and_sent_once(
    studio: Any, httpserver: HTTPServer, status: int, words: str
) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, {"error": {"message": words}}, status=status)))
    assert (outcome.status, outcome.cost_usd, outcome.lasting) == ("failed", 0.0, True)
    assert words in outcome.reason
    assert len(bodies(httpserver)) == 1
    assert studio.spending().reserved == 0


def test_an_errors_id_is_no_creation(studio: Any, httpserver: HTTPServer) -> None:
    busy = {"id": "too_many_requests", "message": "API rate limit exceeded."}
    httpserver.expect_ordered_request(PATH).respond_with_json(busy, status=429, headers={"Retry-After": "1"})
    httpserver.expect_ordered_request(PATH).respond_with_json(answer(studio.picture()))
    assert studio.make(studio.contender(httpserver.url_for("/v1"))).status == "ok"


@pytest.mark.parametrize(
    "place", ["/v1/images/req-1/content", "images/req-1/content", "//{host}/v1/images/req-1/content"]
)
def test_a_url_is_relative_to_the_server_that_it_came_from(studio: Any, httpserver: HTTPServer, place: str) -> None:
    data = studio.picture()
    httpserver.expect_request("/v1/images/req-1/content").respond_with_data(data)
    place = place.format(host=f"{httpserver.host}:{httpserver.port}")
    assert studio.make(studio.contender(serve(httpserver, {"data": [{"url": place, "b64_json": None}]}))).data == data


def test_a_task_is_asked_for_until_its_picture_is_there(studio: Any, httpserver: HTTPServer) -> None:
    data = studio.picture()
    task = {"id": "task_1", "status": "queued"}
    httpserver.expect_ordered_request(PATH).respond_with_json(task, status=202, headers={"Location": "/v1/tasks/1"})
    httpserver.expect_ordered_request("/v1/tasks/1").respond_with_json({**task, "status": "in_progress"})
    httpserver.expect_ordered_request("/v1/tasks/1").respond_with_json({**task, "status": "done", **answer(data)})
    outcome = studio.make(studio.contender(httpserver.url_for("/v1")))
    assert (outcome.status, outcome.data, studio.clock.waits) == ("ok", data, [1.0])
    assert httpserver.log[1][0].headers["Authorization"] == f"Bearer {studio.secret}"


@pytest.mark.parametrize(
    "content",
    [
        {"id": "task_1", "status": "queued", "status_url": "https://elsewhere.example/task_1"},
        {"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]},
        {"data": {"status": "submitted", "task_id": "task_1"}},
    ],
)
def test_a_task_that_cannot_be_asked_for_is_unknown_with_its_id(
    studio: Any, httpserver: HTTPServer, content: Any
) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, content)))
    assert (outcome.status, outcome.request_id, outcome.cost_usd) == ("unknown", "task_1", 0.04)
    assert "task task_1" in outcome.reason
    assert (studio.spending().reserved, len(httpserver.log)) == (0.04, 1)


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"\x00\x00\x00\x1cftypheic", b"\x00\x00\x00\x1cftypavif"])
def test_bytes_that_were_paid_for_are_kept_where_they_cannot_be_read(
    studio: Any, httpserver: HTTPServer, data: bytes
) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, answer(data))))
    assert (outcome.status, outcome.unread) == ("failed", data)


def test_a_reply_that_cannot_be_read_is_kept_without_the_key(studio: Any, httpserver: HTTPServer) -> None:
    body = f"picture: {studio.secret}"
    outcome = studio.make(studio.contender(serve_raw(httpserver, body, kind="text/plain")))
    assert (outcome.status, outcome.unread) == ("failed", b"picture: [secret]")


@pytest.mark.parametrize("flags", [{"has_nsfw_concepts": [True]}, {"result": {"finishReason": "IMAGE_SAFETY"}}])
def test_a_picture_that_the_provider_flags_is_refused_and_kept(studio: Any, httpserver: HTTPServer, flags: Any) -> None:
    data = studio.picture()
    outcome = studio.make(studio.contender(serve(httpserver, answer(data, **flags))))
    assert (outcome.status, outcome.unread, outcome.cost_usd) == ("refused", data, 0.04)


@pytest.mark.parametrize(
    "flags", [{"data": [], "has_nsfw_concepts": [True]}, {"promptFeedback": {"blockReason": "SAFETY"}}]
)
def test_an_answer_without_a_picture_that_is_flagged_is_refused(
    studio: Any, httpserver: HTTPServer, flags: dict[str, Any]
) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, flags)))
    assert outcome.status == "refused"
    assert "the provider flags its answer" in outcome.reason


def test_bare_bytes_that_a_header_flags_are_refused(studio: Any, httpserver: HTTPServer) -> None:
    data = studio.picture()
    httpserver.expect_request(PATH).respond_with_data(
        data, content_type="image/png", headers={"finish-reason": "CONTENT_FILTERED"}
    )
    outcome = studio.make(studio.contender(httpserver.url_for("/v1")))
    assert (outcome.status, outcome.unread) == ("refused", data)


def test_a_compressed_reply_is_read(studio: Any, httpserver: HTTPServer) -> None:
    data = studio.picture()
    body = gzip.compress(json.dumps(answer(data)).encode())
    httpserver.expect_request(PATH).respond_with_data(body, headers={"Content-Encoding": "gzip"})
    assert studio.make(studio.contender(httpserver.url_for("/v1"))).data == data


def test_a_compressed_bomb_is_cut_off(studio: Any, httpserver: HTTPServer) -> None:
    body = gzip.compress(bytes(30_000_000))
    httpserver.expect_request(PATH).respond_with_data(body, headers={"Content-Encoding": "gzip"})
    url = httpserver.url_for("/v1")
    outcome = studio.make(studio.contender(url), limits=DownloadLimits(picture_bytes=100_000))
    assert outcome.status == "failed"
    assert "got more" in outcome.reason


def test_a_reported_nothing_does_not_beat_a_declared_price(studio: Any, httpserver: HTTPServer) -> None:
    url = serve(httpserver, answer(studio.picture()), headers={"x-litellm-response-cost": "0.0"})
    outcome = studio.make(studio.contender(url))
    assert (outcome.cost_usd, outcome.cost_source, studio.spending().settled) == (0.04, "units-times-price", 0.04)
    free = studio.contender(url, price=studio.free)
    outcome = studio.make(free, studio.wanted(free, "r2"))
    assert (outcome.cost_usd, outcome.cost_source) == (0.0, "reported")


def test_billed_units_are_priced(studio: Any, httpserver: HTTPServer) -> None:
    url = serve(httpserver, answer(studio.picture()), headers={"x-fal-billable-units": "1.5"})
    outcome = studio.make(studio.contender(url))
    assert (outcome.cost_usd, outcome.cost_source) == (pytest.approx(0.06), "units-times-price")


@pytest.mark.parametrize("claimed", [10_000, "1e400", -0.02, "NaN"])
def test_a_claim_far_over_the_price_is_kept_and_the_price_is_charged(
    studio: Any, httpserver: HTTPServer, claimed: Any
) -> None:
    url = serve(httpserver, answer(studio.picture(), usage={"cost": claimed}))
    outcome = studio.make(studio.contender(url))
    assert (outcome.status, outcome.cost_usd, outcome.cost_source) == ("ok", 0.04, "units-times-price")
    assert outcome.provider_timings["cost_claim"] == str(claimed)
    assert studio.spending().settled == 0.04


def test_a_reply_without_a_picture_costs_what_it_says(studio: Any, httpserver: HTTPServer) -> None:
    outcome = studio.make(studio.contender(serve(httpserver, {"data": [], "usage": {"cost": 0.01}})))
    assert (outcome.status, outcome.cost_usd, outcome.cost_source) == ("failed", 0.01, "reported")


def test_a_picture_is_charged_by_the_size_that_came(studio: Any, httpserver: HTTPServer) -> None:
    charge = Charge(unit="megapixel", usd=10.0)
    price = Price(charges=(charge,), as_of=studio.free.as_of, source="a list")
    outcome = studio.make(studio.contender(serve(httpserver, answer(studio.picture(128, 48))), price=price))
    assert (outcome.cost_usd, outcome.cost_source) == (pytest.approx(0.06144), "units-times-price")


def test_where_the_usage_is_absent_the_bound_is_charged_and_said(studio: Any, httpserver: HTTPServer) -> None:
    charge = Charge(unit="output-token", usd=0.001, most=50.0)
    price = Price(charges=(charge,), as_of=studio.free.as_of, source="a list")
    outcome = studio.make(studio.contender(serve(httpserver, answer(studio.picture())), price=price))
    assert (outcome.cost_usd, outcome.cost_source) == (0.05, "bound")


def echoed(secret: str, limit: int, cut: int) -> str:
    """A text in which a limit of letters cuts the key after `cut` of its own."""
    return "x " * ((limit - cut) // 2) + secret + " and so on" * 400


@pytest.mark.parametrize("cut", [0, 4, 7, 12])
def test_a_key_that_a_server_echoes_leaves_no_part_where_texts_are_cut(
    cut: int, studio: Any, httpserver: HTTPServer
) -> None:
    secret = studio.secret
    headers = {"x-request-id": "r" * (200 - cut) + secret}
    for limit in (300, 2_000, 4_000):
        httpserver.clear()
        words = {"error": {"message": echoed(secret, limit, cut), "code": echoed(secret, 100, cut)}}
        model = studio.contender(serve(httpserver, words, status=400, headers=headers))
        outcome = studio.make(model, studio.wanted(model, f"of-{limit}"))
        assert outcome.status == "failed"
        said = f"{outcome.reason} {outcome.request_id}"
        assert not any(secret[i : i + 4] in said for i in range(len(secret) - 3)), said
    httpserver.clear()
    revised = {"data": [{"b64_json": answer(studio.picture())["data"][0]["b64_json"]}]}
    revised["data"][0]["revised_prompt"] = echoed(secret, 32_000, cut)
    url = serve(httpserver, revised | {"stage_durations": {echoed(secret, 100, cut): secret[:9]}}, headers=headers)
    outcome = studio.make(studio.contender(url), studio.wanted(studio.contender(url), "of-revised"))
    assert outcome.status == "ok"
    said = f"{outcome.revised_prompt} {outcome.provider_timings} {outcome.request_id}"
    assert not any(secret[i : i + 4] in said for i in range(len(secret) - 3))
