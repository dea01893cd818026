"""A clock that is set, ahead or back: slots and leases go on, each slot is run once, and it is said once."""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from data.store.control import Control
from schedules import slots
from schedules.clock import SystemClock, Uptime
from schedules.due_slots import due_slots, record_due
from schedules.schedule import Schedule
from schedules.scheduler import SchedulerContext, run_due, serve
from schedules.slots import Lease, LeaseTerms, Slot

MakeContext = Callable[..., SchedulerContext]
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
TERMS = LeaseTerms(lease_seconds=60, retry_seconds=60)
HERE = Uptime("this boot", 1_000.0)


@pytest.mark.parametrize("catchup", ["none", "latest", "all"])
def test_a_clock_that_was_ahead_silences_no_schedule(
    catchup: str, schedule: Schedule, control: Control, start: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    nightly = replace(schedule, catchup=catchup)
    record_due(nightly, control, start - DAY / 2)
    record_due(nightly, control, start + 60 * DAY)
    with caplog.at_level(logging.WARNING):
        assert [slot.due for slot in due_slots(nightly, control, start + MINUTE)] == [start]
        assert [slot.due for slot in due_slots(nightly, control, start + DAY + MINUTE)][-1] == start + DAY
    assert [record.getMessage()[:48] for record in caplog.records] == [
        "nightly: a clock that was ahead recorded slots u"
    ]
    assert max(slot.due for slot in slots.history(control)) == start + DAY


def test_what_was_done_in_a_time_to_come_stays_done_and_what_failed_is_tried_when_its_time_comes(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    later = start + 10 * DAY
    record_due(schedule, control, later)
    failed = slots.claim(schedule, control, now=later, owner="me", terms=TERMS)
    assert failed is not None
    slots.fail(control, failed, now=later, outcome="failed", reason="no disk", max_attempts=1)
    record_due(schedule, control, later + DAY)
    done = slots.claim(schedule, control, now=later + DAY, owner="me", terms=TERMS)
    assert done is not None
    slots.complete(control, done, now=later + DAY, run_id="r")
    record_due(schedule, control, start)
    assert [(slot.due, slot.state) for slot in slots.history(control)] == [(done.due, "done"), (start, "due")]
    assert done.due == later + DAY
    assert slots.claim(schedule, control, now=start, owner="me", terms=TERMS) is not None


def test_an_attempt_that_ended_in_a_time_to_come_runs_beside_no_other_slot(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    record_due(schedule, control, start)
    lease = slots.claim(schedule, control, now=start, owner="me", terms=TERMS)
    assert lease is not None
    slots.complete(control, lease, now=start + 60 * DAY, run_id="r")
    record_due(schedule, control, start + 60 * DAY)
    record_due(schedule, control, start + MINUTE)
    assert [slot.due for slot in due_slots(schedule, control, start + DAY)] == [start + DAY]


@pytest.mark.parametrize("jump", [60 * DAY, -60 * DAY])
def test_a_lease_of_this_machine_holds_by_its_uptime_whatever_the_clock_says(
    jump: dt.timedelta, schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    record_due(schedule, control, start)
    first = slots.claim(schedule, control, now=start, owner="me", terms=TERMS, uptime=HERE)
    assert first is not None
    soon, late = HERE._replace(seconds=1_030.0), HERE._replace(seconds=1_061.0)
    assert slots.claim(schedule, control, now=start + jump, owner="you", terms=TERMS, uptime=soon) is None
    heir = slots.claim(schedule, control, now=start + abs(jump), owner="you", terms=TERMS, uptime=late)
    assert heir is not None
    assert heir.fence == 2


def test_a_lease_of_another_machine_that_is_longer_than_any_ends_after_one_length(
    schedule: Schedule, control: Control, start: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    record_due(schedule, control, start)
    lease = slots.claim(schedule, control, now=start, owner="me", terms=TERMS)
    assert lease is not None
    assert slots.renew(control, lease, now=start + 60 * DAY, terms=TERMS)
    with caplog.at_level(logging.WARNING):
        for seconds in (0, 30, 59):
            now = start + dt.timedelta(seconds=seconds)
            assert slots.claim(schedule, control, now=now, owner="you", terms=TERMS, uptime=HERE) is None
    assert len(caplog.records) == 1
    assert slots.claim(schedule, control, now=start + 2 * MINUTE, owner="you", terms=TERMS, uptime=HERE) is not None


def test_a_living_owner_of_such_a_lease_renews_it(schedule: Schedule, control: Control, start: dt.datetime) -> None:
    record_due(schedule, control, start)
    lease = slots.claim(schedule, control, now=start, owner="me", terms=TERMS)
    assert lease is not None
    slots.renew(control, lease, now=start + 60 * DAY, terms=TERMS)
    assert slots.claim(schedule, control, now=start, owner="you", terms=TERMS, uptime=HERE) is None
    assert slots.renew(control, lease, now=start + MINUTE / 2, terms=TERMS)
    assert slots.claim(schedule, control, now=start + MINUTE, owner="you", terms=TERMS, uptime=HERE) is None


def test_a_scheduler_whose_clock_is_set_runs_each_night_once_and_says_so_once_a_time(
    schedule: Schedule, make_context: MakeContext, start: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[dt.datetime] = []

    def work(slot: Slot, lease: Lease) -> str:
        ran.append(slot.due)
        clock = context.clock
        if len(ran) == 2:
            clock.set(3 * DAY)  # type: ignore[attr-defined]
        if len(ran) == 4:
            clock.set(-3 * DAY)  # type: ignore[attr-defined]
        if len(ran) == 6:
            context.stop.set()
        return f"run {len(ran)}"

    context = make_context(work, terms=LeaseTerms(poll_seconds=1_800.0))
    with caplog.at_level(logging.WARNING):
        serve((schedule,), context)
    assert len(ran) == len(set(ran)) == 6
    assert ran[:2] == [start, start + DAY]
    said = [record.getMessage().partition(" by ")[0] for record in caplog.records]
    assert [text for text in said if text.startswith("The clock")] == [
        *("The clock was set ahead", "The clock was set back")
    ]


def test_two_processes_of_this_machine_agree_on_its_uptime() -> None:
    one, other = SystemClock().uptime(), SystemClock().uptime()
    assert one is not None
    assert other is not None
    assert one.boot == other.boot
    assert 0 <= other.seconds - one.seconds < 60


def test_due_slots_are_run_after_the_clock_was_set_back(
    schedule: Schedule, make_context: MakeContext, start: dt.datetime
) -> None:
    context = make_context()
    assert len(run_due(schedule, context)) == 1
    context.clock.set(30 * DAY)  # type: ignore[attr-defined]
    run_due(schedule, context)
    context.clock.set(-30 * DAY)  # type: ignore[attr-defined]
    context.clock.turn(DAY)  # type: ignore[attr-defined]
    assert [result.slot.due for result in run_due(schedule, context)] == [start + DAY]
