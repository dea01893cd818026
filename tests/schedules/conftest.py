"""A clock that tests turn by hand, a control database on disk, and a schedule to try things on."""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data.store.control import Control
from schedules.clock import Stop, Uptime
from schedules.schedule import Schedule
from schedules.scheduler import SchedulerContext, SlotWork
from schedules.slots import LeaseTerms

START = dt.datetime(2026, 9, 1, 2, 30, tzinfo=dt.UTC)


class HandClock:
    """Time passes when it is turned, or when the test's own thread waits; another thread waits until it is woken.

    Setting it changes what time it is, and no time passes.
    """

    def __init__(self, now: dt.datetime = START) -> None:
        self._now, self._passed, self._thread = now, dt.timedelta(), threading.current_thread()

    def now(self) -> dt.datetime:
        return self._now

    def monotonic(self) -> float:
        return self._passed.total_seconds()

    def uptime(self) -> Uptime:
        return Uptime("this boot", 1_000.0 + self._passed.total_seconds())

    def wait(self, seconds: float, stop: threading.Event) -> None:
        if threading.current_thread() is self._thread:
            self.turn(dt.timedelta(seconds=seconds))
        else:
            stop.wait()

    def turn(self, by: dt.timedelta) -> None:
        self._now += by
        self._passed += by

    def set(self, by: dt.timedelta) -> None:
        self._now += by


@pytest.fixture
def start() -> dt.datetime:
    return START


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def control(tmp_path: Path) -> Control:
    return Control(tmp_path / "control.sqlite")


@pytest.fixture
def schedule() -> Schedule:
    return Schedule(name="nightly", suite="shapes", models=("shapes-*",), cron="30 2 * * *")


@pytest.fixture
def make_context(control: Control, clock: HandClock) -> Callable[..., SchedulerContext]:
    """Makes a scheduler's context from the fixtures: its work succeeds, unless other work is given."""
    usual = SchedulerContext(
        control=control, work=lambda slot, _lease: f"run of {slot.day}", clock=clock, stop=Stop(), owner="me"
    )

    def make(work: SlotWork | None = None, owner: str = "me", terms: LeaseTerms = LeaseTerms()) -> SchedulerContext:  # noqa: B008
        return replace(usual, work=work or usual.work, owner=owner, terms=terms)

    return make
