"""Makes samples with a provider that works on jobs: submitted once, asked about, fetched, paid for; a crash loses none.

The steps of a request, where each is durable, and what follows where a process died after it:

| step | durable in | then |
|---|---|---|
| planned | the plan | it is submitted |
| submitting | the request log, before the POST | it is unknown, counts as spent, and is sent again only if allowed |
| submitted | the request log, with the job's id and URLs | the job is polled, never submitted again |
| completed | the request log | the result is fetched |
| downloaded | the media store, then the request log | it is settled |
| settled | the ledger, then the request log | the outcome is handed to the runner, which journals the sample |

A job that is not done within the time limit is cancelled.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from data.errors import UnknownNameError
from data.media import extension_of
from data.serialization import from_json, plain
from data.vocabulary import CallKind, Model, RemoteSource, Request, Timing
from harness.budget import Reservation, SubmittedBeforeError, upper_bound
from harness.credential import Credential
from harness.generator import Job, JobGenerator, JobState, LeftError, Outcome, RequestError
from harness.remote.context import SUBMITTED_BEFORE, RemoteContext
from harness.remote.outcomes import from_error, scrubbed, with_video_facts
from harness.remote.retries import send
from harness.request_log import RequestEntry

ENDED = frozenset({"completed", "refused", "failed", "cancelled"})
FILES = frozenset({"data", "delivery", "unread"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """Seconds: how long a job may take from its submission, and the waits between two polls, which double."""

    job_seconds: float = 1800.0
    first_wait: float = 2.0
    longest_wait: float = 30.0


class _Session(NamedTuple):
    model: Model
    credential: Credential
    bound: float
    entries: Mapping[str, RequestEntry]


class _Pending(NamedTuple):
    """A request whose job is at the provider. `reservation` is None where it was settled before.

    `started` is the monotonic time of its submission, None where an earlier process submitted it.
    """

    request: Request
    reservation: Reservation | None
    submitted_at: dt.datetime
    started: float | None


class JobRunner:
    """The `Generator` of a `JobGenerator`: one request at a time, from its submission to its settled outcome."""

    def __init__(self, provider: JobGenerator, context: RemoteContext, *, limits: JobLimits | None = None) -> None:
        self._provider, self._context, self._limits = provider, context, limits or JobLimits()
        self._timer, self._rule = context.environment.timer, context.rule
        self._session: _Session | None = None
        self._fresh = True

    def preflight(self, model: Model) -> None:
        """Check the key, the price, the room under the cap, and what the provider's adapter checks."""
        self._credential(model)
        self._context.ledger.require_room(upper_bound(model, self._context.terms.assumed_usd), model.id)
        self._provider.preflight(model)

    def open(self, model: Model) -> None:
        """Open the provider's adapter and read from the request log how far each request is; nothing is sent."""
        self.close()
        bound = upper_bound(model, self._context.terms.assumed_usd)
        self._provider.open(model)
        self._session = _Session(model, self._credential(model), bound, self._context.request_log.entries())
        self._fresh = True

    def close(self) -> None:
        """Close the adapter; harmless when nothing is open."""
        if self._session is not None:
            self._session = None
            self._provider.close()

    def generate(self, request: Request) -> Outcome:
        """Make one sample, or go on with the job that an earlier process submitted for it.

        Raises SpendingError, with nothing sent, where the request would go over the cap.
        """
        session = self._opened()
        call: CallKind = "first" if self._fresh else "steady"
        self._fresh = False
        return replace(scrubbed(self._made(session, request), session.credential), call=call)

    def _made(self, session: _Session, request: Request) -> Outcome:
        entry, finished = session.entries.get(request.id), request.id in self._context.finished
        resend = self._context.terms.resend_unknown
        if (
            entry is None
            or entry.step == "planned"
            or (finished and (resend or entry.job is None))
            or (entry.job is None and resend)
        ):
            return self._submitted(session, request)
        if entry.job is None:
            return self._unknown(session, request)
        reservation = self._context.ledger.resume(request.id, session.model.id, usd=session.bound)
        pending = _Pending(request, reservation, entry.submitted_at, None)
        outcome = self._kept_outcome(entry) if entry.outcome is not None and not finished else None
        if outcome is not None:
            return self._settled(pending, outcome, entry.media)
        if entry.step == "submitted":
            return self._awaited(pending, entry.job)
        return self._fetched(pending, entry.job)

    def _unknown(self, session: _Session, request: Request) -> Outcome:
        """The outcome of a request that may have been submitted; its upper bound stays reserved."""
        try:
            usd = self._context.ledger.reserve(request.id, session.model.id, usd=session.bound).usd
        except SubmittedBeforeError as before:
            usd = before.usd
        return from_error(RequestError(kind="unknown", reason=SUBMITTED_BEFORE), usd)

    def _submitted(self, session: _Session, request: Request) -> Outcome:
        ledger, log = self._context.ledger, self._context.request_log
        again = self._context.terms.resend_unknown
        try:
            reservation = ledger.reserve(request.id, session.model.id, usd=session.bound, again=again)
        except SubmittedBeforeError as before:
            return from_error(RequestError(kind="unknown", reason=SUBMITTED_BEFORE), before.usd)
        try:
            log.submitting(request, self._provider.request_digest(request))
        except BaseException:
            ledger.release(reservation)
            raise
        started = self._timer.monotonic()
        try:
            job, _ = send(lambda: self._provider.submit(request), self._rule, self._context.environment)
        except LeftError:
            log.planned(request)
            ledger.release(reservation)
            raise
        if isinstance(job, RequestError):
            return self._without_media(reservation, job)
        log.job(request, "submitted", job)
        return self._awaited(_Pending(request, reservation, self._timer.now(), started), job)

    def _awaited(self, pending: _Pending, job: Job) -> Outcome:
        state = self._wait(pending, job)
        if isinstance(state, RequestError):
            return self._without_media(pending.reservation, state)
        job = state.job or job
        self._context.request_log.job(pending.request, "completed", job)
        return self._fetched(pending, job)

    def _wait(self, pending: _Pending, job: Job) -> JobState | RequestError:
        """Poll until the job ended or its time is over; the completed state, or why there is none."""
        wait = self._limits.first_wait
        while True:
            state = self._provider.poll(job)
            if state.progress in ENDED:
                return _ended(state)
            left = self._limits.job_seconds - (self._timer.now() - pending.submitted_at).total_seconds()
            if left <= 0:
                return self._cancelled(job)
            self._timer.sleep(min(left, self._limits.longest_wait, state.wait_seconds or wait))
            if self._context.environment.stop.is_set():
                raise LeftError(f"Stopped while job {job.id} was not done; it is asked about when the run goes on.")
            wait *= 2

    def _cancelled(self, job: Job) -> JobState | RequestError:
        state = self._provider.cancel(job)
        if state.progress == "completed":
            return state
        limit = f"{self._limits.job_seconds:g} s"
        if state.progress == "unreachable":
            reason = f"Not done within {limit}, and the provider could not be reached to cancel it; outcome unknown."
            return RequestError(kind="unknown", reason=reason)
        return RequestError(kind="timed-out", reason=f"Not done within {limit}; cancelled.", free=state.free)

    def _fetched(self, pending: _Pending, job: Job) -> Outcome:
        done = self._timer.monotonic()
        outcome = self._provider.fetch(pending.request, job)
        if outcome.timing is None and pending.started is not None:
            now = self._timer.monotonic()
            submit, download = done - pending.started, now - done
            timing = Timing(seconds=submit + download, submit_seconds=submit, download_seconds=download)
            outcome = replace(outcome, timing=timing)
        outcome = with_video_facts(self._priced(outcome))
        media = self._context.media.put(outcome.data, extension_of(outcome.data)) if outcome.data else None
        self._context.request_log.outcome(pending.request, "downloaded", _facts(outcome), media)
        return self._settled(pending, outcome, media)

    def _priced(self, outcome: Outcome) -> Outcome:
        if outcome.cost_usd is not None:
            return outcome
        session = self._opened()
        return replace(
            outcome, cost_usd=session.bound, cost_source="units-times-price" if session.model.price else "estimate"
        )

    def _settled(self, pending: _Pending, outcome: Outcome, media: str | None) -> Outcome:
        if pending.reservation is not None:
            self._context.ledger.settle(pending.reservation, outcome.cost_usd or 0.0, outcome.cost_source)
        self._context.request_log.outcome(pending.request, "settled", _facts(outcome), media)
        return outcome

    def _without_media(self, reservation: Reservation | None, error: RequestError) -> Outcome:
        if reservation is not None:
            self._context.ledger.close(reservation, error)
        return from_error(error, self._opened().bound)

    def _kept_outcome(self, entry: RequestEntry) -> Outcome | None:
        """The outcome that the log has, with its bytes; None where they are lost: then the job is fetched again."""
        facts = dict(entry.outcome or {})
        facts["timing"] = from_json(Timing, facts["timing"]) if facts["timing"] else None
        if facts["status"] != "ok":
            return Outcome(**facts)
        try:
            return Outcome(**facts, data=self._context.media.path(entry.media or "").read_bytes())
        except (UnknownNameError, OSError):
            return None

    def _credential(self, model: Model) -> Credential:
        name = model.source.credential_env if isinstance(model.source, RemoteSource) else None
        return Credential(name, self._context.environment.environ)

    def _opened(self) -> _Session:
        if self._session is None:
            raise RuntimeError("Expected an opened generator, got a closed one.")
        return self._session


def _ended(state: JobState) -> JobState | RequestError:
    if state.progress == "completed":
        return state
    reason = state.reason or "The provider gave the job up."
    return RequestError(kind="refused" if state.progress == "refused" else "failed", reason=reason, free=state.free)


def _facts(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON, without the bytes of files; what a provider delivers is one file."""
    return {field.name: plain(getattr(outcome, field.name)) for field in fields(outcome) if field.name not in FILES}
