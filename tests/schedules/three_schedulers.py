"""Run by a test, in a process of its own: three schedulers forked from it, killed at random, and once all together.

Usage: three_schedulers.py FOLDER SEED. What happened stands in FOLDER/control.sqlite and FOLDER/samples.
"""

import datetime as dt
import os
import random
import signal
import sys
from pathlib import Path

from data.store.control import Control
from schedules.due_slots import record_due
from schedules.schedule import Schedule
from schedules.scheduler import SchedulerContext, SlotWork, run_recorded
from schedules.slots import Lease, LeaseTerms, Slot, history

SLOTS, SAMPLES, KILLS = 5, 4, 12
TERMS = LeaseTerms(lease_seconds=0.5, poll_seconds=0.05)
SCHEDULES = tuple(
    Schedule(
        name=name,
        suite="s",
        models=("m",),
        cron="* * * * *",
        catchup="all",
        grace=dt.timedelta(seconds=1),
        max_attempts=100,
    )
    for name in ("first", "second", "third")
)


def main(folder: Path, seed: int) -> None:
    """Fork, read what the schedulers report, kill, fork again, until every slot is done."""
    control = Control(folder / "control.sqlite")
    past = dt.datetime.now(dt.UTC).replace(second=30, microsecond=0) - dt.timedelta(hours=2)
    for schedule in SCHEDULES:
        record_due(schedule, control, past)
        record_due(schedule, control, past + dt.timedelta(minutes=SLOTS))
    reading, writing = os.pipe()
    alive = {fork(folder, writing) for _ in range(3)}
    rng, killed = random.Random(seed), 0
    with os.fdopen(reading) as reports:
        for report in reports:
            if killed < KILLS and rng.random() < 0.5:
                victims = set(alive) if killed == KILLS // 2 else {int(report)} & alive
                for victim in victims:
                    kill(victim)
                    alive.remove(victim)
                    killed += 1
                alive |= {fork(folder, writing) for _ in victims}
            elif killed >= KILLS and writing >= 0:
                os.close(writing)
                writing = -1
    codes = [os.waitpid(each, 0)[1] for each in alive]
    sys.exit(1 if any(codes) or killed < KILLS else 0)


def kill(victim: int) -> None:
    """SIGKILL, and wait until it is gone."""
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)


def fork(folder: Path, writing: int) -> int:
    """Return the process id of a new scheduler, which ends when every slot is done."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        context = SchedulerContext(
            control=Control(folder / "control.sqlite"), work=work_in(folder, writing), terms=TERMS
        )
        while any(slot.state != "done" for slot in history(context.control, limit=1_000)):
            for schedule in SCHEDULES:
                run_recorded(schedule, context)
            context.clock.wait(TERMS.poll_seconds, context.stop.event)
        code = 0
    finally:
        os._exit(code)


def work_in(folder: Path, writing: int) -> SlotWork:
    """Return work that makes each sample of a slot once, and reports the process after each."""

    def work(slot: Slot, lease: Lease) -> str | None:
        for number in range(SAMPLES):
            if lease.stop.wait(0.005):
                return None
            sample = folder / "samples" / f"{slot.schedule}-{slot.due:%H%M}-{number}"
            sample.touch()
            os.write(writing, f"{os.getpid()}\n".encode())
        return f"{slot.schedule}-{slot.due:%H%M}"

    return work


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
