"""What a reply says, whatever it holds; all of it can be journalled."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.media import sniff
from data.serialization import canonical
from harness.remote.adapters.openai_images.response import read_reply
from harness.remote.error_reply import read_error
from harness.remote.reply import DeclinedError, ReplyError, storable

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

JSON = {"content-type": "application/json; charset=utf-8"}
TEXT = st.text(st.characters(codec=None, categories=None), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def reply(**content: Any) -> Any:
    data = [{"b64_json": base64.b64encode(b"abc").decode(), **content.pop("item", {})}]
    return read_reply(json.dumps({"data": data, **content}).encode(), JSON, 1_000)


@CALM
@given(VALUES)
def test_whatever_the_provider_says_can_be_journalled(value: Any) -> None:
    assert canonical(storable(value))


@CALM
@given(VALUES, VALUES, VALUES, VALUES)
def test_no_field_of_any_kind_makes_reading_fail(timing: Any, prompt: Any, seed: Any, usage: Any) -> None:
    answer = reply(inference_time_s=timing, seed=seed, usage=usage, item={"revised_prompt": prompt})
    assert answer.data == b"abc"
    assert canonical({"timings": answer.timings, "prompt": answer.revised_prompt})


@CALM
@given(st.binary(max_size=300).filter(lambda body: sniff(body) is None))
def test_no_bytes_make_reading_fail_otherwise(body: bytes) -> None:
    with pytest.raises((ReplyError, DeclinedError)):
        read_reply(body, JSON, 1_000)
    assert read_error(body).created in (True, False)


def test_numbers_that_json_cannot_hold_become_nothing_or_text() -> None:
    assert storable([float("inf"), float("nan"), 2**60, "\ud800"]) == [None, None, str(2**60), "?"]


def test_nan_in_the_reply_becomes_none() -> None:
    body = b'{"data": [{"b64_json": "YWJj"}], "stage_durations": {"vae": NaN, "unet": 1e999}}'
    assert read_reply(body, JSON, 10).timings == {"stage_durations": {"vae": None, "unet": None}}


def test_endless_timings_are_left_out_and_say_so() -> None:
    assert reply(stage_durations=["x" * 100] * 200).timings == {"left_out": "more than 8,000 letters"}


def test_base64_over_the_limit_is_refused_before_it_is_decoded() -> None:
    body = json.dumps({"data": [{"b64_json": "A" * 4_000}]}).encode()
    assert read_reply(body, JSON, 3_000).data == bytes(3_000)
    with pytest.raises(ReplyError, match="at most 2,997 bytes, got a longer one; not decoded"):
        read_reply(body, JSON, 2_997)


def test_an_error_inside_a_200_is_what_its_code_says() -> None:
    def meaning(code: str) -> tuple[str, bool]:
        with pytest.raises(DeclinedError, match=f"status 200: {code} no") as caught:
            read_reply(json.dumps({"error": {"code": code, "message": "no"}}).encode(), JSON, 10)
        return caught.value.error.kind, caught.value.error.free

    assert meaning("moderation_blocked") == ("refused", False)
    assert meaning("insufficient_quota") == ("failed", True)
    with pytest.raises(ReplyError, match="got status 200 with: odd no"):
        read_reply(b'{"error": {"code": "odd", "message": "no"}}', JSON, 10)


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", ""])
def test_json_is_read_under_any_type(kind: str) -> None:
    assert read_reply(b'{"data": [{"b64_json": "YWJj"}]}', {"content-type": kind}, 10).data == b"abc"


@pytest.mark.parametrize(
    "encoded", ["YW\nJj\r\n", " YWJj ", "data:image/png;base64,YWJj", "data:image/png;base64, YW Jj"]
)
def test_base64_is_read_with_white_space_and_prefixes(encoded: str) -> None:
    assert read_reply(json.dumps({"data": [{"b64_json": encoded}]}).encode(), JSON, 10).data == b"abc"


@pytest.mark.parametrize(("encoded", "data"), [("_-8", b"\xff\xef"), ("YQ", b"a")])
def test_base64_is_read_in_the_other_alphabet_and_without_padding(encoded: str, data: bytes) -> None:
    assert read_reply(json.dumps({"data": [{"b64_json": encoded}]}).encode(), JSON, 10).data == data


def test_of_more_pictures_than_were_asked_the_first_is_kept_and_it_is_said() -> None:
    pictures = [{"b64_json": base64.b64encode(name).decode()} for name in (b"one", b"two")]
    answer = read_reply(json.dumps({"data": pictures}).encode(), JSON, 10)
    assert (answer.data, answer.timings) == (b"one", {"pictures": 2})


@pytest.mark.parametrize(
    "content",
    [
        {"images": [{"url": "https://x.example/a"}]},
        {"data": {"url": "https://x.example/a"}},
        {"output": ["https://x.example/a"]},
        [{"url": "https://x.example/a"}],
        {"status": "succeeded", "output": {"images": [{"url": "https://x.example/a"}]}},
        {"data": {"status": "completed", "result": {"images": [{"url": ["https://x.example/a"]}]}}},
        {"status": "Ready", "result": {"sample": "https://x.example/a"}},
    ],
)
def test_the_picture_is_found_where_gateways_put_it(content: Any) -> None:
    assert read_reply(json.dumps(content).encode(), JSON, 10).url == "https://x.example/a"


def test_a_picture_instead_of_json_is_the_picture() -> None:
    assert read_reply(b"\xff\xd8\xff\xe0", {"content-type": "image/jpeg"}, 10).data == b"\xff\xd8\xff\xe0"
