"""Rules about models: what the catalogue, the calendar and the routes say of each, and which successors are due.

A rule never overrules a hand: what was quarantined stays so until somebody says otherwise, and who is retired is.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.lifecycle.states import NEXT, ModelState, StateChange
from data.vocabulary import Model

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

NOTICE_DAYS = 30

LAST_RUNS = "SELECT model, max(day) AS day FROM daily_runs WHERE calendar = 'live' GROUP BY model"
HISTORY = """
    SELECT model, state, day, reason, decided_by, successor, until,
           lead(day) OVER (PARTITION BY model ORDER BY day, decided_at) AS ended
    FROM model_states ORDER BY model, day, decided_at
"""
MARKS = """
    SELECT model, suite, day, found_on, revision, metric, p, shift, low, high FROM drift_marks
    ORDER BY day, model, p, metric
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunset:
    """A model that goes away on `day`, and its successor, which has not been measured within the notice window."""

    model: str
    day: dt.date
    successor: str | None
    measured: dt.date | None
    sentence: str


def rule_changes(
    models: Iterable[Model],
    states: Mapping[str, StateChange],
    *,
    today: dt.date,
    at: dt.datetime,
    statuses: Mapping[str, str] | None = None,
) -> list[StateChange]:
    """Return what the rules change today: by release and sunset dates, then by the routing table's deployments.

    `statuses` are those of the current table's deployments, if there is one.
    """
    found = []
    for model in models:
        before = states.get(model.id)
        state, reason = _by_rule(model, (statuses or {}).get(model.id), today)
        if before is None or (before.state != state and _may(before, state, today)):
            sunset = model.retired if state == "deprecated" else None
            found.append(
                StateChange(
                    model=model.id,
                    state=state,
                    day=today,
                    reason=reason,
                    by="rule",
                    at=at,
                    successor=model.successor,
                    until=sunset,
                )
            )
    return found


def due(
    models: Iterable[Model],
    states: Mapping[str, StateChange],
    measured: Mapping[str, dt.date],
    *,
    today: dt.date,
    notice_days: int = NOTICE_DAYS,
) -> list[Sunset]:
    """Return the models that go away within the notice window and whose successor was not measured inside it.

    Sunsets are the catalogue's retired dates, and days that were given by hand (`until`). `measured` holds the last day
    of a live run of each model.
    """
    found = []
    for model in models:
        held = states.get(model.id)
        day = (held.until if held and held.state == "deprecated" else None) or model.retired
        successor = (held.successor if held else None) or model.successor
        window = None if day is None else day - dt.timedelta(days=notice_days)
        if day is None or window is None or not window <= today <= day or (held and held.state == "retired"):
            continue
        last = measured.get(successor) if successor else None
        if successor is None or last is None or last < window:
            words = _due(model.id, day, successor, last)
            found.append(Sunset(model=model.id, day=day, successor=successor, measured=last, sentence=words))
    return found


def last_runs(cursor: "duckdb.DuckDBPyConnection") -> dict[str, dt.date]:
    """Return the last day on which each model was run on the live calendar."""
    return dict(cursor.execute(LAST_RUNS).fetchall())


def history(cursor: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    """Return every state for a timeline: model, state, day, ended, reason, decided_by, successor, until."""
    found: pd.DataFrame = cursor.execute(HISTORY).df()
    return found


def drift_marks(cursor: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    """Return one row a marked change and metric: model, suite, day, found_on, revision, metric, p, shift, low, high."""
    found: pd.DataFrame = cursor.execute(MARKS).df()
    return found


def _by_rule(model: Model, status: str | None, today: dt.date) -> tuple[ModelState, str]:
    if model.retired is not None and model.retired <= today:
        return "retired", f"Its maker retired it on {model.retired}."
    if model.released > today:
        return "announced", f"Its maker announced it for {model.released}."
    if model.retired is not None:
        return "deprecated", f"Its maker retires it on {model.retired}."
    if model.successor is not None:
        return "deprecated", f"Its maker named {model.successor} as its successor."
    if status == "quarantined":
        return "quarantined", "More of its samples fail than the policy allows."
    if status in ("active", "canary"):
        return ("active", "It is in the routing table.") if status == "active" else ("canary", "It is on trial.")
    return "candidate", "It is in the catalogue."


def _may(before: StateChange, state: ModelState, today: dt.date) -> bool:
    """Whether a rule may replace a state: one that a hand or drift gave only by the end of the model."""
    if (before.by != "rule" and state != "retired") or before.day > today:
        return False
    return state in NEXT[before.state]


def _due(model: str, day: dt.date, successor: str | None, measured: dt.date | None) -> str:
    if successor is None:
        advice = f"Name one: halflife models deprecate {model} --successor …"
        return f"{model} goes away on {day} and has no successor. {advice}"
    when = "never" if measured is None else f"last on {measured}"
    return f"{model} goes away on {day}; its successor {successor} was measured {when}. Run it now: --model {successor}"
