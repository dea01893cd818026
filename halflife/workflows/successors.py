"""Successors are measured before the models that they replace go away."""

import threading
from dataclasses import replace

from data.catalogue import load_catalogue
from data.home import Home
from data.store.patience import Patience
from data.vocabulary import Progress
from halflife.workflows.lifecycle import review
from halflife.workflows.observe import observe
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.suites import checked_suite
from leaderboard.lifecycle.model_states import NOTICE_DAYS


def measure_successors(home: Home, spec: RunSpec, progress: Progress, stop: threading.Event) -> tuple[str, ...]:
    """After a night's run: apply the lifecycle rules, and measure the successors of its models that go away soon.

    Each successor that was not measured within the notice window runs through the run's suite by itself, under the
    run's cap, and counts as measured then. Returns their ids.
    """
    patience = Patience(stop=stop)
    sunsets = review(home, spec.catalogue, notice_days=NOTICE_DAYS, today=spec.day, patience=patience).due
    task = checked_suite(spec.suite, spec.table).suite.task
    catalogue = load_catalogue(spec.catalogue)
    ran = {model.id for model in catalogue.select(spec.models, task=task)}
    due = dict.fromkeys(sunset.successor for sunset in sunsets if sunset.model in ran and sunset.successor not in ran)
    successors = [name for name in due if name and catalogue.model(name).task == task and not stop.is_set()]
    for name in successors:
        observe(home, replace(spec, models=(name,)), progress, stop)
    return tuple(successors)
