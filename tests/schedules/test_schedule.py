"""A schedule's file: what may stand in it, and what is said where it does not hold."""

import datetime as dt
from pathlib import Path

import pytest

from data.errors import InputFileError, UnknownNameError
from schedules.schedule import Schedule, load_schedules, schedule_named, upcoming

WHOLE = """
name = "nightly"
suite = "shapes"
models = ["shapes-*"]
cron = "30 2 * * mon-fri"
timezone = "Europe/Berlin"
catchup = "all"
grace = "90s"
overlap = "queue"
timeout = "6h"
max_attempts = 2
seeds = 3
budget = 5
"""


def written(tmp_path: Path, content: str, name: str = "nightly.toml") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    assert load_schedules(written(tmp_path, WHOLE)) == (
        Schedule(
            name="nightly",
            suite="shapes",
            models=("shapes-*",),
            cron="30 2 * * mon-fri",
            timezone="Europe/Berlin",
            catchup="all",
            grace=dt.timedelta(seconds=90),
            overlap="queue",
            timeout=dt.timedelta(hours=6),
            max_attempts=2,
            seeds=3,
            budget=5.0,
        ),
    )


def test_what_is_left_out_is_the_default(tmp_path: Path) -> None:
    (read,) = load_schedules(written(tmp_path, "\n".join([*WHOLE.splitlines()[:4], 'cron = "0 6 * * *"'])))
    assert read == Schedule(name="nightly", suite="shapes", models=("shapes-*",), cron="0 6 * * *")


def test_the_shipped_schedules_hold() -> None:
    nightly, sentinel = load_schedules()
    assert (nightly.name, nightly.suite, nightly.budget) == ("nightly", "shapes", 0.0)
    assert (sentinel.name, sentinel.suite, sentinel.seeds) == ("sentinel", "sentinel", 1)
    assert nightly.warnings(dt.datetime(2026, 11, 20, tzinfo=dt.UTC)) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("max_attempts", "max_attemps", r"key 'max_attemps': .*Did you mean 'max_attempts'\?"),
        ('suite = "shapes"\n', "", r"key 'suite': Expected a value, got none"),
        ("mon-fri", "1-5", r"key 'cron': Expected weekdays by name"),
        ("30 2 * * mon-fri", "0 0 30 2 *", r"key 'cron': Expected a time that exists, got '0 0 30 2 \*'"),
        ("Europe/Berlin", "Europe/Berln", r"key 'timezone': .*'Europe/Berln'\. Did you mean 'Europe/Berlin'\?"),
        ("Europe/Berlin", "../../etc/passwd", r"key 'timezone': Unknown timezone"),
        ('"90s"', '"soon"', r"key 'grace': Expected a duration such as '90s', '30m', '6h' or '2d', got 'soon'"),
        ('"90s"', "90", r"key 'grace': Expected a duration .*got 90"),
        ('"6h"', '"0h"', r"key 'timeout': Expected a duration .*got '0h'"),
        ('"all"', '"every"', r"key 'catchup': Expected 'none', 'latest' or 'all', got 'every'"),
        ('"queue"', '"wait"', r"key 'overlap': Expected 'skip' or 'queue', got 'wait'"),
        ("max_attempts = 2", "max_attempts = 0", r"key 'max_attempts': Expected greater than or equal to 1, got 0"),
        ("budget = 5", "budget = -1", r"key 'budget': Expected greater than or equal to 0"),
        ("budget = 5", "budget = inf", r"key 'budget': Expected a finite number"),
        ('["shapes-*"]', "[]", r"key 'models': .*at least 1 item"),
        ('name = "nightly"', 'name = "Nightly Run"', r"key 'name': Expected 1 to 40 characters out of a-z"),
        ('name = "nightly"', "name = ", r"line 2: Expected TOML"),
    ],
)
def test_a_file_that_does_not_hold_names_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputFileError, match=rf"nightly\.toml.*({message})"):
        load_schedules(written(tmp_path, WHOLE.replace(old, new, 1)))


def test_two_files_cannot_claim_one_name(tmp_path: Path) -> None:
    written(tmp_path, WHOLE)
    written(tmp_path, WHOLE, "other.toml")
    with pytest.raises(InputFileError, match=r"other\.toml, key 'name': Expected a name of its own, got 'nightly'"):
        load_schedules(tmp_path)


def test_a_folder_without_schedules_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"Expected a schedule's \.toml file in this folder, got none"):
        load_schedules(tmp_path)


def test_an_unknown_schedule_is_answered_with_the_nearest(schedule: Schedule) -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown schedule 'nightl'\. Did you mean 'nightly'\?"):
        schedule_named((schedule,), "nightl")


def test_upcoming_are_the_next_nominal_times(schedule: Schedule, start: dt.datetime) -> None:
    assert [moment.day for moment in upcoming(schedule, start, 3)] == [2, 3, 4]
