"""Due slots as rows of the control database: claimed under a lease, one attempt after another.

Each claim has a higher fence number, so that a process that lost its lease cannot complete the slot. Every function is
one short transaction, so that any number of processes may call them.
"""

import datetime as dt
import logging
import sqlite3
import threading
from dataclasses import dataclass, field
from typing import Literal

from data.errors import UnknownNameError
from data.serialization import instant
from data.store.control import Control
from schedules.clock import Uptime
from schedules.schedule import Schedule

SlotState = Literal["due", "claimed", "done", "failed", "skipped"]
AttemptOutcome = Literal["done", "failed", "timed-out", "lost", "released"]


log = logging.getLogger(__name__)


class LeaseLostError(RuntimeError):
    """Another process has the slot by now; what this one did does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One due time of a schedule, its state, and how it ended."""

    schedule: str
    due: dt.datetime
    state: SlotState
    attempt: int
    owner: str | None
    lease_until: dt.datetime | None
    run_id: str | None
    reason: str | None

    @property
    def day(self) -> dt.date:
        """The day that the slot's results count for: its scheduled day in UTC."""
        return self.due.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a slot. Work checks `stop` between samples and ends early when it is set."""

    schedule: str
    due: dt.datetime
    attempt: int
    fence: int
    owner: str
    stop: threading.Event = field(default_factory=threading.Event, compare=False)

    @property
    def key(self) -> tuple[str, str, int]:
        """Schedule, scheduled time and fence, as the database holds them."""
        return self.schedule, instant(self.due), self.fence


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """How long a lease lasts without renewal, a failed slot waits, and a scheduler sleeps at most; in seconds."""

    lease_seconds: float = 60.0
    retry_seconds: float = 60.0
    poll_seconds: float = 15.0


def claim(
    schedule: Schedule,
    control: Control,
    *,
    now: dt.datetime,
    owner: str,
    terms: LeaseTerms,
    uptime: Uptime | None = None,
) -> Lease | None:
    """Return the lease of the oldest slot that may be run now, or None. A schedule runs one slot at a time.

    A slot whose lease ran out is taken over; one that has failed `max_attempts` times, lost leases included, is failed
    for good. A failed slot waits before its next attempt. Leases of this machine, since its boot, are judged by
    `uptime`, others by the clock.
    """
    with control.transaction() as db:
        _shorten_impossible(db, schedule, now=now, terms=terms, uptime=uptime)
        _reclaim_expired(db, schedule, now, uptime)
        rows = db.execute("SELECT * FROM slots WHERE schedule = ? ORDER BY due", [schedule.name]).fetchall()
        if any(row["state"] == "claimed" for row in rows):
            return None
        for row in rows:
            if row["state"] == "due" and row["due"] <= instant(now) and _may_be_tried(db, row, now, terms):
                lease = _grant(db, row, now=now, owner=owner)
                _extend(db, lease, now=now, terms=terms, uptime=uptime)
                return lease
    return None


def renew(control: Control, lease: Lease, *, now: dt.datetime, terms: LeaseTerms, uptime: Uptime | None = None) -> bool:
    """Renew the lease; False where the slot has another owner by now."""
    with control.transaction() as db:
        return _extend(db, lease, now=now, terms=terms, uptime=uptime)


def complete(control: Control, lease: Lease, *, now: dt.datetime, run_id: str) -> None:
    """Mark the slot done by the run `run_id`. Raises LeaseLostError where it was given to another process."""
    with control.transaction() as db:
        _end_lease(db, lease, now, "done")
        db.execute("UPDATE slots SET run_id = ? WHERE schedule = ? AND due = ? AND fence = ?", [run_id, *lease.key])
        _end_attempt(db, lease, now, outcome="done", reason=None)


def release(control: Control, lease: Lease, *, now: dt.datetime) -> None:
    """Give the slot back: it is due again at once, and the attempt does not count as failed."""
    with control.transaction() as db:
        _end_lease(db, lease, now, "due")
        _end_attempt(db, lease, now, outcome="released", reason="stopped before it was done")


def fail(
    control: Control, lease: Lease, *, now: dt.datetime, outcome: AttemptOutcome, reason: str, max_attempts: int
) -> SlotState:
    """Record a failed attempt; return whether the slot is `due` again or `failed` for good."""
    with control.transaction() as db:
        _end_lease(db, lease, now, "due")
        _end_attempt(db, lease, now, outcome=outcome, reason=reason)
        failures = _failures(db, lease.schedule, instant(lease.due))
        state: SlotState = "failed" if failures >= max_attempts else "due"
        db.execute(
            "UPDATE slots SET state = ?, reason = ? WHERE schedule = ? AND due = ? AND fence = ?",
            [state, reason, *lease.key],
        )
        return state


def outstanding(control: Control, schedule: str) -> tuple[Slot, ...]:
    """Return the slots of `schedule` that are to be run, oldest first."""
    with control.reading() as db:
        rows = db.execute("SELECT * FROM slots WHERE schedule = ? AND state = 'due' ORDER BY due", [schedule])
        return tuple(map(_slot, rows.fetchall()))


def slot(control: Control, schedule: str, due: dt.datetime) -> Slot:
    """Return the slot of `schedule` that is due at `due`. Raises UnknownNameError where there is none."""
    with control.reading() as db:
        row = db.execute("SELECT * FROM slots WHERE schedule = ? AND due = ?", [schedule, instant(due)]).fetchone()
        if row is None:
            times = db.execute("SELECT due FROM slots WHERE schedule = ?", [schedule]).fetchall()
            raise UnknownNameError(f"slot of schedule {schedule!r}", instant(due), [str(row["due"]) for row in times])
        return _slot(row)


def history(control: Control, schedule: str | None = None, *, limit: int = 50) -> tuple[Slot, ...]:
    """Return the newest slots, of one schedule or of all, newest first."""
    with control.reading() as db:
        rows = db.execute(
            "SELECT * FROM slots WHERE ? IS NULL OR schedule = ? ORDER BY due DESC, schedule LIMIT ?",
            [schedule, schedule, limit],
        )
        return tuple(map(_slot, rows.fetchall()))


def _extend(
    db: sqlite3.Connection, lease: Lease, *, now: dt.datetime, terms: LeaseTerms, uptime: Uptime | None
) -> bool:
    until = instant(now + dt.timedelta(seconds=terms.lease_seconds))
    up = (uptime.boot, uptime.seconds + terms.lease_seconds) if uptime else (None, None)
    changed = db.execute(
        "UPDATE slots SET lease_until = ?, boot = ?, lease_until_uptime = ?, updated_at = ? "
        "WHERE schedule = ? AND due = ? AND fence = ? AND state = 'claimed'",
        [until, *up, instant(now), *lease.key],
    )
    return changed.rowcount == 1


def _claimed(db: sqlite3.Connection, schedule: str) -> list[sqlite3.Row]:
    return db.execute("SELECT * FROM slots WHERE schedule = ? AND state = 'claimed'", [schedule]).fetchall()


def _has_expired(row: sqlite3.Row, now: dt.datetime, uptime: Uptime | None) -> bool:
    if uptime is not None and row["boot"] == uptime.boot:
        return float(row["lease_until_uptime"]) < uptime.seconds
    return str(row["lease_until"]) < instant(now)


def _shorten_impossible(
    db: sqlite3.Connection, schedule: Schedule, *, now: dt.datetime, terms: LeaseTerms, uptime: Uptime | None
) -> None:
    """Let a lease that lasts longer than any does end after one length: the clock that gave it was ahead of this one.

    Its owner, if it lives, renews it before.
    """
    longest = now + dt.timedelta(seconds=2 * terms.lease_seconds)
    for row in _claimed(db, schedule.name):
        here = uptime is not None and row["boot"] == uptime.boot
        if not here and row["lease_until"] > instant(longest):
            log.warning(
                "%s %s: its lease lasts until %s, for a clock was ahead. It ends in %g s unless renewed.",
                *(row["schedule"], row["due"], row["lease_until"], terms.lease_seconds),
            )
            until = instant(now + dt.timedelta(seconds=terms.lease_seconds))
            db.execute(
                "UPDATE slots SET lease_until = ?, updated_at = ? WHERE schedule = ? AND due = ?",
                [until, instant(now), row["schedule"], row["due"]],
            )


def _reclaim_expired(db: sqlite3.Connection, schedule: Schedule, now: dt.datetime, uptime: Uptime | None) -> None:
    for row in _claimed(db, schedule.name):
        if not _has_expired(row, now, uptime):
            continue
        key = (row["schedule"], row["due"])
        reason = f"The process {row['owner']} did not renew its lease after {row['lease_until']}."
        # The attempt ended when its lease was last renewed, not when that was noticed: overlap counts only until then.
        db.execute(
            "UPDATE attempts SET ended_at = ?, outcome = 'lost', reason = ? "
            "WHERE schedule = ? AND due = ? AND attempt = ?",
            [min(row["updated_at"], instant(now)), reason, *key, row["attempt"]],
        )
        state = "failed" if _failures(db, *key) >= schedule.max_attempts else "due"
        db.execute(
            "UPDATE slots SET state = ?, owner = NULL, lease_until = NULL, reason = ? WHERE schedule = ? AND due = ?",
            [state, reason, *key],
        )


def _may_be_tried(db: sqlite3.Connection, row: sqlite3.Row, now: dt.datetime, terms: LeaseTerms) -> bool:
    last = db.execute(
        "SELECT * FROM attempts WHERE schedule = ? AND due = ? AND attempt = ?",
        [row["schedule"], row["due"], row["attempt"]],
    ).fetchone()
    if last is None or last["outcome"] not in ("failed", "timed-out"):
        return True
    rested = (now - dt.datetime.fromisoformat(last["ended_at"])).total_seconds()
    return not 0 <= rested < terms.retry_seconds


def _grant(db: sqlite3.Connection, row: sqlite3.Row, *, now: dt.datetime, owner: str) -> Lease:
    lease = Lease(
        schedule=row["schedule"],
        due=dt.datetime.fromisoformat(row["due"]),
        attempt=row["attempt"] + 1,
        fence=row["fence"] + 1,
        owner=owner,
    )
    db.execute(
        "UPDATE slots SET state = 'claimed', attempt = ?, fence = ?, owner = ? WHERE schedule = ? AND due = ?",
        [lease.attempt, lease.fence, owner, row["schedule"], row["due"]],
    )
    db.execute(
        "INSERT INTO attempts (schedule, due, attempt, fence, owner, started_at) VALUES (?, ?, ?, ?, ?, ?)",
        [row["schedule"], row["due"], lease.attempt, lease.fence, owner, instant(now)],
    )
    return lease


def _end_lease(db: sqlite3.Connection, lease: Lease, now: dt.datetime, state: SlotState) -> None:
    changed = db.execute(
        "UPDATE slots SET state = ?, owner = NULL, lease_until = NULL, reason = NULL, updated_at = ? "
        "WHERE schedule = ? AND due = ? AND fence = ? AND state = 'claimed'",
        [state, instant(now), *lease.key],
    )
    if changed.rowcount != 1:
        raise LeaseLostError(f"The lease on {lease.schedule} {instant(lease.due)} (fence {lease.fence}) was lost.")


def _end_attempt(
    db: sqlite3.Connection, lease: Lease, now: dt.datetime, *, outcome: AttemptOutcome, reason: str | None
) -> None:
    db.execute(
        "UPDATE attempts SET ended_at = ?, outcome = ?, reason = ? WHERE schedule = ? AND due = ? AND attempt = ?",
        [instant(now), outcome, reason, lease.schedule, instant(lease.due), lease.attempt],
    )


def _failures(db: sqlite3.Connection, schedule: str, due: str) -> int:
    # A released slot was given back on purpose: that is no failure.
    query = (
        "SELECT count(*) FROM attempts WHERE schedule = ? AND due = ? AND outcome IN ('failed', 'timed-out', 'lost')"
    )
    return int(db.execute(query, [schedule, due]).fetchone()[0])


def _slot(row: sqlite3.Row) -> Slot:
    until = row["lease_until"]
    return Slot(
        schedule=row["schedule"],
        due=dt.datetime.fromisoformat(row["due"]),
        state=row["state"],
        attempt=row["attempt"],
        owner=row["owner"],
        lease_until=dt.datetime.fromisoformat(until) if until else None,
        run_id=row["run_id"],
        reason=row["reason"],
    )
