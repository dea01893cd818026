"""An open loop: requests are sent at planned moments, whether or not those before were answered.

A closed loop waits for an answer before it sends the next request, so a slow answer delays the requests that would have
seen the slowness, and they are never measured (coordinated omission; Tene 2015). Here the moments are fixed before the
first request, and latency counts from them: where every lane is taken, a request waits for one, and its wait counts.
"""

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from data.errors import HalflifeError, SpendingError
from data.load_tests import Arrival, ArrivalStatus, StopReason
from data.vocabulary import Model, Request
from harness.generator import Generator, LeftError, Outcome
from harness.isolation import CaughtError, attempt

LOOK_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoop:
    """A model's lanes, each a generator of its own, and when to stop: at `deadline` (monotonic) or by `stop`."""

    model: Model
    generators: Sequence[Generator]
    stop: threading.Event
    deadline: float = field(default=float("inf"))

    def offer(self, planned: Sequence[float], requests: Sequence[Request]) -> "Offered":
        """Send each request at its planned moment, in seconds from now, and return what became of all of them.

        Ends when all are answered; after `deadline`, a SpendingError or `stop` no more are sent. Raises any other
        HalflifeError of a generator.
        """
        return _Step(self, planned, requests).carried_out()


class Offered(NamedTuple):
    """The arrivals in their planned order, and what ended the step before all were sent."""

    arrivals: tuple[Arrival, ...]
    stopped: StopReason | None


class _Step:
    """One rate: a dispatcher in the caller's thread, a thread a lane."""

    def __init__(self, loop: OpenLoop, planned: Sequence[float], requests: Sequence[Request]) -> None:
        self._loop, self._planned, self._requests = loop, planned, requests
        self._waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._arrivals: list[Arrival | None] = [None] * len(planned)
        self._ended_by: StopReason | None = None
        self._error: HalflifeError | None = None
        self._closed = threading.Event()
        self._began = 0.0

    def carried_out(self) -> Offered:
        """Send all, wait for the answers, and say what came of each."""
        lanes = [threading.Thread(target=self._work, args=(each,), daemon=True) for each in self._loop.generators]
        self._began = time.perf_counter()
        for lane in lanes:
            lane.start()
        self._dispatch()
        for _ in lanes:
            self._waiting.put(None)
        while any(lane.is_alive() for lane in lanes):
            self._look()
            lanes[0].join(LOOK_SECONDS)
            lanes = [lane for lane in lanes if lane.is_alive()]
        if self._error is not None:
            raise self._error
        return Offered(tuple(map(self._kept, range(len(self._planned)))), self._ended_by)

    def _dispatch(self) -> None:
        for place, moment in enumerate(self._planned):
            while (left := self._began + moment - time.perf_counter()) > 0:
                self._closed.wait(min(left, LOOK_SECONDS))
                self._look()
                if self._closed.is_set():
                    return
            self._waiting.put(place)

    def _look(self) -> None:
        if self._loop.stop.is_set():
            self._end("stopped")
        elif time.perf_counter() > self._loop.deadline:
            self._end("time")

    def _end(self, reason: StopReason | None) -> None:
        if not self._closed.is_set():
            self._ended_by = reason
            self._closed.set()

    def _work(self, generator: Generator) -> None:
        while (place := self._waiting.get()) is not None:
            if self._closed.is_set():
                continue
            sent = time.perf_counter() - self._began
            try:
                status, outcome, reason = self._asked(generator, self._requests[place])
            except SpendingError:
                self._end("money")
                continue
            except HalflifeError as error:
                self._error = error
                self._end(None)
                continue
            self._arrivals[place] = Arrival(
                planned=self._planned[place],
                sent=sent,
                ended=time.perf_counter() - self._began,
                status=status,
                usd=outcome.cost_usd if outcome else None,
                reason=reason,
            )

    def _asked(self, generator: Generator, request: Request) -> tuple[ArrivalStatus, Outcome | None, str | None]:
        try:
            outcome = attempt(lambda: generator.generate(request), self._loop.model)
        except LeftError as left:
            return "busy", None, left.reason
        if isinstance(outcome, CaughtError):
            return "failed", None, outcome.reason
        return outcome.status, outcome, outcome.reason

    def _kept(self, place: int) -> Arrival:
        made = self._arrivals[place]
        return made or Arrival(planned=self._planned[place], sent=None, ended=None, status="not-sent")
