"""The time and the signal to stop. Both are passed in, so that tests can use a clock of their own."""

import datetime as dt
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple, Protocol

from data.waiting import wait

STOPPING = b"\nStopping: what is on its way is finished first. Ctrl-C again ends at once.\n"
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Uptime(NamedTuple):
    """Seconds since a machine's boot, sleep included, and the id of that boot: processes of one machine agree on both.

    Whoever sets the clock does not change it.
    """

    boot: str
    seconds: float


class Clock(Protocol):
    """What time it is, and how to wait."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that only grow, whatever happens to the clock."""

    def uptime(self) -> Uptime | None:
        """Return the time since this machine's boot, None where the system does not tell it."""

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Return after `seconds`, or as soon as `stop` is set."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Return seconds that only grow, whatever happens to the clock."""
        return time.monotonic()

    def uptime(self) -> Uptime | None:
        """Return the time since this machine's boot, None where the system does not tell it (Linux does)."""
        try:
            return Uptime(BOOT_ID.read_text(encoding="ascii").strip(), time.clock_gettime(time.CLOCK_BOOTTIME))
        except (OSError, AttributeError):
            return None

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Return after `seconds`, or as soon as `stop` is set."""
        wait(seconds, stop)


class Stop:
    """A signal that everything is to stop, with the events that are set together with it.

    Safe to set in a signal handler: no lock is taken. `linked` first links an event and then looks whether the signal
    was given already, so that none is missed.
    """

    def __init__(self) -> None:
        self.event = threading.Event()
        self._linked: list[threading.Event] = []

    def set(self) -> None:
        """Give the signal: set the event and every event that is linked to it."""
        self.event.set()
        for event in tuple(self._linked):
            event.set()

    def is_set(self) -> bool:
        """Return whether everything is to stop."""
        return self.event.is_set()

    @contextmanager
    def linked(self) -> Iterator[threading.Event]:
        """Give an event that is set with this one and may also be set alone; unlinked when the block ends."""
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
    """Let SIGTERM and SIGINT set `stop` while the block runs: nothing new begins, and the current sample is finished.

    A second SIGINT raises KeyboardInterrupt at once.
    """

    def handler(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        with suppress(OSError):
            os.write(sys.stderr.fileno(), STOPPING)

    handlers = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, previous in handlers.items():
            signal.signal(number, previous)
