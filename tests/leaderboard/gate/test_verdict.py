"""A check fails by the end of its interval that the rule asks about."""

import pytest

from leaderboard.gate.verdict import Check, Reading, exit_code


def check(low, high, *, limit, at_least=False):
    reading = Reading(estimate=1.0, low=low, high=high, n=9, of="call")
    return Check(
        model="m", quantity="latency", subject="p95", reading=reading, limit=limit, at_least=at_least, unit="s"
    )


@pytest.mark.parametrize(
    ("low", "high", "limit", "at_least", "standing"),
    [
        (1.0, 2.0, 2.0, False, "kept"),
        (1.0, 2.1, 2.0, False, "unsure"),
        (2.0, 2.1, 2.0, False, "unsure"),
        (2.01, 2.1, 2.0, False, "broken"),
        (1.0, None, 2.0, False, "unsure"),
        (2.1, None, 2.0, False, "broken"),
        (None, 1.9, 2.0, False, "kept"),
        (1.0, 2.0, 1.0, True, "kept"),
        (0.9, 2.0, 1.0, True, "unsure"),
        (0.1, 0.9, 1.0, True, "broken"),
        (None, None, 1.0, True, "unknown"),
    ],
)
def test_both_ends_decide(low, high, limit, at_least, standing):
    judged = check(low, high, limit=limit, at_least=at_least)
    assert judged.standing == standing
    assert judged.fails("surely-broken") is (standing == "broken")
    assert judged.fails("not-surely-kept") is (standing in ("broken", "unsure"))


def test_a_failure_counts_more_than_missing_evidence():
    kept, broken, unknown = check(1, 1, limit=2), check(3, 3, limit=2), check(None, None, limit=2)
    codes = [exit_code(checks, "surely-broken") for checks in ([kept], [kept, unknown], [unknown, broken], [broken])]
    assert codes == [0, 2, 1, 1]
