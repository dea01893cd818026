"""Why a request was declined, behind the gateways that people use."""

import json
from typing import Any

import pytest

from harness.remote.error_causes import cause_of
from harness.remote.error_reply import read_error


def cause(status: int, content: Any) -> str:
    return cause_of(status, read_error(json.dumps(content).encode()))


REFUSALS: list[tuple[int, Any]] = [
    (
        400,
        {
            "error": {
                "message": "OpenAIException - Your request was rejected as a result of our safety system.",
                "code": "400",
            }
        },
    ),
    (
        400,
        {
            "error": {
                "message": "filtered",
                "code": "400",
                "provider_specific_fields": {"innererror": {"code": "ResponsibleAIPolicyViolation"}},
            }
        },
    ),
    (400, {"error": {"code": "contentFilter", "message": "failed"}}),
    (400, {"error": {"message": "blocked", "type": "content_policy_violation", "code": 400}}),
    (422, {"detail": [{"loc": ["body", "prompt"], "msg": "flagged", "type": "content_policy_violation"}]}),
    (
        400,
        [
            {
                "error": {
                    "code": 400,
                    "status": "FAILED_PRECONDITION",
                    "message": "blocked",
                    "details": [{"reason": "PROHIBITED_CONTENT"}],
                }
            }
        ],
    ),
    (403, {"error": "Content violates usage guidelines. Team: t, API key ID: k, Failed check: SAFETY_CHECK_TYPE_BIO"}),
    (
        403,
        {
            "id": "8f",
            "name": "content_moderation",
            "errors": ["Your request was flagged by our content moderation system"],
        },
    ),
    (400, {"code": "DataInspectionFailed", "message": "Input data may contain inappropriate content."}),
]
OTHERS: list[tuple[int, Any, str]] = [
    (429, {"error": {"type": "insufficient_quota", "code": "insufficient_quota", "message": "x"}}, "unpaid"),
    (
        429,
        {
            "error": {
                "type": "throttling_error",
                "code": "429",
                "message": "litellm.RateLimitError: You exceeded your current quota",
            }
        },
        "unpaid",
    ),
    (402, {"error": {"message": "Insufficient credits", "code": 402}}, "unpaid"),
    (403, {"detail": "User is locked. Reason: Exhausted balance. Top up your balance"}, "unpaid"),
    (
        429,
        {"error": {"code": "rate_limit_exceeded", "message": "Slow down; add a payment method under billing."}},
        "other",
    ),
    (429, [{"error": {"code": 429, "message": "You exceeded your current quota. Please retry in 32s"}}], "other"),
    (401, {"error": {"message": "no"}}, "unauthorised"),
    (403, {"error": {"message": "Your organization violates our policy and must be verified"}}, "unauthorised"),
    (400, [{"error": {"message": "API key not valid", "details": [{"reason": "API_KEY_INVALID"}]}}], "unauthorised"),
    (400, {"code": "400", "error": "Argument not supported: size"}, "unsupported"),
    (400, {"error": {"message": "Unknown parameter: 'moderation'.", "code": "unknown_parameter"}}, "unsupported"),
    (
        422,
        {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}]},
        "unsupported",
    ),
    (404, {"detail": "Not Found"}, "not-found"),
    (400, {"error": {"message": "No data"}}, "other"),
    (400, {"error": {"message": "The prompt is too long."}}, "other"),
]


@pytest.mark.parametrize(("status", "content"), REFUSALS)
def test_refusals_are_recognised_behind_gateways(status: int, content: Any) -> None:
    assert cause(status, content) == "refused"


@pytest.mark.parametrize(("status", "content", "expected"), OTHERS)
def test_what_is_no_refusal_is_told_apart(status: int, content: Any, expected: str) -> None:
    assert cause(status, content) == expected
