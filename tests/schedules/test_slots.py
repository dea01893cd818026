"""Leases: one owner at a time, taken over when they run out, fenced against those who come back late."""

import datetime as dt
from dataclasses import replace

import pytest

from data.errors import UnknownNameError
from data.store.control import Control
from schedules import slots
from schedules.due_slots import record_due
from schedules.schedule import Schedule
from schedules.slots import Lease, LeaseLostError, LeaseTerms

MINUTE = dt.timedelta(minutes=1)
TERMS = LeaseTerms(lease_seconds=60, retry_seconds=60)


def claimed(schedule: Schedule, control: Control, now: dt.datetime, owner: str = "me") -> Lease:
    record_due(schedule, control, now)
    lease = slots.claim(schedule, control, now=now, owner=owner, terms=TERMS)
    assert lease is not None
    return lease


def test_a_claimed_slot_has_one_owner(schedule: Schedule, control: Control, start: dt.datetime) -> None:
    lease = claimed(schedule, control, start)
    assert slots.claim(schedule, control, now=start, owner="you", terms=TERMS) is None
    (slot,) = slots.history(control)
    assert (slot.state, slot.owner, slot.attempt, slot.lease_until) == ("claimed", "me", 1, start + MINUTE)
    assert lease.due == slot.due


def test_a_renewed_lease_is_not_taken_over(schedule: Schedule, control: Control, start: dt.datetime) -> None:
    lease = claimed(schedule, control, start)
    assert slots.renew(control, lease, now=start + MINUTE / 2, terms=TERMS)
    assert slots.claim(schedule, control, now=start + MINUTE, owner="you", terms=TERMS) is None


def test_a_lease_that_ran_out_is_taken_over_and_its_zombie_cannot_complete(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    zombie = claimed(schedule, control, start)
    heir = claimed(schedule, control, start + 2 * MINUTE, "you")
    assert (heir.attempt, heir.fence) == (2, 2)
    with pytest.raises(LeaseLostError, match=r"nightly 2026-09-01T02:30:00.000000Z \(fence 1\) was lost"):
        slots.complete(control, zombie, now=start + 3 * MINUTE, run_id="zombie")
    assert not slots.renew(control, zombie, now=start + 3 * MINUTE, terms=TERMS)
    slots.complete(control, heir, now=start + 3 * MINUTE, run_id="heir")
    assert [(slot.state, slot.run_id) for slot in slots.history(control)] == [("done", "heir")]


def test_a_zombie_can_neither_fail_nor_release(schedule: Schedule, control: Control, start: dt.datetime) -> None:
    zombie = claimed(schedule, control, start)
    claimed(schedule, control, start + 2 * MINUTE, "you")
    with pytest.raises(LeaseLostError, match="was lost"):
        slots.release(control, zombie, now=start + 2 * MINUTE)
    with pytest.raises(LeaseLostError, match="was lost"):
        slots.fail(control, zombie, now=start + 2 * MINUTE, outcome="failed", reason="x", max_attempts=1)
    assert slots.history(control)[0].state == "claimed"


def test_a_done_slot_is_never_claimed_again(schedule: Schedule, control: Control, start: dt.datetime) -> None:
    slots.complete(control, claimed(schedule, control, start), now=start, run_id="r")
    record_due(schedule, control, start + MINUTE)
    assert slots.claim(schedule, control, now=start + MINUTE, owner="you", terms=TERMS) is None


def test_a_failed_slot_rests_and_is_failed_for_good_after_its_last_attempt(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    twice, now = replace(schedule, max_attempts=2), start
    for expected in ("due", "failed"):
        lease = claimed(twice, control, now)
        state = slots.fail(control, lease, now=now, outcome="failed", reason="no disk", max_attempts=2)
        assert state == expected
        assert slots.claim(twice, control, now=now + MINUTE / 2, owner="me", terms=TERMS) is None
        now += MINUTE
    (slot,) = slots.history(control)
    assert (slot.state, slot.attempt, slot.reason) == ("failed", 2, "no disk")


def test_a_slot_whose_owners_all_vanish_is_failed_and_says_who_was_last(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    twice = replace(schedule, max_attempts=2)
    claimed(twice, control, start, "first")
    claimed(twice, control, start + 2 * MINUTE, "second")
    assert slots.claim(twice, control, now=start + 4 * MINUTE, owner="third", terms=TERMS) is None
    (slot,) = slots.history(control)
    assert slot.state == "failed"
    assert slot.reason == "The process second did not renew its lease after 2026-09-01T02:33:00.000000Z."


def test_a_released_slot_is_due_at_once_and_loses_no_attempt(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    once = replace(schedule, max_attempts=1)
    for _ in range(3):
        slots.release(control, claimed(once, control, start), now=start)
    slots.complete(control, claimed(once, control, start), now=start, run_id="r")
    assert (slots.history(control)[0].state, slots.history(control)[0].attempt) == ("done", 4)


def test_an_unknown_slot_is_named(control: Control, start: dt.datetime) -> None:
    with pytest.raises(UnknownNameError, match="Unknown slot of schedule 'nightly'"):
        slots.slot(control, "nightly", start)
