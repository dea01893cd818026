"""Run by a test, in a process of its own: a scheduler on the machine's clock, in the middle of a slot.

Usage: one_scheduler.py FOLDER. Prints "working" when its work has begun; ends with code 0 when SIGTERM came.
"""

import datetime as dt
import sys
from pathlib import Path

from data.store.control import Control
from schedules.clock import stopped_by_signals
from schedules.due_slots import record_due
from schedules.schedule import Schedule
from schedules.scheduler import SchedulerContext, serve
from schedules.slots import Lease, Slot

SCHEDULE = Schedule(name="nightly", suite="s", models=("m",), cron="* * * * *")


def work(_slot: Slot, lease: Lease) -> None:
    """Make samples until told to stop."""
    print("working", flush=True)
    while not lease.stop.wait(0.01):
        pass


if __name__ == "__main__":
    context = SchedulerContext(control=Control(Path(sys.argv[1]) / "control.sqlite"), work=work)
    record_due(SCHEDULE, context.control, dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))
    with stopped_by_signals(context.stop):
        serve((SCHEDULE,), context)
