"""The states of models: each change with its day, reason and successor, journalled in the home and folded when read.

    announced → candidate → canary → active → deprecated → retired
    any but retired → quarantined → candidate, canary, active, deprecated or retired

`lifecycle/states/<time>-<random>.jsonl`: one journal a writer, as runs have them. A day is the day from which a state
holds; of two changes for the same day the later one counts.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from data.errors import HalflifeError
from data.home import Home
from data.record_journals import RecordJournals

ModelState = Literal["announced", "candidate", "canary", "active", "deprecated", "quarantined", "retired"]
By = Literal["rule", "hand", "drift"]

KIND: Final = "state"
LONGEST_REASON: Final = 500
NEXT: Final[Mapping[ModelState, frozenset[ModelState]]] = {
    "announced": frozenset({"candidate", "canary", "active", "deprecated", "quarantined", "retired"}),
    "candidate": frozenset({"canary", "active", "deprecated", "quarantined", "retired"}),
    "canary": frozenset({"candidate", "active", "deprecated", "quarantined", "retired"}),
    "active": frozenset({"candidate", "canary", "deprecated", "quarantined", "retired"}),
    "deprecated": frozenset({"active", "quarantined", "retired"}),
    "quarantined": frozenset({"candidate", "canary", "active", "deprecated", "retired"}),
    "retired": frozenset(),
}
"""Which states may follow which; a model that comes back after it was retired is another contender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """From `day` on a model is in a state: why, decided by whom, and which model takes its place, if any.

    `at` is when it was written down; `until` is the day on which a deprecated model goes away.
    """

    model: str
    state: ModelState
    day: dt.date
    reason: str
    by: By
    at: dt.datetime
    successor: str | None = None
    until: dt.date | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip() or len(self.reason) > LONGEST_REASON or not self.reason.isprintable():
            raise HalflifeError(
                f"Expected a reason of 1 to {LONGEST_REASON} printable characters, got {self.reason[:40]!r}. Give one."
            )
        if self.successor == self.model:
            raise HalflifeError(f"Expected another model as the successor of {self.model!r}, got itself.")


def history(home: Home) -> tuple[StateChange, ...]:
    """Return every change, by day and then by when it was written. Raises JournalError at a damaged line."""
    return tuple(sorted(state_journals(home).records(), key=_order))


def state_journals(home: Home) -> RecordJournals[StateChange]:
    """Return the journals of states in a home."""
    return RecordJournals(home.lifecycle / "states", KIND, StateChange)


def fold(changes: Iterable[StateChange], day: dt.date | None = None) -> dict[str, StateChange]:
    """Return the state that each model is in on `day`, or after all changes without one."""
    ordered = sorted(changes, key=_order)
    return {change.model: change for change in ordered if day is None or change.day <= day}


def check_change(before: StateChange | None, change: StateChange) -> None:
    """Raise HalflifeError where a model cannot go from the state it is in to the new one."""
    if before is None:
        return
    if change.state not in NEXT[before.state]:
        allowed = ", ".join(sorted(NEXT[before.state]))
        wanted = f"to become {allowed}" if allowed else "to stay so for good"
        raise HalflifeError(
            f"Expected {change.model!r}, which is {before.state} since {before.day}, {wanted}; got {change.state}. "
            + ("Choose one of those." if allowed else "Give a model that comes back a new id.")
        )
    if change.day < before.day:
        raise HalflifeError(
            f"Expected a day not before {before.day}, on which {change.model!r} became {before.state}, "
            f"got {change.day}. Choose a later one."
        )


def write_states(home: Home, changes: Iterable[StateChange]) -> int:
    """Check changes against what is journalled, write them durably and return how many were new.

    A change that was recorded already, as the newest of its model, is passed over: the same decision given twice is
    one. All or none: the first that is not possible raises HalflifeError before anything is written.
    """
    states, new = fold(history(home)), list[StateChange]()
    for change in changes:
        before = states.get(change.model)
        if before is not None and replace(before, at=change.at) == change:
            continue
        check_change(before, change)
        states[change.model] = change
        new.append(change)
    if new:
        state_journals(home).write(new, new[0].at)
    return len(new)


def _order(change: StateChange) -> tuple[dt.date, dt.datetime]:
    return change.day, change.at
