"""Jobs of any provider that a spec describes: submitted once, asked about, fetched and cancelled by the spec's paths.

Written from the providers' documents and proved against servers on 127.0.0.1 that speak each spec; no live provider was
called. A provider without a status answers at once: its media are in the reply to the submission, and are lost with it
where that names no URL.
"""

from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from data.catalogue.provider_spec import ProviderSpec
from data.serialization import digest
from data.vocabulary import Model, RemoteSource, Request
from harness.credential import Credential
from harness.generator import Job, JobState, Outcome, RequestError
from harness.remote.adapters.http_job.client import JobClient, Received
from harness.remote.adapters.http_job.delivery import Completed, delivered, encoded_media, media_url
from harness.remote.adapters.http_job.reading import LONGEST_ID, Reply, declined, progress_of, words_of
from harness.remote.adapters.http_job.request import check_settings, path_of, remote_source, request_body
from harness.remote.adapters.http_job.token import key_headers
from harness.remote.context import RemoteContext
from harness.remote.error_reply import read_error
from harness.remote.following import JobLimits
from harness.remote.jobs import JobRunner
from harness.remote.outcomes import from_error
from harness.remote.retries import error_words, read_http_error, read_retry_after

MOST_DECLINES = 5
"""So many times in a row a question about a job is declined before it counts as lost."""
LATER = frozenset({408, 425, 429})


class _Session(NamedTuple):
    model: Model
    source: RemoteSource
    credential: Credential
    client: JobClient


