"""Time and the wish to stop, both passed in: tests turn the clock themselves."""

import datetime as dt
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol


class Clock(Protocol):
    """What time it is, and waiting for it."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that no change of the clock disturbs."""

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Return after `seconds`, or as soon as `stop` is set."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Return seconds that no change of the clock disturbs."""
        return time.monotonic()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Return after `seconds`, or as soon as `stop` is set."""
        stop.wait(seconds)


class Stop:
    """The wish that everything stops, and the events of those who were told to listen.

    Safe to set in a signal handler: no lock is taken. An event is linked first and looked at afterwards, so that none
    is missed.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self._linked: list[threading.Event] = []

    def set(self) -> None:
        """Stop everything: the event, and each that is linked to it."""
        self.event.set()
        for event in tuple(self._linked):
            event.set()

    def is_set(self) -> bool:
        """Tell whether everything is to stop."""
        return self.event.is_set()

    @contextmanager
    def linked(self) -> Iterator[threading.Event]:
        """Give an event that is set with this one, and may be set alone; forgotten when the block ends."""
        event = threading.Event()
        self._linked.append(event)
        if self.event.is_set():
            event.set()
        try:
            yield event
        finally:
            self._linked.remove(event)


@contextmanager
def stopped_by_signals(stop: Stop) -> Iterator[None]:
    """Let SIGTERM and SIGINT set `stop` while the block runs: nothing new begins, what runs ends at its next sample.

    A second SIGINT does not wait: it raises KeyboardInterrupt.
    """

    def handler(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
