"""Schedules and their slots in the terminal."""

import datetime as dt
from collections.abc import Sequence

from rich.table import Table

from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from schedules import Schedule, Slot, SlotResult, upcoming


def schedule_table(schedules: Sequence[Schedule], now: dt.datetime) -> Table:
    """Return a line for each schedule, with its next slot."""
    rows = table("Schedules", ("name", "suite", "models", "cron", "timezone", "next (UTC)"))
    for schedule in schedules:
        due = next(iter(upcoming(schedule, now, 1)), None)
        models = ", ".join(schedule.models)
        rows.add_row(schedule.name, schedule.suite, models, schedule.cron, schedule.timezone, instant(due))
    return rows


def slot_table(slots: Sequence[Slot]) -> Table:
    """Return a line for each slot: its state, its attempts and what came of it."""
    columns = ("schedule", "scheduled for (UTC)", "state", "attempt", "run or reason")
    rows = table("Last slots", columns, numbers=("attempt",))
    for slot in slots:
        outcome = slot.run_id or slot.reason or ""
        rows.add_row(slot.schedule, instant(slot.due), slot.state, str(slot.attempt), outcome)
    return rows


def results(console: Terminal, schedule: Schedule, slots: Sequence[SlotResult]) -> None:
    """Print what became of each slot that was run."""
    if not slots:
        console.print(f"Nothing of {schedule.name!r} is due. See: halflife schedule next {schedule.name}")
    for result in slots:
        reason = f": {result.reason}" if result.reason else ""
        console.print(f"{instant(result.slot.due)} UTC  {result.outcome}{reason}")


def instant(moment: dt.datetime | None) -> str:
    """Write a time to the minute, or a dash where there is none."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else DASH
