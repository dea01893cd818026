"""What a provider's flags say of a picture: refused in any shape, and never for what is no verdict."""

from typing import Any

import pytest

from harness.remote.adapters.openai_images.flags import flagged

PICTURE = {"b64_json": "aGFsZg=="}


def of(content: dict[str, Any], headers: dict[str, str] | None = None, **beside: Any) -> str | None:
    picture = PICTURE | beside
    return flagged({"data": [picture, PICTURE | {"nsfw": True}], **content}, picture, headers or {})


@pytest.mark.parametrize(
    "content",
    [
        {"has_nsfw_concepts": [True]},
        {"has_nsfw_concepts": True},
        {"hasNsfwConcepts": ["true"]},
        {"nsfw_content_detected": [1]},
        {"has_nsfw_contents": [True]},
        {"possible_nsfw": True},
        {"finish_reason": "CONTENT_FILTERED"},
        {"finish_reasons": ["Filter reason: output image"]},
        {"respect_moderation": False},
        {"result": {"meta": {"moderated": True}}},
        {"promptFeedback": {"blockReason": "SAFETY"}},
        {"prompt_filter_results": [{"content_filter_results": {"sexual": {"filtered": True, "severity": "high"}}}]},
    ],
)
def test_a_flag_around_the_picture_is_read(content: dict[str, Any]) -> None:
    assert of(content) is not None


@pytest.mark.parametrize(
    "beside",
    [
        {"nsfw": True},
        {"NSFWContent": True},
        {"is_image_safe": False},
        {"finishReason": "IMAGE_SAFETY"},
        {"raiFilteredReason": "Support codes: 58061214"},
        {"content_filter_results": {"violence": {"filtered": True}}},
        {"moderation_status": "content_moderated"},
    ],
)
def test_a_flag_beside_the_picture_is_read(beside: dict[str, Any]) -> None:
    assert of({}, **beside) is not None


@pytest.mark.parametrize(
    "content",
    [
        {"has_nsfw_concepts": [False]},
        {"has_nsfw_concepts": [False, True]},
        {"has_nsfw_concepts": []},
        {"nsfw": None, "nsfw_score": 0.93},
        {"finish_reason": "SUCCESS", "finish_reasons": [None], "status": "completed"},
        {"enable_safety_checker": True, "nsfw_filter": True, "parameters": {"moderation": "low", "safe": True}},
        {"prompt_filter_results": [{"content_filter_results": {"sexual": {"filtered": False, "severity": "safe"}}}]},
    ],
)
def test_what_is_no_verdict_on_the_picture_refuses_nothing(content: dict[str, Any]) -> None:
    assert of(content) is None


def test_a_flag_in_a_header_is_read() -> None:
    assert flagged({}, {}, {"finish-reason": "CONTENT_FILTERED"}) == "finish-reason CONTENT_FILTERED"
    assert flagged({}, {}, {"finish-reason": "SUCCESS", "content-type": "image/png"}) is None


def test_a_reply_may_be_nested_without_end() -> None:
    nested: dict[str, Any] = {}
    for _ in range(10_000):
        nested = {"a": nested}
    assert of(nested) is None
