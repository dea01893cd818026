"""What replies say about money, in the words of many providers."""

from typing import Any

import pytest

from harness.remote.usage import read_bill, read_counts

OPENAI = {
    "input_tokens": 60,
    "input_tokens_details": {"text_tokens": 20, "image_tokens": 40},
    "output_tokens": 6240,
    "total_tokens": 6300,
}
GEMINI = {
    "promptTokenCount": 10,
    "candidatesTokenCount": 1290,
    "thoughtsTokenCount": 200,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
    "totalTokenCount": 1500,
}


@pytest.mark.parametrize(
    ("content", "cost"),
    [
        ({"usage": {"cost_in_usd_ticks": 210_000_000}}, 0.021),
        ({"usage": {"cost": 0.0387}}, 0.0387),
        ({"usage": {"total_cost": 2}}, 2),
        ({"data": [{"url": "https://a", "cost": 0.006}]}, 0.006),
        ({"inference_status": {"cost": 0.0005}}, 0.0005),
        ({"meta": {"usd_spent": 0.1}}, 0.1),
    ],
)
def test_a_cost_in_dollars_is_found_where_providers_put_it(content: Any, cost: float) -> None:
    assert read_bill(content, {}).costs == [pytest.approx(cost)]


def test_headers_of_gateways_name_costs_and_units() -> None:
    said = read_bill({}, {"x-litellm-response-cost": "0.003", "x-fal-billable-units": "2"})
    assert (said.costs, said.units) == (["0.003"], 2.0)


@pytest.mark.parametrize("header", ["-1", "nan", "inf", "many", "0", "1e13"])
def test_units_that_count_nothing_are_no_units(header: str) -> None:
    assert read_bill(None, {"x-fal-billable-units": header}).units is None


def test_costs_that_are_no_numbers_are_none() -> None:
    assert read_bill({"usage": {"cost": True, "total_cost": {"a": 1}, "cost_usd": None}}, {}).costs == []


def test_tokens_are_told_apart_by_direction_and_kind() -> None:
    counts = read_counts({"usage": OPENAI})
    assert {unit: int(count) for unit, count in counts.items()} == {
        "token": 6300,
        "input-token": 60,
        "input-text-token": 20,
        "input-image-token": 40,
        "output-token": 6240,
        "output-image-token": 6240,
        "output-text-token": 0,
    }


def test_gemini_counts_thoughts_as_output() -> None:
    counts = read_counts({"usageMetadata": GEMINI})
    assert (counts["output-token"], counts["output-image-token"], counts["output-text-token"]) == (1490, 1290, 200)


def test_chat_replies_name_their_tokens_otherwise() -> None:
    counts = read_counts({"usage": {"prompt_tokens": 10, "completion_tokens": 1290}})
    assert (counts["token"], counts["input-text-token"], counts["output-token"]) == (1300, 10, 1290)


@pytest.mark.parametrize("count", [-1, True, "6240", None, float("nan"), 1e400, 10**400])
def test_a_count_that_is_none_is_absent(count: Any) -> None:
    assert read_counts({"usage": {"output_tokens": count}}) == {}


@pytest.mark.parametrize(
    "content", [{"metrics": {"predict_time": 2.5}}, {"timings": {"inference": 2.5}}, {"inference_time_s": 2.5}]
)
def test_gpu_seconds_are_what_the_provider_measured(content: Any) -> None:
    assert read_counts(content)["gpu-second"] == 2.5


def test_dollars_of_a_usage_are_no_credits() -> None:
    assert "credit" not in read_counts({"usage": {"cost": 0.04}})


@pytest.mark.parametrize("content", [{"credits_used": 4}, {"usage": {"credits": 4}}, {"cost": 4}])
def test_credits_are_counted(content: Any) -> None:
    assert read_counts(content)["credit"] == 4.0
