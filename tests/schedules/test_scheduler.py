"""One scheduler, with a clock turned by hand: what becomes of work that ends well, badly, late, or not at all."""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import replace

from data.store.control import Control
from schedules.clock import Clock, Uptime
from schedules.schedule import Schedule
from schedules.scheduler import SchedulerContext, run_due, run_slot, serve
from schedules.slots import Lease, LeaseTerms, Slot, claim, history

MakeContext = Callable[..., SchedulerContext]


def test_a_due_slot_is_done_once(schedule: Schedule, make_context: MakeContext) -> None:
    mine = make_context()
    result = run_slot(schedule, mine)
    assert result is not None
    assert (result.outcome, result.state, result.slot.day.isoformat()) == ("done", "done", "2026-09-01")
    assert run_slot(schedule, mine) is None
    assert history(mine.control)[0].run_id == "run of 2026-09-01"


def test_work_that_raises_is_recorded_with_its_reason(schedule: Schedule, make_context: MakeContext) -> None:
    def broken(_slot: Slot, _lease: Lease) -> str:
        raise ValueError("the disk is full")

    result = run_slot(schedule, make_context(broken))
    assert result is not None
    assert (result.outcome, result.state, result.reason) == ("failed", "due", "ValueError: the disk is full")


def test_work_that_ends_without_a_run_or_a_stop_is_a_failure(schedule: Schedule, make_context: MakeContext) -> None:
    result = run_slot(replace(schedule, max_attempts=1), make_context(lambda _slot, _lease: None))
    assert result is not None
    assert (result.outcome, result.state, result.reason) == ("failed", "failed", "The work ended without a run.")


def test_stopping_releases_the_slot_and_nothing_new_begins(schedule: Schedule, make_context: MakeContext) -> None:
    stopped_in_time: list[bool] = []
    mine = make_context()

    def work(_slot: Slot, lease: Lease) -> None:
        mine.stop.set()
        stopped_in_time.append(lease.stop.is_set())

    stopped = replace(mine, work=work)
    serve((schedule,), stopped)
    assert stopped_in_time == [True]
    assert history(mine.control)[0].state == "due"
    assert run_due(schedule, stopped) == ()


def test_work_that_was_done_before_it_saw_the_stop_is_done(schedule: Schedule, make_context: MakeContext) -> None:
    mine = make_context()

    def work(_slot: Slot, _lease: Lease) -> str:
        mine.stop.set()
        return "r"

    serve((schedule,), replace(mine, work=work))
    assert history(mine.control)[0].state == "done"


def test_a_lease_lost_while_working_does_not_count(
    schedule: Schedule, make_context: MakeContext, control: Control
) -> None:
    late = dt.timedelta(minutes=5)

    def work(slot: Slot, _lease: Lease) -> str:
        assert claim(schedule, control, now=slot.due + late, owner="you", terms=LeaseTerms()) is not None
        return "zombie"

    result = run_slot(schedule, make_context(work))
    assert result is not None
    assert (result.outcome, result.state) == ("lost", None)
    assert (history(control)[0].state, history(control)[0].owner) == ("claimed", "you")


class TickingClock:
    """A clock that moves whenever somebody waits, and lets the waiting thread and the others take turns."""

    def __init__(self, start: dt.datetime) -> None:
        self._start, self._seconds = start, 0.0

    def now(self) -> dt.datetime:
        return self._start + dt.timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    def uptime(self) -> Uptime | None:
        return None

    def wait(self, seconds: float, stop: threading.Event) -> None:
        if not stop.wait(0.001):
            self._seconds += seconds


def test_the_lease_is_renewed_beside_the_work(
    schedule: Schedule, make_context: MakeContext, start: dt.datetime
) -> None:
    clock: Clock = TickingClock(start)
    until: list[dt.datetime | None] = []

    def work(_slot: Slot, lease: Lease) -> str:
        while clock.monotonic() < 600:
            assert not lease.stop.wait(0.001)
        until.append(history(mine.control)[0].lease_until)
        return "r"

    mine = replace(make_context(work), clock=clock)
    result = run_slot(schedule, mine)
    assert result is not None
    assert result.outcome == "done"
    assert until[0] is not None
    assert until[0] > start + dt.timedelta(seconds=500)


def test_work_that_takes_too_long_is_told_to_stop_and_timed_out(
    schedule: Schedule, make_context: MakeContext, start: dt.datetime
) -> None:
    def work(_slot: Slot, lease: Lease) -> None:
        assert lease.stop.wait(30)

    brief = replace(schedule, timeout=dt.timedelta(minutes=5))
    result = run_slot(brief, replace(make_context(work), clock=TickingClock(start)))
    assert result is not None
    assert (result.outcome, result.state) == ("timed-out", "due")
    assert result.reason == "It was not done within its timeout of 0:05:00."


def test_work_learns_that_its_lease_was_lost(schedule: Schedule, make_context: MakeContext, start: dt.datetime) -> None:
    clock = TickingClock(start)

    def work(slot: Slot, lease: Lease) -> None:
        later = slot.due + dt.timedelta(days=365)
        assert claim(schedule, mine.control, now=later, owner="you", terms=LeaseTerms()) is not None
        assert lease.stop.wait(30)

    mine = replace(make_context(work), clock=clock)
    result = run_slot(schedule, mine)
    assert result is not None
    assert result.outcome == "lost"


def test_serving_runs_each_night_and_waits_in_between(
    schedule: Schedule, make_context: MakeContext, start: dt.datetime
) -> None:
    days: list[dt.date] = []
    mine = make_context(terms=LeaseTerms(poll_seconds=3_600))

    def work(slot: Slot, _lease: Lease) -> str:
        days.append(slot.day)
        if len(days) == 3:
            mine.stop.set()
        return "r"

    serve((schedule,), replace(mine, work=work))
    assert [day.day for day in days] == [1, 2, 3]
    assert mine.clock.now() == start + dt.timedelta(days=2)


def test_missed_slots_are_run_oldest_first(schedule: Schedule, make_context: MakeContext, start: dt.datetime) -> None:
    every, mine = replace(schedule, catchup="all"), make_context()
    run_due(every, mine)
    mine.clock.wait(3 * 86_400, mine.stop.event)
    assert [result.slot.due.day for result in run_due(every, mine)] == [2, 3, 4]
