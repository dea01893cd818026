"""Several requests to one provider at once: each lane is a thread with a generator of its own, one request at a time.

The first request goes alone, so that a wrong key or an empty account is asked few times; once one comes back that was
not declined for good, all lanes open. A lane that cannot send now, because the provider declined (429) or the money in
flight fills the cap, gives its request back and ends: the provider's own limit becomes the number of lanes. Only what
the last lane meets ends the model. Outcomes are handed over in the caller's thread, which alone writes samples.
"""

import datetime as dt
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from data.errors import HalflifeError
from data.vocabulary import CallKind, Request
from harness.generator import Generator, LeftError, Outcome

Ask = Callable[[Generator, Request, CallKind], Outcome]
LOOK_SECONDS = 0.1


class Answer(NamedTuple):
    """What came of a request that was sent at `at` while `in_flight` were on their way, itself included."""

    request: Request
    at: dt.datetime
    in_flight: int
    outcome: Outcome


class _Handed(NamedTuple):
    """An answer, and what its lane waits for before it sends the next request: that the answer was read."""

    answer: Answer
    read: threading.Event


class Lanes:
    """The lanes of one model. Leaving the block waits for what is on its way; a second Ctrl-C ends them at once."""

    def __init__(
        self, generators: Sequence[Generator], requests: Sequence[Request], ask: Ask, stop: threading.Event
    ) -> None:
        self._generators, self._ask, self._stop = generators, ask, stop
        self._todo, self._lock = deque(requests), threading.Lock()
        self._answers: queue.SimpleQueue[_Handed | BaseException] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._in_flight = self._open = 0
        self._closed = False

    def answers(self) -> Iterator[Answer]:
        """Yield each outcome as it comes, until no request is left or `stop` is set.

        Raises what the last lane met: LeftError or a HalflifeError, with its request still among `left`.
        """
        self._begin(1)
        while self._alive() or not self._answers.empty():
            try:
                handed = self._answers.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if isinstance(handed, BaseException):
                raise handed
            yield handed.answer
            handed.read.set()
            if not handed.answer.outcome.lasting and len(self._threads) == 1:
                self._begin(len(self._generators) - 1)

    def close(self) -> tuple[Request, ...]:
        """Send no more, and return the requests that were not sent; those on their way still come as answers."""
        with self._lock:
            self._closed = True
            left = tuple(self._todo)
            self._todo.clear()
        return left

    @property
    def left(self) -> int:
        """How many requests were not sent."""
        return len(self._todo)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
        if kind is None or issubclass(kind, Exception):
            for thread in self._threads:
                thread.join()

    def _begin(self, count: int) -> None:
        first = len(self._threads)
        for generator in self._generators[first : first + count]:
            with self._lock:
                self._open += 1
            thread = threading.Thread(target=self._work, args=(generator,), name=f"lane {first}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _work(self, generator: Generator) -> None:
        call: CallKind = "first"
        while (taken := self._next()) is not None:
            (request, in_flight), at = taken, dt.datetime.now(dt.UTC)
            try:
                outcome = self._ask(generator, request, call)
            except BaseException as error:  # noqa: BLE001 - it is raised in the caller's thread
                self._give_up(request, error)
                return
            with self._lock:
                self._in_flight -= 1
            self._hand_over(Answer(request, at, in_flight, outcome))
            call = "steady"

    def _hand_over(self, answer: Answer) -> None:
        """Wait until the answer was read: it may be the one that ends the model."""
        handed = _Handed(answer, threading.Event())
        self._answers.put(handed)
        while not self._closed and not handed.read.wait(LOOK_SECONDS):
            pass

    def _next(self) -> tuple[Request, int] | None:
        """Take the next request, and say how many are on their way with it; None ends the lane."""
        with self._lock:
            if self._closed or self._stop.is_set() or not self._todo:
                self._open -= 1
                return None
            self._in_flight += 1
            return self._todo.popleft(), self._in_flight

    def _give_up(self, request: Request, error: BaseException) -> None:
        """End this lane; the last one that is open says why."""
        with self._lock:
            self._in_flight -= 1
            self._open -= 1
            self._todo.appendleft(request)
            is_last = self._open == 0 or not isinstance(error, LeftError | HalflifeError)
        if is_last:
            self._answers.put(error)
