"""Expressions mean the same to every clock, and changes of clocks are met with open eyes."""

import datetime as dt
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules import cron


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def due(expression: str, timezone: str, after: str, n: int) -> list[str]:
    return [f"{time.at:%m-%d %H:%M}" for time in islice(cron.due_times(expression, timezone, utc(after)), n)]


def test_a_due_time_is_later_than_the_time_asked_about() -> None:
    assert due("30 2 * * *", "UTC", "2026-09-01T02:30", 2) == ["09-02 02:30", "09-03 02:30"]
    assert due("30 2 * * *", "UTC", "2026-09-01T02:29:59", 1) == ["09-01 02:30"]


def test_weekdays_are_the_days_of_their_names() -> None:
    assert due("0 6 * * mon", "UTC", "2026-11-20", 2) == ["11-23 06:00", "11-30 06:00"]
    assert due("0 6 * * sat,sun", "UTC", "2026-11-20T12:00", 2) == ["11-21 06:00", "11-22 06:00"]


def test_a_wall_time_that_comes_twice_is_due_once() -> None:
    assert due("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2) == ["10-25 00:30", "10-26 01:30"]


def test_a_wall_time_that_does_not_exist_is_due_later_that_day() -> None:
    assert due("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", 2) == ["03-29 01:30", "03-30 00:30"]


def test_every_hour_is_every_hour_through_a_change_of_clocks() -> None:
    autumn = due("30 * * * *", "Europe/Berlin", "2026-10-24T22:45", 5)
    spring = due("30 * * * *", "Europe/Berlin", "2026-03-28T23:45", 3)
    assert autumn == ["10-24 23:30", "10-25 00:30", "10-25 01:30", "10-25 02:30", "10-25 03:30"]
    assert spring == ["03-29 00:30", "03-29 01:30", "03-29 02:30"]


def test_a_change_of_clocks_is_told_before_it_comes() -> None:
    assert list(cron.clock_changes("30 2 * * *", "Europe/Berlin", utc("2026-09-01"))) == [
        "02:30 comes twice in Europe/Berlin on 2026-10-25; the slot of that day is due at the first.",
        "02:30 does not exist in Europe/Berlin on 2027-03-28; the slot of that day is due at 03:30.",
    ]


@pytest.mark.parametrize(("expression", "timezone"), [("30 2 * * *", "UTC"), ("30 4 * * *", "Europe/Berlin")])
def test_a_time_that_no_change_touches_is_told_nothing_of(expression: str, timezone: str) -> None:
    assert list(cron.clock_changes(expression, timezone, utc("2026-09-01"))) == []


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("0 6 * * 1", r"Expected weekdays by name \(mon, .*got '1': clocks number the days differently"),
        ("0 6 * * mon-5", r"Expected weekdays by name .*got 'mon-5'"),
        ("0 6 * * */2", r"Expected weekdays by name .*got '\*/2'"),
        ("0 6 * * mon#first", r"Expected weekdays such as mon-fri or sat,sun .*got 'mon#first'"),
        ("0 6 * * sat-mon", r"the week begins on mon\), got 'sat-mon'"),
        ("0 6 * * *,mon", r"Expected \* alone or names of weekdays"),
        ("0 6 1 * mon", "Expected a day of month or a weekday, got both"),
        ("0 6 * *", "Expected five fields .*got 4"),
        ("60 6 * * *", "Expected minute as .*numbers from 0 to 59.*got '60'"),
        ("0 6-2 * * *", "Expected hour as .*got '6-2'"),
        ("5/10 * * * *", "Expected minute as .*got '5/10'"),
        ("*/0 * * * *", r"Expected minute as .*got '\*/0'"),
        ("0 6 last * *", "Expected day of month as .*got 'last'"),
        ("0 6 * jan *", "Expected month as .*got 'jan'"),
    ],
)
def test_what_clocks_read_differently_is_refused(expression: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cron.parse(expression)


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 59), st.integers(0, 3), ZONES)
def test_a_daily_time_is_due_once_on_every_day_of_a_year(minute: int, hour: int, timezone: str) -> None:
    times = list(islice(cron.due_times(f"{minute} {hour} * * *", timezone, utc("2026-01-01T12:00")), 365))
    assert len({time.wall.date() for time in times}) == 365
    assert all(first.at < second.at for first, second in pairwise(times))
