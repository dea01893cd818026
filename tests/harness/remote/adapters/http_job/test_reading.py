"""What a reply says by its spec, and what is sent: pure, without a server."""

import json
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.provider_faults import contender, shipped
from benchmarks.provider_loopback import MODEL
from data.errors import HalflifeError
from data.vocabulary import Model, Request
from harness.remote.adapters.http_job.reading import Reply, cost_of, declined, kept_facts, progress_of, seed_of
from harness.remote.adapters.http_job.request import check_settings, remote_source, request_body
from harness.remote.usage import read_counts, read_units

SPECS = shipped()


def said(content: Any, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(content=content, body=json.dumps(content).encode(), headers=named)


def asked(model: Model, **changes: Any) -> Request:
    fields = {"id": "r1", "model": model.id, "prompt": "p1", "text": "a red fox", "category": "one", "seed": 7}
    return Request(**{**fields, "settings": model.settings, **changes})


@pytest.mark.parametrize(
    ("name", "content", "progress", "words"),
    [
        ("bfl", {"status": "Request Moderated"}, "refused", "Refused: Request Moderated."),
        ("bfl", {"status": "pending"}, "queued", None),
        ("fal", {"status": "COMPLETED", "error": "out of memory"}, "failed", "out of memory"),
        ("fal", {"status": "COMPLETED"}, "completed", None),
        ("kling", {"code": 0, "data": {"task_status": "processing"}}, "running", None),
        ("kling", {"code": 1301, "message": "no", "data": {"task_status": "failed"}}, "refused", "Refused (1301): no"),
        ("kling", {"code": 5000, "message": "oh"}, "failed", "Failed (5000): oh"),
        (
            "minimax",
            {"task": {"status": "failed", "error": {"message": "sensitive content (1026)"}}},
            "refused",
            "1026",
        ),
        ("xai-video", {"status": "done", "video": {"respect_moderation": False}}, "refused", "Refused"),
        ("runway", {"status": "FAILED", "failure": "no", "failureCode": "SAFETY.INPUT.TEXT"}, "refused", "SAFETY"),
        ("runway", {"status": "THROTTLED"}, "queued", None),
        ("luma", {"state": "failed", "failure_reason": "no frames"}, "failed", "no frames"),
        ("replicate", {"status": "canceled"}, "cancelled", "Cancelled: canceled."),
        ("replicate", {"status": "meditating"}, "running", "'meditating', which is not known"),
        ("replicate", [], "unreachable", "a reply without a status"),
    ],
)
def test_each_providers_words_have_one_meaning(name: str, content: Any, progress: str, words: str | None) -> None:
    state = progress_of(SPECS[name], said(content))
    assert state.progress == progress
    assert words in state.reason if words and state.reason else state.reason is None


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("stability", {"finish_reason": "CONTENT_FILTERED", "image": "aGFsZg"}, "refused"),
        ("ideogram", {"data": [{"is_image_safe": False, "url": None}]}, "refused"),
        ("kling", {"code": 1302, "message": "too fast"}, "busy"),
        ("ark-seedream", {"error": {"code": "InternalError", "message": "oh"}}, "failed"),
    ],
)
def test_a_refusal_inside_a_good_status_is_one(name: str, content: Any, kind: str) -> None:
    error = declined(SPECS[name], said(content))
    assert error is not None
    assert (error.kind, error.free) == (kind, kind == "busy")


def test_money_is_read_in_the_providers_own_units() -> None:
    ticks = said({"usage": {"cost_in_usd_ticks": 5_000_000_000}})
    assert cost_of(SPECS["xai-video"], ticks) == pytest.approx(0.5)
    assert cost_of(SPECS["recraft"], said({"credits": 40})) == pytest.approx(0.04)
    assert read_counts(kept_facts(SPECS["bfl"], [said({"id": "1", "cost": 4.5}), said({})]))["credit"] == 4.5
    assert read_units(kept_facts(SPECS["fal"], [said({}, x_fal_billable_units="2")])) == 2.0
    tokens = kept_facts(SPECS["ark-seedance"], [said({"usage": {"completion_tokens": 246_840}})])
    assert read_counts(tokens)["output-token"] == 246_840


def test_the_seed_is_read_from_any_of_the_replies() -> None:
    replies = [said({"id": "1"}), said({"result": {"seed": 7}})]
    assert seed_of(SPECS["bfl"], replies) == 7
    assert seed_of(SPECS["bfl"], replies[:1]) is None


def test_a_body_holds_what_the_settings_say_and_leaves_out_what_they_do_not() -> None:
    model = contender(SPECS["kling"], "http://127.0.0.1:1")
    body = request_body(SPECS["kling"], asked(model), remote_source(model))
    named = {"model_name": MODEL, "prompt": "a red fox", "duration": "5", "aspect_ratio": "16:9"}
    assert body == {**named, "external_task_id": "r1"}


def test_extra_settings_go_where_the_spec_says() -> None:
    model = contender(SPECS["replicate"], "http://127.0.0.1:1")
    extra = replace(model.settings, extra={"go_fast": True})
    body = request_body(SPECS["replicate"], asked(model, settings=extra), remote_source(model))
    assert body == {"input": {"prompt": "a red fox", "seed": 7, "go_fast": True}}


def test_a_ratio_that_the_provider_does_not_take_is_a_sentence() -> None:
    model = contender(SPECS["kling"], "http://127.0.0.1:1")
    odd = replace(model, settings=replace(model.settings, width=1000, height=777))
    with pytest.raises(HalflifeError, match=r"ratio out of 16:9, 9:16, 1:1, got 1000x777"):
        check_settings(SPECS["kling"], odd)
