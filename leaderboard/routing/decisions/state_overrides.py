"""What people and drift decided about models, laid over what was measured: the retired go, the quarantined fail.

A state counts from its day on; where nothing was run since, on the last day that was. A quarantine that a rule found is
left out: it came from the same failures, which are weighed anew each time.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

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

HeldState = tuple[str, dt.date, str, str | None, dt.date | None]


def decided(cursor: "duckdb.DuckDBPyConnection") -> dict[str, HeldState]:
    """Return each model's newest state: state, day, reason, successor, until."""
    return {row[0]: tuple(row[1:]) for row in cursor.execute(STATES).fetchall()}


def changed(cursor: "duckdb.DuckDBPyConnection") -> dict[str, tuple[dt.date, ...]]:
    """Return the days on which models became others under their names, as drift marked them."""
    found: dict[str, tuple[dt.date, ...]] = {}
    for model, day in cursor.execute(MARKS).fetchall():
        found[model] = (*found.get(model, ()), day)
    return found


def with_states(found: Evidence, states: Mapping[str, HeldState]) -> Evidence:
    """Return the evidence as it is once the states of models count."""
    days = {
        model: min(held[1], found.last) if found.calendar == "live" else found.last for model, held in states.items()
    }
    barred = {model: held for model, held in states.items() if held[0] in ("quarantined", "retired")}
    if not barred and not any(held[0] == "deprecated" for held in states.values()):
        return found
    contests = [part for contest in found.contests for part in _parts(contest, barred, days)]
    gone = {model: held for model, held in barred.items() if held[0] == "retired"}
    failing = {model: _words(held) for model, held in barred.items() if held[0] == "quarantined"}
    contenders = {
        model: replace(
            one,
            overall=replace(one.overall, failing=failing.get(model, one.overall.failing)),
            retires=_leaves(states.get(model)) or one.retires,
        )
        for model, one in found.contenders.items()
        if model not in gone
    }
    known = {str(model) for model in found.standings["model"].unique()}
    retired = {model: (days[model], held[3]) for model, held in gone.items() if model in known}
    return replace(found, contests=tuple(contests), contenders=contenders, retired={**retired, **found.retired})


def _parts(
    contest: DecisionWindow, barred: Mapping[str, HeldState], days: Mapping[str, dt.date]
) -> Iterator[DecisionWindow]:
    """Split a contest at the days from which states count, and lay them over the parts."""
    cuts = sorted({day for model, day in days.items() if model in barred and contest.first < day <= contest.last})
    starts = [contest.first, *cuts]
    ends = [cut - dt.timedelta(days=1) for cut in cuts] + [contest.last]
    for first, last in zip(starts, ends, strict=True):
        active = {model: held for model, held in barred.items() if days[model] <= first and model in contest.models}
        yield _barred(replace(contest, first=first, last=last), active)


def _barred(contest: DecisionWindow, active: Mapping[str, HeldState]) -> DecisionWindow:
    if not active:
        return contest
    kept = [i for i, model in enumerate(contest.models) if active.get(model, ("",))[0] != "retired"]
    models = tuple(contest.models[i] for i in kept)
    failing = {model: _words(held) for model, held in active.items() if held[0] == "quarantined"}
    absent = {model: f"was retired on {held[1]}: {held[2]}" for model, held in active.items() if held[0] == "retired"}
    return replace(
        contest,
        models=models,
        means=np.asarray(contest.means[:, kept]),
        absent={**contest.absent, **absent},
        standby={
            model: replace(contest.standby[model], failing=failing.get(model, contest.standby[model].failing))
            for model in models
        },
    )


def _words(held: HeldState) -> str:
    return f"{held[2].rstrip('.')} (since {held[1]})"


def _leaves(held: HeldState | None) -> dt.date | None:
    return held[4] if held is not None and held[0] == "deprecated" else None