class HTTPJobs:
    """A `harness.generator.JobGenerator` by a spec. One request at a time."""

    def __init__(self, context: RemoteContext, spec: ProviderSpec) -> None:
        self._environment, self._spec = context.environment, spec
        self._session: _Session | None = None
        self._replies: tuple[str, list[Reply]] = ("", [])
        self._declines = ("", 0)

    def preflight(self, model: Model) -> None:
        """Check the key's variables and the settings."""
        source, environ = remote_source(model), self._environment.environ
        key_headers(self._spec, source, Credential(source.credential_env, environ), environ=environ, now=0.0)
        check_settings(self._spec, model)

    def open(self, model: Model) -> None:
        """Read the key and make the client; nothing is sent."""
        self.preflight(model)
        source = remote_source(model)
        credential = Credential(source.credential_env, self._environment.environ)
        client = JobClient(self._spec, source, credential, self._environment)
        self._session = _Session(model, source, credential, client)

    def close(self) -> None:
        """Close the connection and forget the key; harmless when nothing is open."""
        if self._session is not None:
            self._session.client.close()
            self._session = None

    def request_digest(self, request: Request) -> str:
        """Return the sha256 of what `submit` would send."""
        session = self._opened()
        body = request_body(self._spec, request, session.source)
        return digest({"url": session.client.url(self._path(self._spec.submit.path)), "body": body})

    def submit(self, request: Request) -> Job | RequestError:
        """Send the request once, and return its job."""
        session = self._opened()
        body = request_body(self._spec, request, session.source)
        received = session.client.post(self._path(self._spec.submit.path), body, request.id)
        if isinstance(received, RequestError):
            return received
        reply = Reply.of(received.http)
        error = declined(self._spec, reply)
        if received.status >= 300:
            named = error if error is not None and error.kind in ("refused", "busy") else None
            return named or self._http_error(received)
        if error is not None:
            return error
        return self._synchronous(request, reply) if self._spec.status is None else self._accepted(reply)

    def poll(self, job: Job) -> JobState:
        """Ask how far the job is. A provider that declines to say so five times in a row has lost it."""
        if self._spec.status is None:
            return JobState(progress="completed")
        received = self._asked(job)
        if not isinstance(received, Received):
            return JobState(progress="unreachable", reason=_unheard(received) or "no trusted URL to ask at")
        wait = read_retry_after(received.http.headers, self._environment.timer.now())
        words = f"{received.status}: {error_words(read_error(received.http.body)) or 'no reason given'}"
        if received.status in LATER or received.status >= 500:
            return JobState(progress="unreachable", reason=words, wait_seconds=wait)
        if received.status >= 300:
            return self._declined(job, words, wait)
        self._declines = (job.id, 0)
        reply = Reply.of(received.http)
        self._remember(job, reply)
        return replace(progress_of(self._spec, reply), wait_seconds=wait)

    def fetch(self, request: Request, job: Job) -> Outcome:
        """Return what a completed job made; unknown, with why, where it cannot be had now."""
        session = self._opened()
        if self._replies[0] != job.id and self._spec.status is not None and self.poll(job).progress != "completed":
            return _unknown(job, "its status could not be had again")
        replies = list(self._replies[1]) if self._replies[0] == job.id else []
        called = self._result_called(job)
        if isinstance(called, Outcome):
            return called
        replies += [called] if called is not None else []
        if not replies:
            if job.result_url is None:
                return _unknown(job, "it was in a reply that this process does not have")
            replies = [Reply(content=None, body=b"", headers={})]
        completed = Completed(self._spec, session.model, request, job, replies)
        return delivered(completed, self._environment)

    def cancel(self, job: Job) -> JobState:
        """Ask the provider to give the job up, and return what it says then."""
        client, how = self._opened().client, self._spec.cancel
        if how is None:
            return self.poll(job)
        url = client.trusted(job.cancel_url) or (client.url(self._path(how.path, job)) if how.path else None)
        received = client.ask(url, how.method) if url else None
        state = self.poll(job)
        if state.progress in ("completed", "refused", "failed", "cancelled"):
            return state
        if isinstance(received, Received) and received.status < 300:
            return JobState(progress="cancelled")
        return JobState(progress="unreachable", reason=state.reason)

    def _synchronous(self, request: Request, reply: Reply) -> Job | RequestError:
        """The job of a provider that has answered with the media, or why there are none."""
        url = media_url(self._spec, reply)
        if url is None and encoded_media(self._spec, reply) is None:
            words = words_of(self._spec, reply) or "no media"
            reason = f"Expected media, got status 200 with: {words}"
            return RequestError(kind="failed", reason=reason, unread=reply.body or None)
        name = reply.text(self._spec.submit.id) or f"answered-{request.id[:32]}"
        job = Job(id=name[:LONGEST_ID], result_url=self._without_key(url))
        self._remember(job, reply)
        return job

    def _accepted(self, reply: Reply) -> Job | RequestError:
        """The job that a reply names; what happened is unknown where it names none, or none that can be asked about."""
        client, submit = self._opened().client, self._spec.submit
        name = reply.text(submit.id)
        if name is None:
            words = words_of(self._spec, reply) or "none"
            reason = (
                f"Expected a job's id at {' or '.join(submit.id)}, got none; outcome unknown, not sent again: {words}"
            )
            return RequestError(kind="unknown", reason=reason, unread=reply.body or None)
        named = reply.text([submit.status_url]) if submit.status_url else None
        status_url = client.trusted(named)
        if status_url is None and self._spec.status is not None and self._spec.status.path is None:
            host = urlsplit(named or "").netloc[:100] or "no host"
            reason = f"Accepted as job {name[:LONGEST_ID]}, to be asked about at {host}, which gets no key; unknown."
            return RequestError(kind="unknown", reason=reason, request_id=name[:LONGEST_ID])
        job = Job(
            id=name[:LONGEST_ID],
            status_url=status_url,
            result_url=client.trusted(reply.text([submit.result_url])) if submit.result_url else None,
            cancel_url=client.trusted(reply.text([submit.cancel_url])) if submit.cancel_url else None,
        )
        self._remember(job, reply)
        return job

    def _asked(self, job: Job) -> Received | RequestError | None:
        client, status = self._opened().client, self._spec.status
        path = status.path if status is not None else None
        url = client.trusted(job.status_url) or (client.url(self._path(path, job)) if path else None)
        return client.ask(url) if url else None

    def _declined(self, job: Job, words: str, wait: float | None) -> JobState:
        earlier = self._declines[1] if self._declines[0] == job.id else 0
        self._declines = (job.id, earlier + 1)
        if earlier + 1 < MOST_DECLINES:
            return JobState(progress="unreachable", reason=words, wait_seconds=wait)
        reason = f"Job {job.id} is not known any more, asked {MOST_DECLINES} times; outcome unknown: {words}"
        return JobState(progress="lost", reason=reason)

    def _result_called(self, job: Job) -> Reply | Outcome | None:
        """The reply to the one more GET that some results want; the outcome where it declines, None without one."""
        if self._spec.status is None or not (self._spec.result.path or self._spec.submit.result_url):
            return None
        client, path = self._opened().client, self._spec.result.path
        url = client.trusted(job.result_url) or (client.url(self._path(path, job)) if path else None)
        received = client.ask(url) if url else None
        if not isinstance(received, Received):
            return _unknown(job, _unheard(received) or "no trusted URL to fetch it from")
        if received.status < 300:
            return Reply.of(received.http)
        error = self._http_error(received)
        if received.status in (400, 422) and error.kind in ("refused", "failed"):
            outcome = from_error(replace(error, request_id=job.id), 0.0)
            return replace(outcome, lasting=False, cost_usd=None, cost_source="unknown")
        return _unknown(job, error.reason)

    def _http_error(self, received: Received) -> RequestError:
        session, http = self._opened(), received.http
        url = session.client.url(self._path(self._spec.submit.path))
        now, name = self._environment.timer.now(), session.credential.name
        return read_http_error(received.status, http.body, http.headers, now=now, credential_name=name, url=url)

    def _remember(self, job: Job, reply: Reply) -> None:
        """Keep the reply to the submission and the last one about the job, for `fetch`."""
        name, replies = self._replies
        self._replies = (job.id, [*replies[:1], reply] if name == job.id else [reply])

    def _without_key(self, url: str | None) -> str | None:
        return url if url is not None and self._opened().credential.hide(url) == url else None

    def _path(self, path: str, job: Job | None = None) -> str:
        return path_of(path, model=self._opened().source.model, job=job.id if job else "")

    def _opened(self) -> _Session:
        if self._session is None:
            raise RuntimeError("Expected an opened adapter, got a closed one.")
        return self._session


def _unheard(error: RequestError | None) -> str | None:
    """Why a question has no reply: without what that would mean for a submission."""
    return error.reason.partition("; outcome unknown")[0] if error else None


def _unknown(job: Job, why: str) -> Outcome:
    reason = f"Job {job.id} is done and its result was not had: {why}"
    return from_error(RequestError(kind="unknown", reason=reason, request_id=job.id), 0.0)


def generator_for(context: RemoteContext, spec: ProviderSpec) -> JobRunner:
    """Return the generator of a run's models of the provider."""
    status = spec.status
    limits = None
    if status is not None:
        limits = JobLimits(
            job_seconds=status.limit_s, first_wait=status.first_wait_s, longest_wait=status.longest_wait_s
        )
    return JobRunner(HTTPJobs(context, spec), context, limits=limits)
