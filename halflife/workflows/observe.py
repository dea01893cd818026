"""The wiring of one observation: plan → generate → score → seal → warehouse → standings → snapshot → routing table."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import HalflifeError, RoutingError
from data.vocabulary import Calendar, Model, Plan, Progress, Status

if TYPE_CHECKING:
    from data.home import Home
    from data.runs import RunFolder
    from data.store.rebuild import Rebuilt
    from harness.execution import ExecutionSummary
    from harness.generator import Generator
    from leaderboard.routing.policy.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What a person or a schedule asks for.

    `cap_usd` is what remote calls may cost; without it none is made. `threads`: how many CPU threads a pipeline uses,
    torch's own choice without. `encoder`: the card of the CLIP that scores, the embedded one without. `retry_failed`:
    whether requests that failed or timed out are made again.
    """

    suite: str
    models: tuple[str, ...]
    day: dt.date
    seeds: int = 1
    categories: tuple[str, ...] = ()
    calendar: Calendar = "live"
    device: str = "auto"
    threads: int | None = None
    machine: str | None = None
    cap_usd: float | None = None
    resend_unknown: bool = False
    retry_failed: bool = False
    encoder: Path | None = None
    catalogue: tuple[Path, ...] = ()

    def again(self) -> "frozenset[Status]":
        """Return the statuses of samples that are made once more."""
        failed: set[Status] = {"failed", "timed-out"} if self.retry_failed else set()
        unknown: set[Status] = {"unknown"} if self.resend_unknown else set()
        return frozenset(failed | unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What came of an order: `published` is None while the run is not finished."""

    plan: Plan
    summary: "ExecutionSummary | None" = None
    published: "BoardPublication | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPublication:
    """The table that gateways read now, and whether it was published just now."""

    content: Mapping[str, Any]
    published: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPublication:
    """What the board shows now: the snapshot's generation, and the runs that were refused, with the reason."""

    generation: int
    refused: tuple[HalflifeError, ...]


def planned(order: RunSpec) -> Plan:
    """Return the plan that an order means; UnknownNameError for a suite, category, model or machine there is not."""
    from data.catalogue import load_catalogue, this_machine
    from data.suites import load_suite, narrowed
    from harness.devices import choose
    from harness.plan import expand

    catalogue = load_catalogue(order.catalogue)
    suite = load_suite(order.suite)
    if order.categories:
        suite = narrowed(suite, order.categories)
    models = catalogue.select(order.models, task=suite.task)
    local = any(model.location == "local" for model in models)
    machine = this_machine(catalogue, order.machine, device=choose(order.device) if local else "cpu")
    if local:
        machine = replace(machine, software={**machine.software, "torch threads": _use_threads(order.threads)})
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    seeds = range(order.seeds)
    return expand(suite, models, seeds=seeds, calendar=order.calendar, day=order.day, machine=machine, created_at=now)


def _use_threads(wanted: int | None) -> str:
    """Let torch use that many CPU threads, and return how many it uses."""
    import torch

    if wanted is not None:
        torch.set_num_threads(wanted)
    return str(torch.get_num_threads())


def observe(home: "Home", order: RunSpec, progress: Progress, stop: threading.Event) -> Observed:
    """Carry out an order, or go on with it where it stopped; what is committed is scored by new evaluators only.

    When `stop` is set the current sample is finished, the rest is left, and nothing is published. On the live calendar
    sentinel prompts are held against their past afterwards. Raises InstrumentError, with nothing scored or published,
    where the frozen reference set does not score as it did.
    """
    from data.media import MediaStore
    from data.runs import RunFolder
    from data.store.sealing import seal
    from evaluators.registry import open_evaluators
    from evaluators.scoring import score
    from halflife.workflows.drift import check_encoder, watch
    from harness.execution import Assignment, execute

    home.prepare()
    plan, evaluators = planned(order), open_evaluators(home.cache, card=order.encoder)
    again = order.again()
    run, media, summary = RunFolder.create(home, plan), MediaStore(home.media), None
    if not run.committed or again:
        with _generators(home, run, order) as generators:
            summary = execute(run, media, generators, progress, stop=stop, assignment=Assignment(again=again))
        if summary.left:
            return Observed(plan=plan, summary=summary)
    check_encoder(home, order.encoder)
    score(run, media, home.cache, evaluators=evaluators, progress=progress)
    seal(run)
    published = publish(home, progress)
    if order.calendar == "live":
        watch(home, order.encoder)
    return Observed(plan=plan, summary=summary, published=published)


def publish(home: "Home", progress: Progress) -> BoardPublication:
    """Bring sealed runs into the warehouse and their standings up to date, and publish a snapshot if that changed any.

    A run whose files are damaged is refused and the others go on. Raises StoreBusyError while another
    process does the same.
    """
    from data.store.snapshot import current
    from data.store.warehouse import Warehouse
    from leaderboard.standings import daily

    with Warehouse.own(home) as warehouse:
        new = warehouse.ingest_all(progress) + warehouse.ingest_ratings() + warehouse.ingest_lifecycle()
        new += warehouse.ingest_cells()
        computed = daily.update(warehouse, progress=progress)
        shown = current(home)
        generation = warehouse.publish() if new or computed or shown is None else shown.generation
        return BoardPublication(generation=generation, refused=warehouse.refused)


def show_cells(home: "Home") -> None:
    """Publish a snapshot with the cells that were measured since the last one; nothing where none is published yet.

    Raises StoreBusyError while another process writes the warehouse.
    """
    from data.measurements import journals
    from data.store.snapshot import current
    from data.store.warehouse import Warehouse

    if current(home) is None or not journals(home):
        return
    with Warehouse.own(home) as warehouse:
        if warehouse.ingest_cells():
            warehouse.publish()


def follow(
    home: "Home", suite: str, calendar: Calendar, *, replace: bool = False, policy: "Policy | None" = None
) -> "RoutingPublication":
    """Bring the routing table of a suite on a calendar up to date and return the one that gateways read now.

    Cells that were measured since the last snapshot are published first, for a tier may ask for their shape.
    A table of another suite or calendar that is current stays current unless it is to be replaced: an experiment does
    not move traffic. A table that says what the current one says is published again only to renew its times. Without a
    `policy` the home's `routing.toml` decides, or the shipped one.
    """
    from data.store.snapshot import current as newest
    from leaderboard.routing.policy.file import load_policy
    from leaderboard.routing.serving.publish import current, publish
    from leaderboard.routing.table.build import build_from, unchanged

    show_cells(home)
    snapshot, before = newest(home), current(home.routing)
    if snapshot is None:
        raise RoutingError("Expected published standings to route by, got none. Run `halflife demo` or `halflife run`.")
    now = dt.datetime.now(dt.UTC)
    previous = before.content if before else None
    with snapshot.connect() as connection:
        table = build_from(
            connection,
            suite=suite,
            calendar=calendar,
            generated_at=now,
            previous=previous,
            policy=policy or load_policy(home.path),
        )
    if before and before.content["table_id"] != table["table_id"] and not replace:
        return RoutingPublication(content=before.content, published=False)
    if before and unchanged(table, before.content) and now < _stale(before.content):
        return RoutingPublication(content=before.content, published=False)
    publish(table, home.routing)
    return RoutingPublication(content=table, published=True)


def rebuild(home: "Home", progress: Progress) -> "Rebuilt":
    """Make the warehouse again from the sealed runs, with its standings, and publish it."""
    from data.store.rebuild import rebuild as again
    from leaderboard.standings import daily

    return again(home, progress, standings=lambda warehouse: daily.update(warehouse, progress=progress))


@contextmanager
def _generators(home: "Home", run: "RunFolder", order: RunSpec) -> "Iterator[Callable[[Model], Generator]]":
    """Give the maker of samples for each model: diffusers here, or the provider's endpoint under the order's cap."""
    from data.media import MediaStore
    from data.store.control import Control
    from harness.local.pipeline import LocalPipeline
    from harness.remote.context import RemoteContext, SpendingTerms
    from harness.remote.registry import open_adapter
    from harness.request_log import RequestLog

    terms, media = SpendingTerms(resend_unknown=order.resend_unknown), MediaStore(home.media)
    with RequestLog(run) as log:

        def maker(model: Model) -> "Generator":
            if model.location == "local":
                return LocalPipeline(run.plan.machine.device)
            control = Control(home.control)
            context = RemoteContext.of(run, control, cap_usd=order.cap_usd, media=media, request_log=log, terms=terms)
            return open_adapter(model, context)

        yield maker


def _stale(table: Mapping[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(str(table["stale_after"]))
