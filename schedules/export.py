"""The same slots for other clocks: crontab lines, systemd timers, Kubernetes CronJobs.

Each of them calls `halflife schedule run NAME`, which claims a slot by its scheduled time: called twice, or by two
clocks, the slot is still run once.
"""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from string import Template
from typing import Final

from data.errors import UnknownNameError
from schedules import cron
from schedules.schedule import Schedule

COMMAND: Final = "halflife schedule run"

CRONTAB: Final = Template("""\
# $name: $suite on $models. Written by `halflife schedule export`; put it into a crontab of cronie (CRON_TZ).
# Set HALFLIFE_HOME to the observatory directory, and PATH so that halflife is found.
CRON_TZ=$timezone
$expression $command
""")

SERVICE: Final = Template("""\
# $name: $suite on $models. Written by `halflife schedule export`.
[Unit]
Description=Halflife schedule $name
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# HALFLIFE_HOME=/path/to/observatory, and keys of providers, one a line.
EnvironmentFile=-/etc/halflife/environment
ExecStart=/usr/bin/env $command
TimeoutStartSec=$timeout_all
TimeoutStopSec=10min
KillSignal=SIGTERM
KillMode=mixed
""")

TIMER: Final = Template("""\
# $name: $suite on $models. Written by `halflife schedule export`.
[Unit]
Description=Halflife schedule $name

[Timer]
OnCalendar=$calendar
Persistent=$persistent
AccuracySec=1s
Unit=$unit.service

[Install]
WantedBy=timers.target
""")

CRONJOB: Final = Template("""\
# $name: $suite on $models. Written by `halflife schedule export`; put your image and volume claim in.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: $unit
spec:
  schedule: $quoted_expression
  timeZone: $quoted_timezone
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: $deadline
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      backoffLimit: 0
      activeDeadlineSeconds: $timeout_all
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 600
          containers:
            - name: halflife
              image: halflife:latest
              command: $quoted_command
              env:
                - name: HALFLIFE_HOME
                  value: /observatory
              volumeMounts:
                - name: observatory
                  mountPath: /observatory
          volumes:
            - name: observatory
              persistentVolumeClaim:
                claimName: halflife-observatory
""")


def export(schedule: Schedule, to: str) -> dict[str, str]:
    """Return the files, by name, with which `to` ("cron", "systemd" or "kubernetes") runs the same slots.

    Raises UnknownNameError for another clock.
    """
    if to not in TARGETS:
        raise UnknownNameError("clock to export to", to, TARGETS)
    return TARGETS[to](schedule)


def on_calendar(schedule: Schedule) -> str:
    """Return the schedule as systemd.time(7) writes it, for example `Mon,Fri *-*-* 02:30:00 Europe/Berlin`."""
    fields = cron.parse(schedule.cron)
    days = "" if fields.weekday == "*" else ",".join(name.title() for name in cron.expanded(fields.weekday)) + " "
    day = f"*-{_systemd(fields.month, 1)}-{_systemd(fields.day, 1)}"
    return f"{days}{day} {_systemd(fields.hour, 0)}:{_systemd(fields.minute, 0)}:00 {schedule.timezone}"


def crontab_fields(schedule: Schedule) -> str:
    """Return the schedule's five fields with weekdays listed one by one: ranges over Sunday differ between crons."""
    fields = cron.parse(schedule.cron)
    weekday = "*" if fields.weekday == "*" else ",".join(cron.expanded(fields.weekday)).upper()
    return " ".join(fields._replace(weekday=weekday))


def _systemd(field: str, first: int) -> str:
    """Return a field as systemd writes it: a step over `*` begins at the field's first value, a range has two dots."""
    items = [re.sub(r"^\*(?=/)", f"{first:02}", item).replace("-", "..") for item in field.split(",")]
    return ",".join(re.sub(r"(?<![\d/])(\d)(?!\d)", r"0\1", item) for item in items)


def _crontab(schedule: Schedule) -> dict[str, str]:
    return {f"halflife-{schedule.name}.cron": CRONTAB.substitute(_values(schedule))}


def _units(schedule: Schedule) -> dict[str, str]:
    values = _values(schedule)
    return {
        f"halflife-{schedule.name}.service": SERVICE.substitute(values),
        f"halflife-{schedule.name}.timer": TIMER.substitute(values),
    }


def _cronjob(schedule: Schedule) -> dict[str, str]:
    return {f"halflife-{schedule.name}.cronjob.yaml": CRONJOB.substitute(_values(schedule))}


def _values(schedule: Schedule) -> dict[str, str]:
    command = f"{COMMAND} {schedule.name}"
    # A run of the command goes through every attempt of every slot that it finds due.
    timeout_all = int(schedule.timeout.total_seconds()) * schedule.max_attempts
    return {
        "name": schedule.name,
        "suite": _one_line(schedule.suite),
        "models": _one_line(", ".join(schedule.models)),
        "unit": f"halflife-{schedule.name}",
        "command": command,
        "quoted_command": json.dumps(command.split()),
        "expression": crontab_fields(schedule),
        "quoted_expression": json.dumps(crontab_fields(schedule)),
        "timezone": schedule.timezone,
        "quoted_timezone": json.dumps(schedule.timezone),
        "calendar": on_calendar(schedule),
        "persistent": "false" if schedule.catchup == "none" else "true",
        "deadline": str(int(max(schedule.grace, dt.timedelta(days=schedule.catchup != "none")).total_seconds())),
        "timeout_all": str(timeout_all),
    }


def _one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


TARGETS: Final[Mapping[str, Callable[[Schedule], dict[str, str]]]] = {
    "cron": _crontab,
    "systemd": _units,
    "kubernetes": _cronjob,
}
"""The clocks that schedules can be exported to."""
