"""States of models: decisions are recorded, rules are applied, the snapshot is renewed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.catalogue import load_catalogue
from data.home import Home
from data.lifecycle.states import StateChange, fold, write_states
from data.lifecycle.states import history as state_history
from data.store import snapshot as snapshots
from data.store.patience import Patience
from data.store.warehouse import Warehouse
from halflife.workflows.publish import publish_recorded
from leaderboard.lifecycle.model_states import Sunset, due, rule_changes
from leaderboard.reports.model_history import last_runs
from leaderboard.routing.serving.publish import current
from leaderboard.routing.serving.published import table_ids

STRICTNESS: Final = ("deprecated", "canary", "active", "retired", "quarantined")
"""A model on trial in one table and settled in another is active; too many failures in one quarantine it in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleReview:
    """What the rules changed, and the sunsets whose successors have to be measured now."""

    changes: tuple[StateChange, ...]
    due: tuple[Sunset, ...]


def decide(home: Home, changes: Sequence[StateChange], patience: Patience | None = None) -> int:
    """Record changes of state and publish them, all or none. Raises HalflifeError for one that is not possible."""
    home.prepare()
    with Warehouse.own(home, patience) as warehouse:
        written = write_states(home, changes)
        publish_recorded(warehouse)
    return written


def review(
    home: Home,
    catalogue: tuple[Path, ...],
    *,
    notice_days: int,
    today: dt.date,
    patience: Patience | None = None,
) -> LifecycleReview:
    """Record what the rules say today, and return it with the sunsets whose successors are due."""
    models = load_catalogue(catalogue).models.values()
    snapshot = snapshots.current(home)
    states, now = fold(state_history(home)), dt.datetime.now(dt.UTC)
    changes = rule_changes(models, states, today=today, at=now, statuses=_statuses(home))
    if changes:
        decide(home, changes, patience)
    measured: dict[str, dt.date] = {}
    if snapshot is not None:
        with snapshot.connect() as connection:
            measured = last_runs(connection)
    states = fold([*states.values(), *changes])
    sunsets = due(models, states, measured, today=today, notice_days=notice_days)
    return LifecycleReview(changes=tuple(changes), due=tuple(sunsets))


def _statuses(home: Home) -> dict[str, str]:
    """Return the status of each deployment in the current tables; of one in several, what the strictest says of it.

    Raises RoutingError where a table cannot be read: without it, its models would lose their states.
    """
    tables = [table.content for name in table_ids(home.routing) if (table := current(home.routing, name))]
    statuses = [(name, entry.status) for table in tables for name, entry in table.deployments.items()]
    return dict(sorted(statuses, key=lambda named: STRICTNESS.index(named[1])))
