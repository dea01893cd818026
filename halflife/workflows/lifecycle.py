"""The wiring of what becomes of models: decisions journalled, rules applied, the snapshot renewed."""

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.home import Home
    from data.lifecycle.states import StateChange
    from data.vocabulary import Progress
    from halflife.workflows.observe import RunSpec
    from leaderboard.lifecycle.model_states import Sunset


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the rules changed, and the sunsets whose successors have to be measured now."""

    changes: "tuple[StateChange, ...]"
    due: "tuple[Sunset, ...]"


def decide(home: "Home", changes: "Sequence[StateChange]") -> int:
    """Journal changes of state and show them: all or none. Raises HalflifeError for one that is not possible."""
    from data.lifecycle.states import write_states
    from data.store.warehouse import Warehouse

    home.prepare()
    with Warehouse.own(home) as warehouse:
        written = write_states(home, changes)
        if warehouse.ingest_lifecycle():
            warehouse.publish()
    return written


def review(home: "Home", catalogue: tuple[Path, ...], *, notice_days: int, today: dt.date) -> Review:
    """Journal what the rules say today, and return it with the sunsets whose successors are due."""
    from data.catalogue import load_catalogue
    from data.lifecycle.states import fold, history
    from data.store.snapshot import current as newest
    from leaderboard.lifecycle.model_states import due, rule_changes
    from leaderboard.reports.model_history import last_runs
    from leaderboard.routing.serving.publish import current

    models = load_catalogue(catalogue).models.values()
    table, snapshot = current(home.routing), newest(home)
    states, now = fold(history(home)), dt.datetime.now(dt.UTC)
    statuses = {name: entry.status for name, entry in table.content.deployments.items()} if table else None
    changes = rule_changes(models, states, today=today, at=now, statuses=statuses)
    if changes:
        decide(home, changes)
    measured: dict[str, dt.date] = {}
    if snapshot is not None:
        with snapshot.connect() as connection:
            measured = last_runs(connection)
    after = fold([*states.values(), *changes])
    found = due(models, after, measured, today=today, notice_days=notice_days)
    return Review(changes=tuple(changes), due=tuple(found))


def measure_successors(home: "Home", order: "RunSpec", progress: "Progress", stop: threading.Event) -> tuple[str, ...]:
    """After a night's order: apply the rules, and measure the successors of its models that go away soon.

    Each successor that was not measured within the notice window runs through the order's suite by itself, under the
    order's cap, and is measured then. Returns their ids.
    """
    from data.catalogue import load_catalogue
    from data.suites import load_suite
    from halflife.workflows.observe import observe
    from leaderboard.lifecycle.model_states import NOTICE_DAYS

    found = review(home, order.catalogue, notice_days=NOTICE_DAYS, today=order.day)
    task = load_suite(order.suite).task
    known = load_catalogue(order.catalogue)
    ordered = {model.id for model in known.select(order.models, task=task)}
    due = [one.successor for one in found.due if one.model in ordered and one.successor not in (None, *ordered)]
    able = [name for name in dict.fromkeys(due) if name and known.model(name).task == task and not stop.is_set()]
    for name in able:
        observe(home, replace(order, models=(name,)), progress, stop)
    return tuple(able)
