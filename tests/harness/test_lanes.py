"""Lanes: several requests at once, one thread a lane; what a provider limits, it limits by ending lanes."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from data.errors import SpendingError
from data.vocabulary import CallKind, Model, Request
from harness.generator import Generator, LeftError, Outcome
from harness.lanes import Lanes

OK = Outcome(status="ok", data=b"x")
DECLINED = Outcome(status="failed", reason="402: no money", lasting=True)


class Painter:
    """A generator that says nothing; what is asked of it is decided by the test."""

    def preflight(self, model: Model) -> None: ...

    def open(self, model: Model) -> None: ...

    def generate(self, request: Request) -> Outcome:
        return OK

    def close(self) -> None: ...


class Provider:
    """Counts who is asked at once; `meet` waits until so many requests are on their way together."""

    def __init__(self, answer: Callable[[Request], Outcome] = lambda _request: OK) -> None:
        self.answer, self.asked, self.lock = answer, list[str](), threading.Lock()
        self.meeting: threading.Barrier | None = None

    def __call__(self, _generator: Generator, request: Request, _call: CallKind) -> Outcome:
        with self.lock:
            self.asked.append(request.id)
        if self.meeting is not None and len(self.asked) > 1:
            self.meeting.wait(30)
        return self.answer(request)


def sent(lanes: Lanes) -> list[tuple[str, int]]:
    with lanes:
        return [(answer.request.id, answer.in_flight) for answer in lanes.answers()]


def test_the_first_goes_alone_and_then_all_lanes_at_once(plan: Any) -> None:
    provider = Provider()
    provider.meeting = threading.Barrier(3)
    requests = plan.requests[:7]
    made = sent(Lanes([Painter() for _ in range(3)], requests, provider, threading.Event()))
    assert sorted(name for name, _ in made) == sorted(request.id for request in requests)
    assert made[0] == (requests[0].id, 1)
    assert max(count for _, count in made) == 3


def test_while_all_are_declined_for_good_they_go_one_by_one(plan: Any) -> None:
    provider = Provider(lambda _request: DECLINED)
    with Lanes([Painter(), Painter()], plan.requests, provider, threading.Event()) as lanes:
        answers = lanes.answers()
        assert [next(answers).in_flight for _ in range(3)] == [1, 1, 1]
        left = lanes.close()
        rest = list(answers)
    assert len(left) + len(rest) + 3 == len(plan.requests)
    assert len(rest) <= 1


def test_a_lane_that_is_declined_gives_its_request_back_and_the_others_go_on(plan: Any) -> None:
    once = threading.Semaphore(1)

    def answer(request: Request) -> Outcome:
        if len(provider.asked) > 2 and once.acquire(blocking=False):
            raise LeftError("429, still busy")
        return OK

    provider = Provider(answer)
    made = sent(Lanes([Painter() for _ in range(3)], plan.requests, provider, threading.Event()))
    assert sorted(name for name, _ in made) == sorted(request.id for request in plan.requests)
    assert len(provider.asked) == len(plan.requests) + 1


@pytest.mark.parametrize("error", [LeftError("429, still busy"), SpendingError("Expected at most $1 spent.")])
def test_what_the_last_lane_meets_ends_the_model_and_nothing_is_lost(plan: Any, error: Exception) -> None:
    def answer(request: Request) -> Outcome:
        if request.id == plan.requests[0].id:
            return OK
        raise error

    lanes = Lanes([Painter() for _ in range(3)], plan.requests, Provider(answer), threading.Event())
    made = []
    with lanes, pytest.raises(type(error), match=re.escape(str(error))):
        made.extend(answer.request.id for answer in lanes.answers())
    assert made == [plan.requests[0].id]


def test_a_fault_of_ours_is_raised_where_the_outcomes_are_read(plan: Any) -> None:
    def answer(_request: Request) -> Outcome:
        raise RuntimeError("a fault")

    with (
        Lanes([Painter()], plan.requests, Provider(answer), threading.Event()) as lanes,
        pytest.raises(RuntimeError, match="a fault"),
    ):
        list(lanes.answers())


def test_a_stop_sends_no_more_and_hands_over_what_was_on_its_way(plan: Any) -> None:
    stop = threading.Event()

    def answer(_request: Request) -> Outcome:
        stop.set()
        return OK

    lanes = Lanes([Painter(), Painter()], plan.requests, Provider(answer), stop)
    assert len(sent(lanes)) == 1
