"""Waits: as long as they are asked for, and no longer than they are wanted."""

import signal
import threading
import time
from types import FrameType

from data.waiting import wait


def test_a_wait_is_over_at_once_when_it_is_not_wanted() -> None:
    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    wait(3_600.0, stop)
    assert time.monotonic() - began < 60


def test_a_handler_in_the_waiting_thread_may_set_the_event() -> None:
    stop = threading.Event()

    def handler(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    try:
        wait(3_600.0, stop)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert stop.is_set()


def test_a_wait_lasts_as_long_as_it_was_asked_for() -> None:
    began = time.monotonic()
    wait(0.05, threading.Event())
    assert time.monotonic() - began >= 0.05
