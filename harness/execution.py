"""From a plan to journalled samples: one model in memory at a time, resumable at any moment, nothing done twice.

Each request goes to its model's `Generator`. One that works on jobs is a `harness.remote.jobs.JobRunner`, which submits
a job once and goes on with it after a crash.
"""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby

from data.errors import SpendingError
from data.media import MediaStore
from data.runs import RunFolder
from data.store.lock import OwnerLock
from data.vocabulary import CallKind, Load, Model, Progress, RemoteSource, Request, Status
from harness.circuit_breaker import CircuitBreaker
from harness.generator import Generator, LeftError, Loading, Outcome
from harness.isolation import CaughtError, attempt
from harness.lanes import Answer, Lanes
from harness.recorder import Recorder
from harness.sample_record import delivery_of, media_of, sample_of, unread_of

Generators = Callable[[Model], Generator]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What one worker is to make of a run: every `count`-th request from `index` on.

    What the journals hold is not made again, but for samples whose status is in `again`, such as "failed".
    """

    index: int = 0
    count: int = 1
    again: frozenset[Status] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise ValueError(f"Expected a share from 0 to {self.count - 1}, got {self.index}.")

    @property
    def worker(self) -> str:
        """The name that the worker's journals carry."""
        return "worker" if self.count == 1 else f"worker-{self.index + 1}of{self.count}"

    def of(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Return the requests of this share, in the plan's order."""
        return requests[self.index :: self.count]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSummary:
    """What an execution did: samples of its share that were there before, those made now by status, those left.

    `declined` says of each model that was not asked any more why: the provider's words. `postponed` says the same of
    models whose requests are left because the provider asked for a long wait.
    """

    run_id: str
    planned: int
    before: int
    made: Mapping[Status, int]
    stopped: bool
    declined: Mapping[str, str] = field(default_factory=dict)
    postponed: Mapping[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Samples that are still to be made."""
        return self.planned - self.before - sum(self.made.values())


ALL = Assignment()


def execute(
    run: RunFolder,
    media: MediaStore,
    generators: Generators,
    progress: Progress,
    *,
    stop: threading.Event | None = None,
    assignment: Assignment = ALL,
) -> ExecutionSummary:
    """Make every sample of the run that its journals do not hold yet, and say what came of it.

    A sample is done when a journal holds it, whatever its status: a failure is a result. All models are checked before
    anything is generated. When `stop` is set, the current sample is finished and the rest left for another execution.

    Raises the HalflifeError of a check, of a disk that is full (HomeError) or of a spending cap; StoreBusyError where
    another process is at work on the same assignment. Whatever it raises, what was acknowledged stays.
    """
    with OwnerLock(run.path / f".{assignment.worker}.lock"):
        wanted = assignment.of(run.plan.requests)
        done = {name for name, sample in run.samples().items() if sample.status not in assignment.again}
        todo = [request for request in wanted if request.id not in done]
        models = {model.id: model for model in run.plan.models}
        ready = {name: generators(models[name]) for name in dict.fromkeys(request.model for request in todo)}
        counts: Counter[Status] = Counter()
        declined, postponed = dict[str, str](), dict[str, str]()
        stop = stop or threading.Event()
        if todo:
            _check(ready, models, progress)
            with run.journal(assignment.worker) as journal, Recorder(journal, media) as recorder:
                execution = _Execution(
                    run,
                    recorder,
                    progress,
                    generators=generators,
                    stop=stop,
                    counts=counts,
                    declined=declined,
                    postponed=postponed,
                )
                for name, group in groupby(todo, key=lambda request: request.model):
                    total = sum(request.model == name for request in wanted)
                    execution.make_samples(models[name], ready[name], list(group), total=total)
    return ExecutionSummary(
        run_id=run.run_id,
        planned=len(wanted),
        before=len(wanted) - len(todo),
        made=dict(counts),
        stopped=stop.is_set(),
        declined=declined,
        postponed=postponed,
    )


def _check(ready: Mapping[str, Generator], models: Mapping[str, Model], progress: Progress) -> None:
    progress.begin("Checking models", len(ready))
    for name, generator in ready.items():
        generator.preflight(models[name])
        progress.advance()
    progress.end()


class _Execution:
    """The samples of one assignment, model by model."""

    def __init__(
        self,
        run: RunFolder,
        recorder: Recorder,
        progress: Progress,
        *,
        generators: Generators,
        stop: threading.Event,
        counts: Counter[Status],
        declined: dict[str, str],
        postponed: dict[str, str],
    ) -> None:
        self._plan = run.plan
        self._recorder = recorder
        self._progress = progress
        self._generators = generators
        self._stop = stop
        self._counts = counts
        self._declined, self._postponed = declined, postponed

    @property
    def _doing(self) -> str:
        return "Reading files of" if self._plan.brought else "Generating with"

    def make_samples(self, model: Model, generator: Generator, requests: Sequence[Request], *, total: int) -> None:
        """Make the samples of one model, or record why it could not be loaded; leaves nothing in memory."""
        if self._stop.is_set():
            return
        try:
            unloaded = self._load(model, generator)
            self._progress.begin(f"{self._doing} {model.title}", total)
            self._progress.advance(total - len(requests))
            self._make_each(model, generator, requests, unloaded)
            self._recorder.flush()
            self._progress.advance(self._recorder.acknowledged())
            self._progress.end()
        finally:
            generator.close()

    def _make_each(
        self, model: Model, generator: Generator, requests: Sequence[Request], unloaded: Outcome | None
    ) -> None:
        if isinstance(model.source, RemoteSource) and unloaded is None:
            self._send_each(model, generator, requests)
            return
        for number, request in enumerate(requests):
            if self._stop.is_set():
                return
            at = dt.datetime.now(dt.UTC)
            call: CallKind = "steady" if number else "first"
            self._keep(model, request, unloaded or _outcome(model, generator, request, call), at=at)

    def _send_each(self, model: Model, generator: Generator, requests: Sequence[Request]) -> None:
        """Send the requests of a remote model in lanes; what the breaker stops is recorded as not sent."""
        breaker = CircuitBreaker()
        with self._opened(model, generator, len(requests)) as generators:
            lanes = Lanes(generators, requests, partial(_outcome, model), self._stop)
            with lanes:
                try:
                    for answer in lanes.answers():
                        self._keep(model, answer.request, _with_load(answer), at=answer.at)
                        breaker.watch(answer.outcome)
                        if breaker.cause is not None:
                            self._declined[model.id] = breaker.cause
                            for request in lanes.close():
                                self._keep(model, request, breaker.not_sent(), at=dt.datetime.now(dt.UTC))
                except LeftError as left:
                    if not self._stop.is_set():
                        self._postponed[model.id] = left.reason
                except SpendingError as error:
                    raise SpendingError(f"{error} Left of {model.id}: {lanes.left}.") from None

    @contextmanager
    def _opened(self, model: Model, generator: Generator, requests: int) -> Iterator[list[Generator]]:
        """Give a generator for each lane, the first one opened before; the others are closed when the block ends."""
        count = model.source.in_flight if isinstance(model.source, RemoteSource) else 1
        others = [self._generators(model) for _ in range(min(count, requests) - 1)]
        try:
            for other in others:
                other.open(model)
            yield [generator, *others]
        finally:
            for other in others:
                other.close()

    def _load(self, model: Model, generator: Generator) -> Outcome | None:
        """Open the model; where that fails, return the outcome of all its requests."""
        self._progress.begin(f"Opening {model.title}" if self._plan.brought else f"Loading {model.title}", 1)
        at = dt.datetime.now(dt.UTC)
        loading = attempt(lambda: generator.open(model), model)
        if isinstance(loading, Loading):
            self._recorder.load(Load(run_id=self._plan.run_id, model=model.id, at=at, **loading._asdict()))
        self._progress.advance()
        self._progress.end()
        if isinstance(loading, CaughtError):
            return Outcome(status="failed", reason=f"The model could not be loaded: {loading.reason}", call="first")
        return None

    def _keep(self, model: Model, request: Request, outcome: Outcome, *, at: dt.datetime) -> None:
        sample = sample_of(self._plan, model, request, at=at, outcome=outcome)
        self._recorder.sample(sample, media_of(outcome), delivery_of(outcome), unread_of(outcome))
        self._counts[sample.status] += 1
        if model.location == "remote":
            self._recorder.flush()
        self._progress.advance(self._recorder.acknowledged())


def _with_load(answer: Answer) -> Outcome:
    """The outcome with how many requests were on their way: a latency under load is told from one that is not."""
    if answer.in_flight == 1:
        return answer.outcome
    timings = {**(answer.outcome.provider_timings or {}), "in_flight": answer.in_flight}
    return replace(answer.outcome, provider_timings=timings)


def _outcome(model: Model, generator: Generator, request: Request, call: CallKind) -> Outcome:
    outcome = attempt(lambda: generator.generate(request), model)
    return Outcome(status="failed", reason=outcome.reason, call=call) if isinstance(outcome, CaughtError) else outcome
