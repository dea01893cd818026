"""The scheduler: claims due slots one at a time, renews their leases, and stops cleanly when it is told to.

Several schedulers may run on one control database: a slot is run once, by one of them. What a slot does is passed in.
"""

import datetime as dt
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from data.serialization import instant
from data.store.control import Control
from schedules import slots
from schedules.clock import Clock, Stop, SystemClock
from schedules.due_slots import JUMP, record_due
from schedules.lease_renewal import renewed
from schedules.schedule import Schedule
from schedules.slots import Lease, LeaseLostError, LeaseTerms, Slot

SlotWork = Callable[[Slot, Lease], str | None]
"""Runs a slot and returns its run's id, or None where `lease.stop` ended it early. May raise anything."""

log = logging.getLogger(__name__)


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerContext:
    """What a scheduler works with: database, work, clock, signal to stop, its own name, and the terms of its leases."""

    control: Control
    work: SlotWork
    clock: Clock = field(default_factory=SystemClock)
    stop: Stop = field(default_factory=Stop)
    owner: str = field(default_factory=_owner)
    terms: LeaseTerms = field(default_factory=LeaseTerms)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotResult:
    """How one attempt at a slot ended; `state` is the slot's, None where another process has it now."""

    slot: Slot
    outcome: Literal["done", "failed", "timed-out", "released", "lost"]
    state: slots.SlotState | None
    reason: str | None = None


def run_slot(schedule: Schedule, context: SchedulerContext) -> SlotResult | None:
    """Record due slots, run the oldest that may be run now, and return how it ended; None where there is none."""
    record_due(schedule, context.control, context.clock.now())
    return run_recorded(schedule, context)


def run_recorded(schedule: Schedule, context: SchedulerContext) -> SlotResult | None:
    """Run the oldest slot that is recorded and may be run now, as `run_slot` does."""
    control, now = context.control, context.clock.now()
    uptime = context.clock.uptime()
    lease = slots.claim(schedule, control, now=now, owner=context.owner, terms=context.terms, uptime=uptime)
    if lease is None:
        return None
    slot = slots.slot(control, lease.schedule, lease.due)
    log.info("%s %s: attempt %d begins", lease.schedule, instant(lease.due), lease.attempt)
    result = _attempt(schedule, slot, lease, context)
    log.info("%s %s: %s (%s)", lease.schedule, instant(lease.due), result.outcome, result.reason or "no error")
    return result


def run_due(schedule: Schedule, context: SchedulerContext) -> tuple[SlotResult, ...]:
    """Run every slot that may be run now, oldest first, until there is none or `context.stop` is set."""
    results: list[SlotResult] = []
    while not context.stop.is_set():
        result = run_slot(schedule, context)
        if result is None:
            break
        results.append(result)
    return tuple(results)


def serve(schedules: tuple[Schedule, ...], context: SchedulerContext) -> None:
    """Run due slots of all `schedules` until `context.stop` is set; the current sample is finished first."""
    offset = _clock_offset(context.clock)
    while not context.stop.is_set():
        offset = _same_offset(offset, context.clock)
        has_run = False
        for schedule in schedules:
            if not context.stop.is_set():
                has_run |= run_slot(schedule, context) is not None
        if not has_run:
            context.clock.wait(_pause(schedules, context), context.stop.event)


def _clock_offset(clock: Clock) -> dt.timedelta:
    """Return by how much the clock is ahead of the seconds that only grow: it changes when somebody sets the clock."""
    up = clock.uptime()
    return clock.now() - dt.datetime.fromtimestamp(up.seconds if up else clock.monotonic(), dt.UTC)


def _same_offset(before: dt.timedelta, clock: Clock) -> dt.timedelta:
    """Return the offset now, and log where the clock was set by more than `JUMP` since `before`."""
    now = _clock_offset(clock)
    if abs(now - before) <= JUMP:
        return before
    ahead = "ahead" if now > before else "back"
    log.warning("The clock was set %s by %s; slots and leases go on from %s.", ahead, abs(now - before), clock.now())
    return now


def _pause(schedules: tuple[Schedule, ...], context: SchedulerContext) -> float:
    now = context.clock.now()
    next_times = [next(schedule.due_times(now), None) for schedule in schedules]
    seconds = [(due - now).total_seconds() for due in next_times if due is not None]
    return max(0.0, min([context.terms.poll_seconds, *seconds]))


def _attempt(schedule: Schedule, slot: Slot, lease: Lease, context: SchedulerContext) -> SlotResult:
    """Run the work once and record how it ended. Only here is everything that work raises caught."""
    run_id: str | None = None
    reason: str | None = None
    with context.stop.linked() as stop:
        lease = replace(lease, stop=stop)
        with renewed(
            lease, context.control, clock=context.clock, terms=context.terms, timeout=schedule.timeout
        ) as renewer:
            try:
                run_id = context.work(slot, lease)
            except Exception as error:
                log.exception("%s %s: attempt %d failed", lease.schedule, instant(lease.due), lease.attempt)
                reason = f"{type(error).__name__}: {error}"[:1_000]
    try:
        return _record_end(schedule, slot, lease, _AttemptEnd(run_id, reason, renewer.timed_out), context)
    except LeaseLostError as error:
        return SlotResult(slot=slot, outcome="lost", state=None, reason=str(error))


@dataclass(frozen=True, slots=True)
class _AttemptEnd:
    run_id: str | None
    error: str | None
    timed_out: bool


def _record_end(
    schedule: Schedule, slot: Slot, lease: Lease, end: _AttemptEnd, context: SchedulerContext
) -> SlotResult:
    control, now = context.control, context.clock.now()
    if end.run_id is not None:
        slots.complete(control, lease, now=now, run_id=end.run_id)
        return SlotResult(slot=slot, outcome="done", state="done")
    if end.error is None and not end.timed_out and context.stop.is_set():
        slots.release(control, lease, now=now)
        return SlotResult(slot=slot, outcome="released", state="due")
    outcome: slots.AttemptOutcome = "timed-out" if end.timed_out else "failed"
    timed_out = f"It was not done within its timeout of {schedule.timeout}."
    reason = end.error or (timed_out if end.timed_out else "The work ended without a run.")
    state = slots.fail(control, lease, now=now, outcome=outcome, reason=reason, max_attempts=schedule.max_attempts)
    return SlotResult(slot=slot, outcome=outcome, state=state, reason=reason)
