"""The scheduler: takes due slots one at a time, keeps their leases, and leaves in good order when it is told to stop.

Several may run on one control database: a slot is done once, whoever does it. What a slot does is passed in.
"""

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
from schedules.lease_renewal import kept
from schedules.recording import record
from schedules.schedule import Schedule
from schedules.slots import Lease, LeaseLostError, LeaseTerms, Slot

SlotWork = Callable[[Slot, Lease], str | None]
"""Does a slot and returns its run's id, or None where it left because `lease.stop` was set. May raise anything."""

log = logging.getLogger(__name__)


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerContext:
    """What a scheduler works with: the database, the work, the clock, the wish to stop, its name and its terms."""

    control: Control
    work: SlotWork
    clock: Clock = field(default_factory=SystemClock)
    stop: Stop = field(default_factory=Stop)
    owner: str = field(default_factory=_owner)
    terms: LeaseTerms = field(default_factory=LeaseTerms)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotResult:
    """What became of a slot in one attempt; `state` is the slot's, `None` where another process has it now."""

    slot: Slot
    outcome: Literal["done", "failed", "timed-out", "released", "lost"]
    state: slots.SlotState | None
    reason: str | None = None


def run_slot(schedule: Schedule, office: SchedulerContext) -> SlotResult | None:
    """Record what became due, run the oldest slot that may be run now, and return what became of it; None for none."""
    record(schedule, office.control, office.clock.now())
    return run_claimed(schedule, office)


def run_claimed(schedule: Schedule, office: SchedulerContext) -> SlotResult | None:
    """Run the oldest slot of those that are recorded, as `run_slot` does."""
    control, now = office.control, office.clock.now()
    lease = slots.claim(schedule, control, now=now, owner=office.owner, terms=office.terms)
    if lease is None:
        return None
    slot = slots.slot(control, lease.schedule, lease.due)
    log.info("%s %s: attempt %d begins", lease.schedule, instant(lease.due), lease.attempt)
    result = _attempt(schedule, slot, lease, office)
    log.info("%s %s: %s (%s)", lease.schedule, instant(lease.due), result.outcome, result.reason or "in order")
    return result


def run_due(schedule: Schedule, office: SchedulerContext) -> tuple[SlotResult, ...]:
    """Run every slot that may be run now, oldest first, until there is none or `office.stop` is set."""
    results: list[SlotResult] = []
    while not office.stop.is_set():
        result = run_slot(schedule, office)
        if result is None:
            break
        results.append(result)
    return tuple(results)


def serve(schedules: tuple[Schedule, ...], office: SchedulerContext) -> None:
    """Run due slots of all `schedules` until `office.stop` is set; the slot at hand is left at its next sample."""
    while not office.stop.is_set():
        ran = False
        for schedule in schedules:
            if not office.stop.is_set():
                ran |= run_slot(schedule, office) is not None
        if not ran:
            office.clock.wait(_pause(schedules, office), office.stop.event)


def _pause(schedules: tuple[Schedule, ...], office: SchedulerContext) -> float:
    now = office.clock.now()
    soonest = [next(schedule.moments(now), None) for schedule in schedules]
    seconds = [(moment - now).total_seconds() for moment in soonest if moment is not None]
    return max(0.0, min([office.terms.poll_seconds, *seconds]))


def _attempt(schedule: Schedule, slot: Slot, lease: Lease, office: SchedulerContext) -> SlotResult:
    """Run the work once and record how it ended. The one place where anything that work raises is caught."""
    run_id: str | None = None
    reason: str | None = None
    with office.stop.linked() as stop:
        lease = replace(lease, stop=stop)
        with kept(lease, office.control, clock=office.clock, terms=office.terms, timeout=schedule.timeout) as keeper:
            try:
                run_id = office.work(slot, lease)
            except Exception as error:
                log.exception("%s %s: attempt %d failed", lease.schedule, instant(lease.due), lease.attempt)
                reason = f"{type(error).__name__}: {error}"[:1_000]
    try:
        return _recorded(schedule, slot, lease, _Ending(run_id, reason, keeper.timed_out), office)
    except LeaseLostError as error:
        return SlotResult(slot=slot, outcome="lost", state=None, reason=str(error))


@dataclass(frozen=True, slots=True)
class _Ending:
    run_id: str | None
    error: str | None
    timed_out: bool


def _recorded(schedule: Schedule, slot: Slot, lease: Lease, ending: _Ending, office: SchedulerContext) -> SlotResult:
    control, now = office.control, office.clock.now()
    if ending.run_id is not None:
        slots.complete(control, lease, now=now, run_id=ending.run_id)
        return SlotResult(slot=slot, outcome="done", state="done")
    if ending.error is None and not ending.timed_out and office.stop.is_set():
        slots.release(control, lease, now=now)
        return SlotResult(slot=slot, outcome="released", state="due")
    outcome: slots.AttemptOutcome = "timed-out" if ending.timed_out else "failed"
    reason = ending.error or (
        f"It was not done within its timeout of {schedule.timeout}." if ending.timed_out else "The work ended undone."
    )
    state = slots.fail(control, lease, now=now, outcome=outcome, reason=reason, max_attempts=schedule.max_attempts)
    return SlotResult(slot=slot, outcome=outcome, state=state, reason=reason)
