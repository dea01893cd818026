"""`halflife run --trial`: one request to each remote model, to see that it is reached before a run is paid for.

A trial has a budget of its own under the run's cap, and a request log of its own in `trials/`: nothing of it is in a
run, so nothing enters standings. What is declined is not sent again: the first answer is what one wants to see.
"""

import datetime as dt
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from data.catalogue import load_catalogue
from data.errors import HalflifeError, SpendingError
from data.home import Home
from data.media import MediaStore, extension_of
from data.runs import RunFolder
from data.serialization import digest
from data.store.control import Control
from data.suites import narrowed
from data.vocabulary import Model, RemoteSource, Request, Suite
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.suites import checked_suite
from harness.budget import SpendingLedger
from harness.generator import LeftError, Outcome
from harness.isolation import CaughtError, attempt
from harness.plan import request as planned_request
from harness.remote.context import RemoteContext
from harness.remote.registry import open_adapter
from harness.remote.retries import RetryRule
from harness.remote.transport.environment import Environment, Exchange
from harness.remote.transport.proxies import unused_proxy
from harness.request_log import RequestLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one request to a model came to.

    `url` and `status` are of the first exchange, None where nothing was sent or answered; `words` are the server's own,
    or why nothing was sent. `seconds` are wall-clock, waits and download included. `picture` is the sha256 of what
    came, `proxy` what is to be said about proxies.
    """

    model: Model
    url: str | None
    status: int | None
    words: str | None
    outcome: Outcome | None
    seconds: float
    picture: str | None
    proxy: str

    @property
    def good(self) -> bool:
        """Whether media came."""
        return self.outcome is not None and self.outcome.status == "ok"


@dataclass(slots=True)
class _Wire:
    """Keeps the exchanges of one request."""

    exchanges: list[Exchange] = field(default_factory=list)

    def first(self) -> tuple[str | None, int | None]:
        """The URL that was asked first and the status of its reply."""
        sent = next(iter(self.exchanges), None)
        answered = next((each for each in self.exchanges if each.status is not None), None)
        return sent.url if sent else None, answered.status if answered else None


def trials(home: Home, spec: RunSpec, stop: threading.Event, *, environ: Mapping[str, str] = os.environ) -> list[Trial]:
    """Ask each remote model of `spec` for the suite's first prompt, once, and say what came.

    Raises SpendingError without a cap, HalflifeError where no remote model is named.
    """
    home.prepare()
    suite = narrowed(checked_suite(spec.suite, spec.table).suite, spec.categories, each=spec.prompts)
    catalogue = load_catalogue(spec.catalogue)
    chosen = catalogue.select(spec.models, task=suite.task)
    models = [model for model in chosen if model.location == "remote"]
    if not models:
        raise HalflifeError("Expected a remote model to try, got local ones only. A local model needs no trial.")
    name = f"trial-{dt.datetime.now(dt.UTC):%Y%m%dt%H%M%S}-{os.urandom(3).hex()}"
    ledger = SpendingLedger(Control(home.control), run=name, cap_usd=spec.cap_usd)
    with RequestLog(RunFolder(home.path / "trials" / name)) as log:
        environment = replace(Environment.of(stop), environ=environ)
        context = RemoteContext(
            ledger=ledger,
            request_log=log,
            media=MediaStore(home.media),
            rule=RetryRule(again=0),
            environment=environment,
            adapters=catalogue.adapters,
        )
        return list(_each(models, suite, context, name))


def _each(models: list[Model], suite: Suite, context: RemoteContext, name: str) -> Iterator[Trial]:
    for model in models:
        if not context.environment.stop.is_set():
            yield _trial(model, _request(suite, model, name), context)


def _request(suite: Suite, model: Model, name: str) -> Request:
    """The first planned request, under an id of its own: a trial may be repeated."""
    first = planned_request(suite, model, suite.prompts[0], seed=0)
    return replace(first, id=digest({"trial": name, "request": first.id})[:32])


def _trial(model: Model, request: Request, context: RemoteContext) -> Trial:
    wire, began = _Wire(), time.perf_counter()
    context = replace(context, environment=replace(context.environment, watch=wire.exchanges.append))
    outcome = _asked(model, request, context)
    seconds, (url, status) = time.perf_counter() - began, wire.first()
    media = outcome.data if isinstance(outcome, Outcome) else None
    return Trial(
        model=model,
        url=url,
        status=status,
        words=outcome if isinstance(outcome, str) else outcome.reason,
        outcome=outcome if isinstance(outcome, Outcome) else None,
        seconds=seconds,
        picture=context.media.put(media, extension_of(media)) if media is not None else None,
        proxy=unused_proxy(_base_url(model), context.environment.environ).strip(),
    )


def _asked(model: Model, request: Request, context: RemoteContext) -> Outcome | str:
    """The outcome of the request, or why there is none; what stops one model's trial stops no other's."""
    try:
        generator = open_adapter(model, context)
        generator.preflight(model)
        generator.open(model)
        outcome = attempt(lambda: generator.generate(request), model)
        generator.close()
    except LeftError as left:
        return left.reason
    except SpendingError:
        raise
    except HalflifeError as error:
        return str(error)
    return outcome.reason if isinstance(outcome, CaughtError) else outcome


def _base_url(model: Model) -> str:
    return model.source.base_url if isinstance(model.source, RemoteSource) else ""
