"""What becomes due is recorded once, and what nobody was there for is caught up with as the file says."""

import datetime as dt
from dataclasses import replace

import pytest

from data.store.control import Control
from schedules.due_slots import due_slots, record_due
from schedules.schedule import Schedule
from schedules.slots import LeaseTerms, claim, complete, history

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def states(control: Control) -> dict[int, str]:
    return {slot.due.day: slot.state for slot in reversed(history(control))}


def test_a_slot_is_recorded_once_however_often_one_looks(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    for minutes in (0, 0, 5, 10):
        record_due(schedule, control, start + dt.timedelta(minutes=minutes))
    assert [slot.due for slot in history(control)] == [start]


def test_nothing_is_due_before_its_time(schedule: Schedule, control: Control, start: dt.datetime) -> None:
    assert due_slots(schedule, control, start - dt.timedelta(seconds=1)) == ()
    assert [slot.due for slot in due_slots(schedule, control, start)] == [start]


def test_a_schedule_seen_for_the_first_time_has_no_past_beyond_its_grace(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    record_due(replace(schedule, catchup="all"), control, start + dt.timedelta(minutes=59))
    record_due(replace(schedule, name="other", catchup="all"), control, start + dt.timedelta(minutes=61))
    assert [slot.schedule for slot in history(control)] == ["nightly"]


@pytest.mark.parametrize(
    ("catchup", "expected"),
    [
        ("none", {1: "due", 2: "skipped", 3: "skipped", 4: "skipped"}),
        ("latest", {1: "due", 2: "skipped", 3: "skipped", 4: "due"}),
        ("all", {1: "due", 2: "due", 3: "due", 4: "due"}),
    ],
)
def test_an_outage_is_caught_up_with_as_the_file_says(
    schedule: Schedule, control: Control, start: dt.datetime, catchup: str, expected: dict[int, str]
) -> None:
    once = replace(schedule, catchup=catchup)
    record_due(once, control, start)
    lease = claim(once, control, now=start, owner="me", terms=LeaseTerms())
    assert lease is not None
    complete(control, lease, now=start, run_id="r")
    record_due(once, control, start + 3 * DAY + 2 * HOUR)
    assert states(control) == expected | {1: "done"}


def test_without_catching_up_a_slot_within_its_grace_still_counts(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    punctual = replace(schedule, catchup="none")
    record_due(punctual, control, start - HOUR)
    assert [slot.state for slot in due_slots(punctual, control, start + HOUR)] == ["due"]


def test_without_catching_up_a_recorded_slot_that_nobody_began_is_given_up(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    punctual = replace(schedule, catchup="none")
    record_due(punctual, control, start)
    record_due(punctual, control, start + 2 * HOUR)
    (slot,) = history(control)
    assert (slot.state, slot.reason) == ("skipped", "It was missed by more than its grace (catchup = 'none').")


def test_what_was_missed_more_than_five_weeks_ago_is_left_alone(
    schedule: Schedule, control: Control, start: dt.datetime
) -> None:
    everything = replace(schedule, catchup="all")
    record_due(everything, control, start)
    record_due(everything, control, start + 100 * DAY)
    assert len(history(control, limit=1_000)) == 1 + 35


@pytest.mark.parametrize(("overlap", "expected"), [("skip", "skipped"), ("queue", "due")])
def test_a_slot_that_becomes_due_while_one_is_running_is_skipped_or_waits(
    schedule: Schedule, control: Control, start: dt.datetime, overlap: str, expected: str
) -> None:
    hourly = replace(schedule, cron="30 * * * *", overlap=overlap, catchup="all")
    record_due(hourly, control, start)
    assert claim(hourly, control, now=start, owner="me", terms=LeaseTerms(lease_seconds=7_200)) is not None
    record_due(hourly, control, start + HOUR)
    assert history(control)[0].state == expected
    assert claim(hourly, control, now=start + HOUR, owner="you", terms=LeaseTerms()) is None


def test_a_skipped_slot_says_which_one_was_running(schedule: Schedule, control: Control, start: dt.datetime) -> None:
    hourly = replace(schedule, cron="30 * * * *", catchup="all")
    record_due(hourly, control, start)
    lease = claim(hourly, control, now=start, owner="me", terms=LeaseTerms())
    assert lease is not None
    complete(control, lease, now=start + HOUR + dt.timedelta(minutes=5), run_id="r")
    record_due(hourly, control, start + 2 * HOUR)
    newest, skipped, _done = history(control)
    assert (newest.state, skipped.state) == ("due", "skipped")
    assert skipped.reason == "The slot of 2026-09-01T02:30:00.000000Z was still running (overlap = 'skip')."
