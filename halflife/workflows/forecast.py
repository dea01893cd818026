"""What a run costs before it is made, and what it was billed afterwards."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from data.home import Home
from data.pricing import Usage
from data.runs import RunFolder
from data.serialization import canonical
from data.store.control import Control
from data.store.snapshot import current
from data.vocabulary import Model, Request
from halflife.workflows.observe import planned
from halflife.workflows.run_spec import RunSpec
from harness.budget import SpendingLedger
from harness.forecast import EarlierSample, ModelBill, RunForecast, model_bill, model_forecast

MOST_EARLIER: Final = 200
EARLIER: Final = """
    SELECT samples.width, samples.height, video_seconds, audio, provider_timings, cost_usd, cost_source
    FROM samples JOIN models USING (run_id, model)
    WHERE model = $model AND revision = $revision AND models.settings = $settings AND status = 'ok'
    ORDER BY started_at DESC LIMIT $most
"""


def forecast(home: Home, spec: RunSpec) -> RunForecast:
    """Return what the requests of a run that are still to be sent cost, at most and likely. Nothing is made or written.

    Raises UnknownNameError for an unknown suite, category, model or machine.
    """
    plan = planned(spec)
    remote = {model.id: model for model in plan.models if model.location == "remote"}
    done = {name for name, sample in RunFolder.of(home, plan).samples().items() if sample.status not in spec.again()}
    todo = defaultdict[str, list[Request]](list)
    for request in plan.requests:
        if request.model in remote and request.id not in done:
            todo[request.model].append(request)
    rows = [model_forecast(remote[name], requests, _earlier(home, remote[name])) for name, requests in todo.items()]
    return RunForecast(models=rows, cap_usd=spec.cap_usd, spent_usd=_spent(home, plan.run_id))


def billed(home: Home, expected: RunForecast, spec: RunSpec) -> list[ModelBill]:
    """Return what the requests of a forecast were billed, as far as their samples were made since."""
    if not expected.models:
        return []
    samples = RunFolder.of(home, planned(spec)).samples()
    made = [model_bill(row, samples) for row in expected.models]
    return [bill for bill in made if bill.samples]


def _spent(home: Home, run_id: str) -> float:
    """Dollars that the run settled or reserved before."""
    if not home.control.is_file():
        return 0.0
    return SpendingLedger(Control(home.control), run=run_id, cap_usd=0.0).spent_usd()


def _earlier(home: Home, model: Model) -> Sequence[EarlierSample]:
    """The newest samples of the model, of this revision and these settings, in the published snapshot."""
    snapshot = current(home)
    if snapshot is None:
        return ()
    which = {"model": model.id, "revision": model.revision, "settings": canonical(model.settings).decode()}
    with snapshot.connect() as connection:
        rows = connection.execute(EARLIER, {**which, "most": MOST_EARLIER}).fetchall()
    return [
        EarlierSample(
            usage=Usage(width=width, height=height, seconds=seconds, audio=audio),
            provider_timings=json.loads(timings) if timings else {},
            cost_usd=usd,
            cost_source=source,
        )
        for width, height, seconds, audio, timings, usd, source in rows
    ]
