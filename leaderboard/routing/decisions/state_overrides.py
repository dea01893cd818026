"""What people and drift decided about models, applied to the evidence: the retired leave, the quarantined fail.

A state counts from its day on; where nothing was run since, on the last day that was. A quarantine that a rule found is
left out: it came from the same failures, which are weighed anew each time.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.decisions.evidence import Evidence

if TYPE_CHECKING:
    import duckdb

STATES = """
    SELECT model, state, day, reason, successor, until FROM model_states
    WHERE decided_by <> 'rule' OR state <> 'quarantined'
    QUALIFY row_number() OVER (PARTITION BY model ORDER BY day DESC, decided_at DESC) = 1
    ORDER BY model
"""
MARKS = "SELECT DISTINCT model, day FROM drift_marks ORDER BY model, day"


class StateOverride(NamedTuple):
    """A model's newest state: since which day, why, its successor, and until when it can still be called."""

    state: str
    day: dt.date
    reason: str
    successor: str | None
    until: dt.date | None


def newest_states(cursor: "duckdb.DuckDBPyConnection") -> dict[str, StateOverride]:
    """Return each model's newest state."""
    return {model: StateOverride(*state) for model, *state in cursor.execute(STATES).fetchall()}


def changed(cursor: "duckdb.DuckDBPyConnection") -> dict[str, tuple[dt.date, ...]]:
    """Return the days on which models became others under their names, as drift marked them."""
    days: dict[str, tuple[dt.date, ...]] = {}
    for model, day in cursor.execute(MARKS).fetchall():
        days[model] = (*days.get(model, ()), day)
    return days


def with_states(measured: Evidence, states: Mapping[str, StateOverride]) -> Evidence:
    """Return the evidence as it is once the states of models count."""
    days = {
        model: min(override.day, measured.last) if measured.calendar == "live" else measured.last
        for model, override in states.items()
    }
    barred = {model: override for model, override in states.items() if override.state in ("quarantined", "retired")}
    if not barred and not any(override.state == "deprecated" for override in states.values()):
        return measured
    windows = [part for window in measured.windows for part in _parts(window, barred, days)]
    retired = {model: override for model, override in barred.items() if override.state == "retired"}
    failing = {model: _words(override) for model, override in barred.items() if override.state == "quarantined"}
    candidates = {
        model: replace(
            candidate,
            overall=replace(candidate.overall, failing=failing.get(model, candidate.overall.failing)),
            retires=_last_day(states.get(model)) or candidate.retires,
        )
        for model, candidate in measured.candidates.items()
        if model not in retired
    }
    scored = {str(model) for model in measured.standings["model"].unique()}
    newly = {model: (days[model], override.successor) for model, override in retired.items() if model in scored}
    return replace(measured, windows=tuple(windows), candidates=candidates, retired={**newly, **measured.retired})


def _parts(
    window: DecisionWindow, barred: Mapping[str, StateOverride], days: Mapping[str, dt.date]
) -> Iterator[DecisionWindow]:
    """Split a window at the days from which states count, and apply them to the parts."""
    cuts = sorted({day for model, day in days.items() if model in barred and window.first < day <= window.last})
    starts = [window.first, *cuts]
    ends = [cut - dt.timedelta(days=1) for cut in cuts] + [window.last]
    for first, last in zip(starts, ends, strict=True):
        active = {
            model: override for model, override in barred.items() if days[model] <= first and model in window.models
        }
        yield _barred(replace(window, first=first, last=last), active)


def _barred(window: DecisionWindow, active: Mapping[str, StateOverride]) -> DecisionWindow:
    if not active:
        return window
    retired = {model: override for model, override in active.items() if override.state == "retired"}
    kept = [i for i, model in enumerate(window.models) if model not in retired]
    models = tuple(window.models[i] for i in kept)
    failing = {model: _words(override) for model, override in active.items() if override.state == "quarantined"}
    absent = {model: f"was retired on {override.day}: {override.reason}" for model, override in retired.items()}
    return replace(
        window,
        models=models,
        means=np.asarray(window.means[:, kept]),
        absent={**window.absent, **absent},
        stats={
            model: replace(window.stats[model], failing=failing.get(model, window.stats[model].failing))
            for model in models
        },
    )


def _words(override: StateOverride) -> str:
    return f"{override.reason.rstrip('.')} (since {override.day})"


def _last_day(override: StateOverride | None) -> dt.date | None:
    return override.until if override is not None and override.state == "deprecated" else None
