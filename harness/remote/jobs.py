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

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from data.vocabulary import CallKind, Model, RemoteSource, Request
from harness.budget import SubmittedBeforeError, upper_bound
from harness.credential import Credential
from harness.generator import JobGenerator, LeftError, Outcome, RequestError
from harness.remote.context import SUBMITTED_BEFORE, RemoteContext
from harness.remote.following import AcceptedRequest, JobFollower, JobLimits
from harness.remote.outcomes import from_error, scrubbed
from harness.remote.retries import send
from harness.request_log import RequestEntry


class _Session(NamedTuple):
    model: Model
    credential: Credential
    bound: float
    entries: Mapping[str, RequestEntry]


class JobRunner:
    """The `Generator` of a `JobGenerator`: one request at a time, from its submission to its settled outcome."""

    def __init__(self, provider: JobGenerator, context: RemoteContext, *, limits: JobLimits | None = None) -> None:
        self._provider, self._context = provider, context
        self._timer, self._rule = context.environment.timer, context.rule
        self._follower = JobFollower(provider, context, limits or JobLimits())
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
        accepted = AcceptedRequest(
            request=request,
            model=session.model,
            credential=session.credential,
            bound=session.bound,
            reservation=self._context.ledger.resume(request.id, session.model.id, usd=session.bound),
            submitted_at=entry.submitted_at,
        )
        return self._follower.resume(accepted, entry, entry.job)

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
            ledger.close(reservation, job)
            return from_error(job, session.bound)
        accepted = AcceptedRequest(
            request=request,
            model=session.model,
            credential=session.credential,
            bound=session.bound,
            reservation=reservation,
            submitted_at=self._timer.now(),
            started=started,
        )
        return self._follower.follow(accepted, job)

    def _credential(self, model: Model) -> Credential:
        name = model.source.credential_env if isinstance(model.source, RemoteSource) else None
        return Credential(name, self._context.environment.environ)

    def _opened(self) -> _Session:
        if self._session is None:
            raise RuntimeError("Expected an opened generator, got a closed one.")
        return self._session
