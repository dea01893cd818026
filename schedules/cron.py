"""Cron expressions that mean the same to every clock, and the times in UTC at which they are due.

Five fields, as in crontab(5): minute, hour, day of month, month, weekday. Weekdays are names: numbers mean other days
to APScheduler (0 is Monday) than to cron (0 is Sunday). A day of month beside a weekday is refused: APScheduler asks
for both, cron for either.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIELDS: Final = ("minute", "hour", "day of month", "month", "weekday")
BOUNDS: Final = ((0, 59), (0, 23), (1, 31), (1, 12))

HORIZON: Final = dt.timedelta(days=9 * 366)
"""A leap day always comes within this time; an expression that is not due within it is never due."""

_NUMBERS: Final = re.compile(r"(\*|\d{1,2}(-\d{1,2})?)(/\d{1,2})?")
_NAMES: Final = re.compile(rf"\*|({'|'.join(WEEKDAYS)})(-({'|'.join(WEEKDAYS)}))?")


class Cron(NamedTuple):
    """The five fields of an expression, as written."""

    minute: str
    hour: str
    day: str
    month: str
    weekday: str


class DueTime(NamedTuple):
    """A due time in UTC, and the wall-clock time that the expression asked for (which may not exist on that day)."""

    at: dt.datetime
    wall: dt.datetime


def parse(expression: str) -> Cron:
    """Return the fields of `expression`. Raises ValueError that says what is wrong."""
    fields = expression.lower().split()
    if len(fields) != len(FIELDS):
        raise ValueError(f"Expected five fields ({', '.join(FIELDS)}), got {len(fields)} in {expression!r}.")
    cron = Cron(*fields)
    for name, field, (low, high) in zip(FIELDS, cron, BOUNDS, strict=False):
        _check_numbers(name, field, low, high)
    _check_weekday(cron.weekday)
    if cron.day != "*" and cron.weekday != "*":
        raise ValueError(
            f"Expected a day of month or a weekday, got both in {expression!r}: to some clocks that means "
            "both, to others either. Write two schedules."
        )
    return cron


def due_times(expression: str, timezone: str, after: dt.datetime) -> Iterator[DueTime]:
    """Yield when `expression` is due in `timezone`, later than `after`, in order.

    Where a change of clocks repeats a wall-clock time, the slot is due once, at the first, unless the hour field begins
    with `*`. Where it leaves a time out, the slot is due as much later as the clocks were moved.
    """
    from apscheduler.triggers.cron import CronTrigger

    cron, zone = parse(expression), ZoneInfo(timezone)
    trigger = CronTrigger(
        minute=cron.minute,
        hour=cron.hour,
        day=cron.day,
        month=cron.month,
        day_of_week=cron.weekday,
        timezone=zone,
        end_date=after + HORIZON,
    )
    start = after.astimezone(dt.UTC).replace(microsecond=0)
    while True:
        local = trigger.get_next_fire_time(None, (start + dt.timedelta(seconds=1)).astimezone(zone))
        if local is None:
            return
        start = local.astimezone(dt.UTC)
        if not local.fold or cron.hour.startswith("*"):
            yield DueTime(start, local.replace(tzinfo=None, fold=0))


def clock_changes(expression: str, timezone: str, after: dt.datetime) -> Iterator[str]:
    """Yield a sentence for each due time within 400 days that a change of clocks moves or repeats."""
    if parse(expression).hour.startswith("*"):
        return
    zone = ZoneInfo(timezone)
    for due in due_times(expression, timezone, after):
        if due.at > after + dt.timedelta(days=400):
            return
        real = due.at.astimezone(zone).replace(tzinfo=None, fold=0)
        clock, day = f"{due.wall:%H:%M}", due.wall.date()
        if real != due.wall:
            yield f"{clock} does not exist in {timezone} on {day}; the slot of that day is due at {real:%H:%M}."
        elif zone.utcoffset(due.wall) != zone.utcoffset(due.wall.replace(fold=1)):
            yield f"{clock} comes twice in {timezone} on {day}; the slot of that day is due at the first."


def expanded(field: str) -> list[str]:
    """Return the weekday names that a weekday field means, Monday first.

    >>> expanded("fri-sun,mon")
    ['mon', 'fri', 'sat', 'sun']
    """
    chosen: set[str] = set()
    for item in field.split(","):
        first, _, last = item.partition("-")
        chosen |= set(WEEKDAYS[WEEKDAYS.index(first) : WEEKDAYS.index(last or first) + 1])
    return [name for name in WEEKDAYS if name in chosen]


def _check_numbers(name: str, field: str, low: int, high: int) -> None:
    for item in field.split(","):
        values, _, step = item.partition("/")
        ends = [int(end) for end in values.split("-") if end.isdigit()]
        is_range = values == "*" or "-" in values
        is_valid = _NUMBERS.fullmatch(item) and all(low <= end <= high for end in ends) and ends == sorted(ends)
        if not is_valid or (step and (not is_range or not 1 <= int(step) <= high)):
            raise ValueError(
                f"Expected {name} as *, numbers from {low} to {high}, ranges such as {low}-{low + 1} and steps such as "
                f"*/2, got {item!r}."
            )


def _check_weekday(field: str) -> None:
    if re.search(r"\d", field):
        raise ValueError(
            f"Expected weekdays by name (mon, tue, wed, thu, fri, sat, sun), got {field!r}: clocks number the "
            "days differently. Write names."
        )
    for item in field.split(","):
        first, _, last = item.partition("-")
        if not _NAMES.fullmatch(item) or (last and WEEKDAYS.index(first) > WEEKDAYS.index(last)):
            raise ValueError(f"Expected weekdays such as mon-fri or sat,sun (the week begins on mon), got {item!r}.")
        if item == "*" and field != "*":
            raise ValueError(f"Expected * alone or names of weekdays, got {field!r}.")
