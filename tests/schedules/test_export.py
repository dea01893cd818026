"""The same slots for cron, systemd and Kubernetes: compared with committed files, and read by systemd where it is."""

import datetime as dt
import shutil
import subprocess
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from data.errors import UnknownNameError
from schedules.export import TARGETS, crontab_fields, export, on_calendar
from schedules.schedule import Schedule

GOLDEN = Path(__file__).parent / "golden"
WEEKEND = Schedule(
    name="weekend",
    suite="core-image",
    models=("flux.1-*", "sdxl-1.0"),
    cron="*/20 6-8 * * fri-sun",
    timezone="Europe/Berlin",
    catchup="none",
    grace=dt.timedelta(minutes=10),
    timeout=dt.timedelta(hours=2),
    max_attempts=2,
)


@pytest.mark.parametrize("to", TARGETS)
def test_an_export_is_what_it_was(to: str) -> None:
    for name, text in export(WEEKEND, to).items():
        assert text == (GOLDEN / name).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("to", TARGETS)
def test_every_export_calls_the_same_command(to: str) -> None:
    text = "".join(export(WEEKEND, to).values())
    assert "halflife schedule run weekend" in text or '["halflife", "schedule", "run", "weekend"]' in text


def test_systemd_catches_up_unless_the_file_says_not_to() -> None:
    persistent = [
        export(replace(WEEKEND, catchup=catchup), "systemd")["halflife-weekend.timer"].count("Persistent=true")
        for catchup in ("none", "latest", "all")
    ]
    assert persistent == [0, 1, 1]


def test_an_unknown_clock_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown clock to export to 'kubernets'\. Did you mean 'kubernetes'\?"):
        export(WEEKEND, "kubernets")


def test_a_name_with_line_breaks_cannot_leave_its_comment() -> None:
    nasty = replace(WEEKEND, suite="x\n* * * * * rm -rf /", models=("a\r\nb",))
    for to in TARGETS:
        plain, risky = export(WEEKEND, to), export(nasty, to)
        assert [text.count("\n") for text in plain.values()] == [text.count("\n") for text in risky.values()]
        assert not any("\r" in text for text in risky.values())


@pytest.mark.parametrize(
    ("cron", "crontab", "calendar"),
    [
        ("30 2 * * *", "30 2 * * *", "*-*-* 02:30:00 UTC"),
        ("5 4 1,15 * *", "5 4 1,15 * *", "*-*-01,15 04:05:00 UTC"),
        ("0 */6 * 3-5 *", "0 */6 * 3-5 *", "*-03..05-* 00/6:00:00 UTC"),
        ("0-30/10 7 */2 * *", "0-30/10 7 */2 * *", "*-*-01/2 07:00..30/10:00 UTC"),
        ("0 6 * * sat-sun,mon", "0 6 * * MON,SAT,SUN", "Mon,Sat,Sun *-*-* 06:00:00 UTC"),
    ],
)
def test_a_time_is_written_as_each_clock_writes_it(cron: str, crontab: str, calendar: str) -> None:
    schedule = replace(WEEKEND, cron=cron, timezone="UTC")
    assert (crontab_fields(schedule), on_calendar(schedule)) == (crontab, calendar)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("cron", ["*/20 6-8 * * fri-sun", "0-30/10 7 */2 * *", "5 4 1,15 */3 *", "0 6 1 2 *"])
def test_systemd_means_the_same_times(cron: str) -> None:
    schedule = replace(WEEKEND, cron=cron)
    command = ["systemd-analyze", "calendar", "--iterations=8", "--base-time=2026-09-01 UTC", on_calendar(schedule)]
    printed = subprocess.run(command, env={"TZ": "UTC"}, capture_output=True, text=True, check=True).stdout
    lines = [line.split(": ", 1)[1].strip() for line in printed.splitlines() if "elapse:" in line or "Iter" in line]
    theirs = [dt.datetime.strptime(line, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=dt.UTC) for line in lines]
    start = dt.datetime(2026, 9, 1, tzinfo=dt.UTC) - dt.timedelta(seconds=1)
    assert theirs == list(islice(schedule.due_times(start), 8))[: len(theirs)]
    assert theirs
