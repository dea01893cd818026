"""A model whose requests are all declined alike is not asked any more."""

from harness.circuit_breaker import CircuitBreaker
from harness.generator import Outcome


def watched(*outcomes: Outcome) -> CircuitBreaker:
    breaker = CircuitBreaker()
    for outcome in outcomes:
        breaker.watch(outcome)
    return breaker


def unpaid(words: str = "402: Insufficient credits") -> Outcome:
    return Outcome(status="failed", reason=words, lasting=True)


def test_three_alike_open_it_though_their_ids_differ() -> None:
    assert watched(*[unpaid(f"402: Insufficient credits (req-{n})") for n in range(2)]).cause is None
    breaker = watched(*[unpaid(f"402: Insufficient credits (req-{n})") for n in range(3)])
    assert breaker.cause == "402: Insufficient credits (req-2)"


def test_another_reason_or_a_picture_begins_anew() -> None:
    picture = Outcome(status="ok", data=b"x")
    assert watched(unpaid(), unpaid(), picture, unpaid()).cause is None
    assert watched(unpaid(), unpaid(), unpaid("402: other words"), unpaid()).cause is None
    assert watched(*[Outcome(status="failed", reason="alike")] * 5).cause is None


def test_what_is_not_sent_is_free_and_says_why() -> None:
    outcome = watched(unpaid(), unpaid(), unpaid()).not_sent()
    assert (outcome.status, outcome.cost_usd) == ("failed", 0.0)
    assert outcome.reason is not None
    assert outcome.reason.endswith("declined alike: 402: Insufficient credits")
