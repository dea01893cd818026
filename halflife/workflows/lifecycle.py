"""States of models: decisions are recorded, rules are applied, the snapshot is renewed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.catalogue import load_catalogue
from data.home import Home
from data.lifecycle.states import StateChange, fold, write_states
from data.lifecycle.states import history as state_history
from data.store import snapshot as snapshots
from data.store.warehouse import Warehouse
from leaderboard.lifecycle.model_states import Sunset, due, rule_changes
from leaderboard.reports.model_history import last_runs
from leaderboard.routing.serving import publish as tables


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleReview:
    """What the rules changed, and the sunsets whose successors have to be measured now."""

    changes: tuple[StateChange, ...]
    due: tuple[Sunset, ...]


def decide(home: Home, changes: Sequence[StateChange]) -> int:
    """Record changes of state and publish them, all or none. Raises HalflifeError for one that is not possible."""
    home.prepare()
    with Warehouse.own(home) as warehouse:
        written = write_states(home, changes)
        if warehouse.ingest_lifecycle():
            warehouse.publish()
    return written


def review(home: Home, catalogue: tuple[Path, ...], *, notice_days: int, today: dt.date) -> LifecycleReview:
    """Record what the rules say today, and return it with the sunsets whose successors are due."""
    models = load_catalogue(catalogue).models.values()
    table, snapshot = tables.current(home.routing), snapshots.current(home)
    states, now = fold(state_history(home)), dt.datetime.now(dt.UTC)
    statuses = {name: entry.status for name, entry in table.content.deployments.items()} if table else None
    changes = rule_changes(models, states, today=today, at=now, statuses=statuses)
    if changes:
        decide(home, changes)
    measured: dict[str, dt.date] = {}
    if snapshot is not None:
        with snapshot.connect() as connection:
            measured = last_runs(connection)
    states = fold([*states.values(), *changes])
    sunsets = due(models, states, measured, today=today, notice_days=notice_days)
    return LifecycleReview(changes=tuple(changes), due=tuple(sunsets))
