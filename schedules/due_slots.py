"""Slots that became due are recorded in the control database, once each, as due or as skipped with a reason.

The first process that looks records all that became due since any process looked last. Nobody ran what became due in
between; the schedule's `catchup` and `overlap` decide whether it is still run.
"""

import datetime as dt
import logging
import sqlite3
from itertools import takewhile
from typing import Final

from data.serialization import instant
from data.store.control import Control
from schedules.schedule import Schedule
from schedules.slots import Slot, outstanding

LOOK_BACK: Final = dt.timedelta(days=35)
"""A slot that was missed longer ago is neither run nor listed."""

JUMP: Final = dt.timedelta(minutes=1)
"""Clocks that differ by less are the same; a larger difference is somebody who set one."""

log = logging.getLogger(__name__)

LATE: Final = "It was missed by more than its grace (catchup = 'none')."


def record_due(schedule: Schedule, control: Control, now: dt.datetime) -> None:
    """Record the slots that became due until `now`: as due, or as skipped with a reason, by the schedule's rules.

    Where a clock that was ahead recorded slots of days to come, they are forgotten, and the schedule goes on from now.
    """
    with control.transaction() as db:
        row = db.execute("SELECT recorded_until FROM watermarks WHERE schedule = ?", [schedule.name]).fetchone()
        recorded_until = dt.datetime.fromisoformat(row["recorded_until"]) if row else now - schedule.grace
        if recorded_until > now + JUMP:
            recorded_until = _go_back(db, schedule, recorded_until, now)
        elif recorded_until >= now:
            return
        times = list(takewhile(lambda due: due <= now, schedule.due_times(max(recorded_until, now - LOOK_BACK))))
        for due in times:
            _insert(db, schedule.name, due, now=now, reason=_skip_reason(db, schedule, due, now=now, latest=times[-1]))
        if schedule.catchup == "none":
            _skip_late(db, schedule, now)
        _set_watermark(db, schedule, now)


def due_slots(schedule: Schedule, control: Control, now: dt.datetime) -> tuple[Slot, ...]:
    """Record the slots that became due until `now` and return those that are to be run, oldest first."""
    record_due(schedule, control, now)
    return outstanding(control, schedule.name)


def _set_watermark(db: sqlite3.Connection, schedule: Schedule, now: dt.datetime) -> None:
    db.execute(
        "INSERT INTO watermarks VALUES (?, ?) ON CONFLICT DO UPDATE SET recorded_until = excluded.recorded_until",
        [schedule.name, instant(now)],
    )


def _go_back(db: sqlite3.Connection, schedule: Schedule, ahead: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Forget what a clock that was ahead recorded, but what was done or is being worked on.

    Returns until when slots are recorded now. An attempt that ended in a time to come ended at `now`.
    """
    log.warning(
        "%s: a clock that was ahead recorded slots until %s. They are forgotten, and the schedule goes on from %s.",
        *(schedule.name, instant(ahead), instant(now)),
    )
    named = [schedule.name, instant(now)]
    recorded = "FROM slots WHERE schedule = ?1 AND created_at > ?2 AND state NOT IN ('done', 'claimed')"
    db.execute(f"DELETE FROM attempts WHERE schedule = ?1 AND due IN (SELECT due {recorded})", named)  # noqa: S608
    db.execute(f"DELETE {recorded}", named)
    db.execute("UPDATE attempts SET ended_at = ?2 WHERE schedule = ?1 AND ended_at > ?2", named)
    newest = db.execute("SELECT max(due) FROM slots WHERE schedule = ?1 AND created_at <= ?2", named).fetchone()[0]
    return dt.datetime.fromisoformat(newest) if newest else now - schedule.grace


def _skip_reason(
    db: sqlite3.Connection, schedule: Schedule, due: dt.datetime, *, now: dt.datetime, latest: dt.datetime
) -> str | None:
    running = _running_at(db, schedule.name, due) if schedule.overlap == "skip" else None
    if running is not None:
        return f"The slot of {running} was still running (overlap = 'skip')."
    if schedule.catchup == "latest" and due != latest:
        return "A later slot was missed too (catchup = 'latest')."
    if schedule.catchup == "none" and now - due > schedule.grace:
        return LATE
    return None


def _running_at(db: sqlite3.Connection, schedule: str, due: dt.datetime) -> str | None:
    row = db.execute(
        "SELECT due FROM attempts WHERE schedule = ? AND due < ? AND started_at <= ? "
        "AND (ended_at IS NULL OR ended_at > ?) ORDER BY due DESC LIMIT 1",
        [schedule, instant(due), instant(due), instant(due)],
    ).fetchone()
    return None if row is None else str(row["due"])


def _insert(db: sqlite3.Connection, schedule: str, due: dt.datetime, *, now: dt.datetime, reason: str | None) -> None:
    state = "skipped" if reason else "due"
    db.execute(
        "INSERT OR IGNORE INTO slots (schedule, due, state, reason, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
        [schedule, instant(due), state, reason, instant(now), instant(now)],
    )


def _skip_late(db: sqlite3.Connection, schedule: Schedule, now: dt.datetime) -> None:
    db.execute(
        "UPDATE slots SET state = 'skipped', reason = ?, updated_at = ? "
        "WHERE schedule = ? AND state = 'due' AND attempt = 0 AND due < ?",
        [LATE, instant(now), schedule.name, instant(now - schedule.grace)],
    )
