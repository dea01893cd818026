"""Schedules: what runs when, read from TOML files and checked once."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, Field, field_validator

from data.errors import InputFileError, UnknownNameError
from data.formats.toml import Declared, read_toml, validated
from schedules import cron

Catchup = Literal["none", "latest", "all"]
Overlap = Literal["skip", "queue"]

FOLDER: Final = Path(__file__).parent
"""Where the shipped schedules are."""

NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What runs when. Durations are timedeltas; `budget` is what the remote calls of one slot may cost, in US dollars.

    `grace`: how late a slot may begin and still count as on time. `catchup`: which of the slots that nobody began in
    time are run afterwards. `overlap`: whether a slot that becomes due while the one before is running is skipped or
    waits. `timeout`: how long one attempt may take. `max_attempts`: after how many failed ones the slot is failed.
    """

    name: str
    suite: str
    models: tuple[str, ...]
    cron: str
    timezone: str = "UTC"
    catchup: Catchup = "latest"
    grace: dt.timedelta = dt.timedelta(hours=1)
    overlap: Overlap = "skip"
    timeout: dt.timedelta = dt.timedelta(hours=6)
    max_attempts: int = 3
    seeds: int = 1
    budget: float | None = None

    def due_times(self, after: dt.datetime) -> Iterator[dt.datetime]:
        """Yield the due times, in UTC, later than `after`, in order."""
        return (due.at for due in cron.due_times(self.cron, self.timezone, after))

    def warnings(self, now: dt.datetime) -> tuple[str, ...]:
        """Return a sentence for each due time of the next 400 days that a change of clocks moves or repeats."""
        return tuple(cron.clock_changes(self.cron, self.timezone, now))


def _duration(value: object) -> dt.timedelta:
    match = re.fullmatch(r"(\d{1,6})([smhd])", value) if isinstance(value, str) else None
    if match is None or not int(match[1]):
        raise ValueError(f"Expected a duration such as '90s', '30m', '6h' or '2d', got {value!r}.")
    return dt.timedelta(**{UNITS[match[2]]: int(match[1])})


Duration = Annotated[dt.timedelta, BeforeValidator(_duration)]


class ScheduleFile(Declared):
    """The keys of a schedule's file; the defaults are those of `Schedule`."""

    name: str
    suite: str = Field(min_length=1)
    models: list[str] = Field(min_length=1)
    cron: str
    timezone: str = Schedule.timezone
    catchup: Catchup = Schedule.catchup
    grace: Duration = Schedule.grace
    overlap: Overlap = Schedule.overlap
    timeout: Duration = Schedule.timeout
    max_attempts: int = Field(default=Schedule.max_attempts, ge=1, le=100)
    seeds: int = Field(default=Schedule.seeds, ge=1, le=1_000)
    budget: float | None = Field(default=None, ge=0, allow_inf_nan=False)

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError(f"Expected 1 to 40 characters out of a-z, 0-9 and '-', got {value!r}. Rename it.")
        return value

    @field_validator("cron")
    @classmethod
    def _is_due_sometime(cls, value: str) -> str:
        start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        if next(cron.due_times(value, "UTC", start), None) is None:
            raise ValueError(f"Expected a time that exists, got {value!r}, which never comes. Correct day or month.")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            nearest = str(UnknownNameError("timezone", value, available_timezones())).partition(" Known:")[0]
            raise ValueError(f"{nearest} Write a name such as 'Europe/Berlin' or 'UTC'.") from None
        return value


def load_schedules(path: Path | str = FOLDER) -> tuple[Schedule, ...]:
    """Return the schedules of a file, or of every `.toml` file in a folder, by name.

    Raises InputFileError, with file and key, for an invalid value, for a name that two files have, and for a folder
    without schedules.
    """
    path = Path(path)
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise InputFileError(path, "Expected a schedule's .toml file in this folder, got none. Add one.")
    by_name: dict[str, tuple[Schedule, Path]] = {}
    for file in files:
        table = validated(ScheduleFile, read_toml(file), file)
        if table.name in by_name:
            other = by_name[table.name][1]
            problem = f"Expected a name of its own, got {table.name!r}, which {other} has too. Rename one."
            raise InputFileError(file, problem, key="name")
        fields = table.model_dump(exclude={"models"})
        by_name[table.name] = (Schedule(models=tuple(table.models), **fields), file)
    return tuple(by_name[name][0] for name in sorted(by_name))


def schedule_named(schedules: tuple[Schedule, ...], name: str) -> Schedule:
    """Return the schedule `name`. Raises UnknownNameError with the nearest one."""
    for schedule in schedules:
        if schedule.name == name:
            return schedule
    raise UnknownNameError("schedule", name, [schedule.name for schedule in schedules])


def upcoming(schedule: Schedule, now: dt.datetime, n: int = 5) -> tuple[dt.datetime, ...]:
    """Return the next `n` due times after `now`, in UTC."""
    return tuple(islice(schedule.due_times(now), n))
