"""A load test of one deployment: rates are offered one after the other, in an open loop; what came of it is kept.

Each step has a journal line of its own, written when it ends. Remote requests go through the ledger, under a cap; what
is declined (429) is not sent again, so that a retry hides nothing.
"""

import contextlib
import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path

from data.catalogue import load_catalogue, this_machine
from data.errors import HalflifeError
from data.home import Home
from data.load_tests import KIND, Arrivals, LoadStep, load_tests
from data.media import MediaStore
from data.runs import RunFolder
from data.serialization import digest
from data.store.control import Control
from data.vocabulary import Model, Request, Suite
from halflife.workflows.suites import checked_suite
from harness.budget import SpendingLedger, upper_bound
from harness.devices import choose
from harness.generator import Generator
from harness.load.arrivals import constant, poisson, read_trace
from harness.load.open_loop import OpenLoop
from harness.local.pipeline import LocalPipeline
from harness.plan import request as planned_request
from harness.remote.context import RemoteContext
from harness.remote.registry import open_adapter
from harness.remote.retries import RetryRule
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog
from leaderboard.reports.load_curve import LoadSummary, Objective, summary


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSpec:
    """What is offered to which deployment: `rates` a second, one after the other, each for `seconds`.

    With a `trace` there is one step, at the file's moments. A step that misses the `objective` is the last. At most
    `lanes` requests are on their way at once; a local model has one lane. No step begins, and nothing is sent, after
    `most_seconds`.
    """

    model: str
    suite: str
    rates: tuple[float, ...]
    seconds: float
    kind: Arrivals = "poisson"
    trace: Path | None = None
    objective: Objective | None = None
    lanes: int = 64
    seed: int = 0
    cap_usd: float | None = None
    most_seconds: float = 3600.0
    device: str = "auto"
    catalogue: tuple[Path, ...] = ()
    name: str = field(default_factory=lambda: f"load-{dt.datetime.now(dt.UTC):%Y%m%dt%H%M%S}-{os.urandom(3).hex()}")

    def planned(self) -> list[tuple[float, float, tuple[float, ...]]]:
        """Return the rate, the seconds and the moments of each step."""
        if self.kind == "trace":
            if self.trace is None:
                raise HalflifeError(
                    "Expected a file of moments with --arrivals trace, got none. Give one with --trace."
                )
            moments = read_trace(self.trace)
            seconds = max(moments[-1], 1e-3)
            return [(len(moments) / seconds, seconds, moments)]
        if self.kind == "constant":
            return [(rate, self.seconds, constant(rate, self.seconds)) for rate in self.rates]
        steps = enumerate(self.rates)
        return [(rate, self.seconds, poisson(rate, self.seconds, self.seed + place)) for place, rate in steps]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadForecast:
    """What a load test would send, the warm-up included, and the most that it costs; None for a local model."""

    requests: int
    most_usd: float | None


def load_forecast(spec: LoadSpec) -> LoadForecast:
    """Return what a test would cost at most. Raises SpendingError for a remote model without a price."""
    model, requests = _model(spec), 1 + sum(len(moments) for _, _, moments in spec.planned())
    return LoadForecast(
        requests=requests, most_usd=None if model.location == "local" else requests * upper_bound(model)
    )


def offer_load(home: Home, spec: LoadSpec, stop: threading.Event) -> list[LoadSummary]:
    """Offer each rate until one misses the objective, or until money or time end, or `stop` is set.

    One request warms each test up and is in no step. Raises SpendingError where the cap does not hold even that one.
    """
    home.prepare()
    begun, model, suite = time.perf_counter(), _model(spec), checked_suite(spec.suite).suite
    requests, summaries = _requests(suite, model, spec), list[LoadSummary]()
    with _lanes(home, model, spec, stop) as lanes, load_tests(home).create(dt.datetime.now(dt.UTC)) as journal:
        record = _record(spec, model, suite, len(lanes))
        loop = OpenLoop(model=model, generators=lanes, stop=stop, deadline=begun + spec.most_seconds)
        warm_up = loop.offer((0.0,), [next(requests)])
        for place, (rate, seconds, moments) in enumerate(spec.planned() if warm_up.stopped is None else ()):
            at = dt.datetime.now(dt.UTC)
            offered = loop.offer(moments, [next(requests) for _ in moments])
            step = record(began_at=at, rate=rate, seconds=seconds, seed=spec.seed + place, **offered._asdict())
            journal.append_many(KIND, [step])
            summaries.append(summary(step, spec.objective))
            if step.stopped or summaries[-1].verdict == "missed":
                break
    return summaries


def _record(spec: LoadSpec, model: Model, suite: Suite, lanes: int) -> Callable[..., LoadStep]:
    """Return a function that makes the record of a step, from what differs between steps."""
    machine = this_machine(load_catalogue(spec.catalogue), None, device=choose(spec.device))
    return partial(
        LoadStep,
        test=spec.name,
        model=model.id,
        revision=model.revision,
        settings=model.settings,
        suite_digest=suite.digest,
        machine=machine.name,
        arrivals_kind=spec.kind,
        lanes=lanes,
    )


def _model(spec: LoadSpec) -> Model:
    chosen = load_catalogue(spec.catalogue).select([spec.model])
    if len(chosen) != 1:
        raise HalflifeError(f"Expected one model, got {len(chosen)} that match {spec.model!r}. Name one.")
    return chosen[0]


def _requests(suite: Suite, model: Model, spec: LoadSpec) -> Iterator[Request]:
    """Give requests for the suite's prompts over and over, each with a seed and an id of its own: no cache answers."""
    for number in count():
        prompt = suite.prompts[number % len(suite.prompts)]
        first = planned_request(suite, model, prompt, seed=number)
        yield replace(first, id=digest({"load": spec.name, "request": first.id})[:32])


@contextmanager
def _lanes(home: Home, model: Model, spec: LoadSpec, stop: threading.Event) -> Iterator[list[Generator]]:
    """Give opened generators: one for a local model, as many as may be on their way for a remote one."""
    media = MediaStore(home.media)
    with contextlib.ExitStack() as stack:
        if model.location == "local":
            lanes: list[Generator] = [LocalPipeline(spec.device, media=media)]
        else:
            context = RemoteContext(
                ledger=SpendingLedger(Control(home.control), run=spec.name, cap_usd=spec.cap_usd),
                request_log=stack.enter_context(RequestLog(RunFolder(home.path / "loads" / spec.name))),
                media=media,
                rule=RetryRule(again=0),
                environment=Environment.of(stop),
            )
            context.ledger.require_room(upper_bound(model), model.id)
            lanes = [open_adapter(model, context) for _ in range(spec.lanes)]
        lanes[0].preflight(model)
        for lane in lanes:
            lane.open(model)
            stack.callback(lane.close)
        yield lanes
