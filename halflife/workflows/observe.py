"""One run: plan → generate → score → seal → warehouse → standings → snapshot."""

import datetime as dt
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from data.catalogue import load_catalogue, this_machine
from data.errors import StoreBusyError
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.store.control import Control
from data.store.lock import OwnerLock
from data.store.patience import Patience, when_free
from data.store.sealing import seal
from data.suites import narrowed
from data.suites.inputs import keep_inputs
from data.vocabulary import Model, Plan, Progress
from evaluators.eval_input import Evaluator
from evaluators.registry import open_evaluators
from evaluators.scoring import score
from halflife.workflows.drift import check_encoder, watch
from halflife.workflows.publish import BoardPublication, publish_board
from halflife.workflows.reasons import Reason, failures, unscored
from halflife.workflows.run_spec import RunSpec
from halflife.workflows.suites import checked_suite
from harness.devices import choose
from harness.execution import Assignment, ExecutionSummary, execute
from harness.generator import Generator
from harness.local.pipeline import LocalPipeline
from harness.plan import expand
from harness.remote.context import RemoteContext, SpendingTerms
from harness.remote.registry import open_adapter
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a run came to: `published` is None while it is not finished, `summary` while nothing was to be made.

    `failures` and `unscored` say why samples are not ok, or have no score of the suite's metric.
    """

    plan: Plan
    summary: ExecutionSummary | None = None
    published: BoardPublication | None = None
    failures: tuple[Reason, ...] = ()
    unscored: tuple[Reason, ...] = ()


def planned(spec: RunSpec) -> Plan:
    """Return the plan of a run. Raises UnknownNameError for an unknown suite, category, model or machine."""
    catalogue = load_catalogue(spec.catalogue)
    suite = narrowed(checked_suite(spec.suite, spec.table).suite, spec.categories, each=spec.prompts)
    models = catalogue.select(spec.models, task=suite.task)
    is_local = any(model.location == "local" for model in models)
    machine = this_machine(catalogue, spec.machine, device=choose(spec.device) if is_local else "cpu")
    if is_local:
        machine = replace(machine, software={**machine.software, "torch threads": _use_threads(spec.threads)})
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    seeds = range(spec.seeds)
    return expand(suite, models, seeds=seeds, calendar=spec.calendar, day=spec.day, machine=machine, created_at=now)


def _use_threads(threads: int | None) -> str:
    """Let torch use that many CPU threads, and return how many it uses."""
    import torch

    if threads is not None:
        torch.set_num_threads(threads)
    return str(torch.get_num_threads())


def observe(home: Home, spec: RunSpec, progress: Progress, stop: threading.Event) -> Observed:
    """Carry out a run, or go on with it where it stopped; samples that are committed meet new evaluators only.

    When `stop` is set the current sample is finished, the rest is left, and nothing is published. On the live calendar
    sentinel prompts are compared with their past afterwards. Raises InstrumentError, with nothing scored or published,
    where the frozen reference set does not score as it did.
    """
    evaluators = open_evaluators(home.cache, card=spec.encoder)
    run, summary, patience = _prepared(home, spec), None, Patience(stop=stop)
    try:
        with owned(run, stop):
            summary = _generated(home, run, spec, progress, stop)
            if summary is not None and summary.left:
                return Observed(plan=run.plan, summary=summary, failures=failures(run))
            published = finish(home, run, evaluators, progress, encoder=spec.encoder, patience=patience)
        if spec.calendar == "live":
            watch(home, spec.encoder, patience)
    except StoreBusyError:
        if not stop.is_set():
            raise
        return Observed(plan=run.plan, summary=summary)
    return Observed(plan=run.plan, summary=summary, published=published, failures=failures(run), unscored=unscored(run))


def finish(
    home: Home,
    run: RunFolder,
    evaluators: Sequence[Evaluator],
    progress: Progress,
    *,
    encoder: Path | None,
    patience: Patience | None = None,
) -> BoardPublication:
    """Score a run whose samples are all there, seal it, and publish the board with it.

    Raises InstrumentError, with nothing scored or published, where the frozen reference set does not score as it did.
    """
    check_encoder(home, encoder)
    score(run, MediaStore(home.media), home.cache, evaluators=evaluators, progress=progress)
    seal(run)
    return publish_board(home, progress, patience)


def generate(
    home: Home, spec: RunSpec, progress: Progress, stop: threading.Event
) -> tuple[RunFolder, ExecutionSummary | None]:
    """Generate the samples of a run that are not there yet; the summary is None where it was finished before."""
    run = _prepared(home, spec)
    with owned(run, stop):
        return run, _generated(home, run, spec, progress, stop)


def _prepared(home: Home, spec: RunSpec) -> RunFolder:
    home.prepare()
    return RunFolder.create(home, planned(spec))


def owned(run: RunFolder, stop: threading.Event) -> OwnerLock:
    """Be the one process that works on the run, after another that does: what it made is not made again."""
    return when_free(lambda: OwnerLock(run.path / ".run.lock"), Patience(seconds=math.inf, stop=stop))


def _generated(
    home: Home, run: RunFolder, spec: RunSpec, progress: Progress, stop: threading.Event
) -> ExecutionSummary | None:
    again = spec.again()
    if run.committed and not again:
        return None
    assignment, media = Assignment(again=again), MediaStore(home.media)
    keep_inputs(spec.suite, run.plan.suite, media)
    with _generators(home, run, spec, stop) as generators:
        return execute(run, media, generators, progress, stop=stop, assignment=assignment)


@contextmanager
def _generators(
    home: Home, run: RunFolder, spec: RunSpec, stop: threading.Event
) -> Iterator[Callable[[Model], Generator]]:
    """Give the generator of each model: diffusers here, or the provider's endpoint under the run's cap."""
    terms, media = SpendingTerms(resend_unknown=spec.resend_unknown), MediaStore(home.media)
    adapters = load_catalogue(spec.catalogue).adapters
    with RequestLog(run) as log:

        def generator(model: Model) -> Generator:
            if model.location == "local":
                return LocalPipeline(run.plan.machine.device, media=media)
            control = Control(home.control)
            context = RemoteContext.of(
                run,
                control,
                cap_usd=spec.cap_usd,
                media=media,
                request_log=log,
                terms=terms,
                environment=Environment.of(stop),
            )
            return open_adapter(model, replace(context, adapters=adapters))

        yield generator
