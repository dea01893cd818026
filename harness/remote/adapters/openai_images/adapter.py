"""Pictures from OpenAI-compatible image endpoints: `POST {base_url}/images/generations`, one picture a request.

Serves what speaks that protocol: OpenAI, xAI, Together, vLLM-Omni, SGLang, the LiteLLM proxy and others. Written from
the providers' documents and the official SDK's behaviour against servers on 127.0.0.1; no live provider was called.

A synchronous call has no id before its answer: a request whose reply was lost can never be asked about again. So before
each request the money is reserved in the ledger and the intent is journalled, and a request that was submitted and
never answered stays "unknown", counts as spent, and is sent again only when the user says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from data.vocabulary import CallKind, Model, Request
from harness.budget import Reservation, SubmittedBeforeError, upper_bound
from harness.credential import Credential
from harness.generator import Job, LeftError, Outcome, RequestError
from harness.remote.adapters.openai_images.client import DownloadLimits, OpenAIClient, require_sdk
from harness.remote.adapters.openai_images.delivery import Endpoint, delivered, undelivered
from harness.remote.adapters.openai_images.image_tasks import ImageTasks
from harness.remote.adapters.openai_images.request import ImageRequest, check_settings, image_request, remote_source
from harness.remote.adapters.openai_images.response import read_reply, status_url
from harness.remote.context import SUBMITTED_BEFORE, RemoteContext
from harness.remote.following import AcceptedRequest, JobFollower, JobLimits
from harness.remote.outcomes import from_error, request_id, scrubbed
from harness.remote.reply import DeclinedError, HTTPReply, ReplyError, TaskReplyError
from harness.remote.retries import send
from harness.request_log import RequestEntry


class _Session(NamedTuple):
    endpoint: Endpoint
    entries: Mapping[str, RequestEntry]
    tasks: JobFollower


class OpenAIImages:
    """The generator (see `harness.generator.Generator`) of one OpenAI-compatible image endpoint.

    A reply may name a task instead of a picture: then its id is journalled, and it is asked about, after a crash too,
    and never submitted again.
    """

    def __init__(self, context: RemoteContext, *, limits: DownloadLimits | None = None) -> None:
        self._context, self._limits = context, limits or DownloadLimits()
        self._ledger, self._terms, self._environment = context.ledger, context.terms, context.environment
        self._rule, self._fresh = context.rule, True
        self._session: _Session | None = None

    def preflight(self, model: Model) -> None:
        """Check what can be known without a request: the SDK, the key's variable, settings, price, room under the cap.

        Raises MissingExtraError, ServiceError, SpendingError or HalflifeError.
        """
        require_sdk()
        Credential(remote_source(model).credential_env, self._environment.environ)
        check_settings(model)
        self._ledger.require_room(upper_bound(model, self._terms.assumed_usd), model.id)

    def open(self, model: Model) -> None:
        """Read the key and make the client; nothing is sent: a remote model has no loading to measure."""
        self.close()
        self.preflight(model)
        source = remote_source(model)
        credential = Credential(source.credential_env, self._environment.environ)
        client = OpenAIClient(source, credential, environment=self._environment, limits=self._limits)
        bound = upper_bound(model, self._terms.assumed_usd)
        endpoint = Endpoint(model, source, credential, client, bound, self._limits, self._environment)
        limits = JobLimits(job_seconds=source.timeout_s, first_wait=1.0, longest_wait=10.0)
        tasks = JobFollower(ImageTasks(endpoint), self._context, limits)
        self._session, self._fresh = _Session(endpoint, self._context.request_log.entries(), tasks), True

    def close(self) -> None:
        """Close the connection and forget the key; harmless when nothing is open."""
        if self._session is not None:
            self._session.endpoint.client.close()
            self._session = None

    def generate(self, request: Request) -> Outcome:
        """Make one picture, or say why there is none: whatever the provider does ends in an Outcome.

        Raises SpendingError, with nothing sent, where the request would go over the cap.
        """
        if self._session is None:
            raise RuntimeError("Expected an opened generator, got a closed one.")
        session = self._session
        call: CallKind = "first" if self._fresh else "steady"
        self._fresh = False
        return replace(scrubbed(self._made(session, request), session.endpoint.credential), call=call)

    def _made(self, session: _Session, request: Request) -> Outcome:
        again, entry = self._terms.resend_unknown, session.entries.get(request.id)
        if entry is not None and entry.job is not None and not (again and request.id in self._context.finished):
            return self._resumed(session, request, entry, entry.job)
        endpoint = session.endpoint
        try:
            reservation = self._ledger.reserve(request.id, endpoint.model.id, usd=endpoint.bound, again=again)
        except SubmittedBeforeError as before:
            return from_error(RequestError(kind="unknown", reason=SUBMITTED_BEFORE), before.usd)
        if request.id in self._terms.submitted and not again:
            return from_error(RequestError(kind="unknown", reason=SUBMITTED_BEFORE), reservation.usd)
        return self._attempt(session, request, reservation)

    def _resumed(self, session: _Session, request: Request, entry: RequestEntry, job: Job) -> Outcome:
        endpoint = session.endpoint
        reservation = self._ledger.resume(request.id, endpoint.model.id, usd=endpoint.bound)
        return session.tasks.resume(self._accepted(endpoint, request, reservation), entry, job)

    def _attempt(self, session: _Session, request: Request, reservation: Reservation) -> Outcome:
        endpoint = session.endpoint
        payload = image_request(request, endpoint.source)
        try:
            self._context.request_log(request, payload.digest(endpoint.source))
        except BaseException:
            self._ledger.release(reservation)
            raise
        try:
            answer, waits = send(lambda: endpoint.client.post(payload), self._rule, self._environment)
        except LeftError as left:
            self._context.request_log.planned(request)
            self._ledger.release(reservation)
            raise LeftError(endpoint.credential.scrub(left.reason)) from None
        if isinstance(answer, RequestError):
            self._ledger.close(reservation, answer)
            return from_error(answer, reservation.usd)
        outcome = self._read(session, request, payload, answer, reservation)
        if waits and outcome.status == "ok":
            tries = {"tries": len(waits) + 1, "waited_s": sum(waits)}
            outcome = replace(outcome, provider_timings={**(outcome.provider_timings or {}), **tries})
        return outcome

    def _read(
        self, session: _Session, request: Request, payload: ImageRequest, http: HTTPReply, reservation: Reservation
    ) -> Outcome:
        endpoint = session.endpoint
        try:
            reply = read_reply(http.body, http.headers, self._limits.picture_bytes)
        except DeclinedError as declined:
            self._ledger.close(reservation, declined.error)
            return replace(from_error(declined.error, reservation.usd), request_id=request_id(http))
        except TaskReplyError as accepted:
            return self._followed(session, request, http, accepted, reservation)
        except ReplyError as error:
            outcome = undelivered(endpoint, http, error)
        else:
            outcome = delivered(endpoint, payload, http, reply)
        self._ledger.settle(reservation, outcome.cost_usd or 0.0, outcome.cost_source)
        return outcome

    def _followed(
        self, session: _Session, request: Request, http: HTTPReply, task: TaskReplyError, reservation: Reservation
    ) -> Outcome:
        """What comes of a task; unknown, with its id, where nobody says at which URL it can be asked for."""
        endpoint = session.endpoint
        url = status_url(http, endpoint.source.base_url)
        if url is None or endpoint.credential.hide(url) != url:
            return from_error(RequestError(kind="unknown", reason=str(task), request_id=task.task), reservation.usd)
        seconds = http.submit_seconds + http.read_seconds
        accepted = self._accepted(endpoint, request, reservation)
        accepted = replace(accepted, started=self._environment.timer.monotonic() - seconds)
        return session.tasks.follow(accepted, Job(id=task.task, status_url=url))

    def _accepted(self, endpoint: Endpoint, request: Request, reservation: Reservation | None) -> AcceptedRequest:
        return AcceptedRequest(
            request=request,
            model=endpoint.model,
            credential=endpoint.credential,
            bound=endpoint.bound,
            reservation=reservation,
            submitted_at=self._environment.timer.now(),
        )


def generator_for(context: RemoteContext) -> OpenAIImages:
    """Return the generator of a run's models."""
    return OpenAIImages(context)
