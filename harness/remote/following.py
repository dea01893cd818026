"""Goes on with a job that a provider accepted: polled until it ends, fetched, paid for; each step durable.

What follows each step after a crash: `harness.remote.jobs`.
"""

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import Any

from data.errors import UnknownNameError
from data.media import extension_of
from data.pricing import Usage
from data.serialization import from_json, plain
from data.vocabulary import Model, Request, Timing
from harness.budget import Reservation
from harness.credential import Credential
from harness.generator import Job, JobProgress, JobSource, JobState, LeftError, Outcome, RequestError, RequestErrorKind
from harness.remote.billing import ProviderBill, bill, with_claim
from harness.remote.context import RemoteContext
from harness.remote.outcomes import from_error, scrubbed, with_video_facts
from harness.remote.usage import read_counts, read_units
from harness.request_log import RequestEntry

ENDED = frozenset({"completed", "refused", "failed", "cancelled", "lost"})
FILES = frozenset({"data", "delivery", "unread"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """Seconds: how long a job may take from its submission, and the waits between two polls, which double."""

    job_seconds: float = 1800.0
    first_wait: float = 2.0
    longest_wait: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedRequest:
    """A request whose job is at the provider. `bound` are the dollars that it costs at most.

    `reservation` is None where it was settled before; `started` is the monotonic time of its submission, None where an
    earlier process submitted it.
    """

    request: Request
    model: Model
    credential: Credential
    bound: float
    reservation: Reservation | None
    submitted_at: dt.datetime
    started: float | None = None


class JobFollower:
    """Takes accepted requests to their outcomes, by what `source` says about their jobs."""

    def __init__(self, source: JobSource, context: RemoteContext, limits: JobLimits) -> None:
        self._source, self._context, self._limits = source, context, limits
        self._timer = context.environment.timer

    def follow(self, accepted: AcceptedRequest, job: Job) -> Outcome:
        """Journal the job that the provider named just now, and return what comes of it."""
        self._context.request_log.job(accepted.request, "submitted", job)
        return self._awaited(accepted, job)

    def resume(self, accepted: AcceptedRequest, entry: RequestEntry, job: Job) -> Outcome:
        """Go on with a job where an earlier process left it; what it downloaded comes from the disk."""
        finished = accepted.request.id in self._context.finished
        outcome = self._kept_outcome(entry) if entry.outcome is not None and not finished else None
        if outcome is not None:
            return self._settled(accepted, outcome, entry.media)
        if entry.step == "submitted":
            return self._awaited(accepted, job)
        return self._fetched(accepted, job)

    def _awaited(self, accepted: AcceptedRequest, job: Job) -> Outcome:
        state = self._wait(accepted, job)
        if isinstance(state, RequestError):
            if accepted.reservation is not None:
                self._context.ledger.close(accepted.reservation, state)
            return from_error(state, accepted.bound)
        job = state.job or job
        self._context.request_log.job(accepted.request, "completed", job)
        return self._fetched(accepted, job)

    def _wait(self, accepted: AcceptedRequest, job: Job) -> JobState | RequestError:
        """Poll until the job ended or its time is over; the completed state, or why there is none."""
        wait = self._limits.first_wait
        while True:
            state = self._source.poll(job)
            if state.progress in ENDED:
                return _ended(state, job)
            left = self._limits.job_seconds - (self._timer.now() - accepted.submitted_at).total_seconds()
            if left <= 0:
                return self._cancelled(job, state)
            self._timer.sleep(min(left, self._limits.longest_wait, state.wait_seconds or wait))
            if self._context.environment.stop.is_set():
                raise LeftError(f"Stopped while job {job.id} was not done; it is asked about when the run goes on.")
            wait *= 2

    def _cancelled(self, job: Job, last: JobState) -> JobState | RequestError:
        state = self._source.cancel(job)
        if state.progress in ENDED - {"cancelled"}:
            return _ended(state, job)
        limit, heard = f"{self._limits.job_seconds:g} s", f" Last: {last.reason}" if last.reason else ""
        if state.progress != "cancelled":
            reason = f"Job {job.id} not done within {limit}, and not cancelled: outcome unknown, not sent again.{heard}"
            return RequestError(kind="unknown", reason=reason, request_id=job.id)
        reason = f"Not done within {limit}; cancelled.{heard}"
        return RequestError(kind="timed-out", reason=reason, free=state.free, request_id=job.id)

    def _fetched(self, accepted: AcceptedRequest, job: Job) -> Outcome:
        done = self._timer.monotonic()
        outcome = self._source.fetch(accepted.request, job)
        if outcome.status == "unknown":
            return replace(outcome, cost_usd=accepted.bound, cost_source="bound")
        if outcome.timing is None and accepted.started is not None:
            now = self._timer.monotonic()
            submit, download = done - accepted.started, now - done
            timing = Timing(seconds=submit + download, submit_seconds=submit, download_seconds=download)
            outcome = replace(outcome, timing=timing)
        outcome = scrubbed(_priced(accepted, with_video_facts(outcome)), accepted.credential)
        media = self._kept(outcome.data)
        self._kept(outcome.unread)
        self._context.request_log.outcome(accepted.request, "downloaded", _facts(outcome), media)
        return self._settled(accepted, outcome, media)

    def _kept(self, data: bytes | None) -> str | None:
        return self._context.media.put(data, extension_of(data)) if data else None

    def _settled(self, accepted: AcceptedRequest, outcome: Outcome, media: str | None) -> Outcome:
        if accepted.reservation is not None:
            self._context.ledger.settle(accepted.reservation, outcome.cost_usd or 0.0, outcome.cost_source)
        self._context.request_log.outcome(accepted.request, "settled", _facts(outcome), media)
        return outcome

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


def _priced(accepted: AcceptedRequest, outcome: Outcome) -> Outcome:
    """Return the outcome with what it is charged; one whose adapter knows that already as it is."""
    if outcome.cost_usd is not None and outcome.cost_source != "reported":
        return outcome
    claims = [] if outcome.cost_usd is None else [outcome.cost_usd]
    kept = outcome.provider_timings or {}
    said = ProviderBill(costs=claims, units=read_units(kept), counts=read_counts(kept))
    usage = Usage(width=outcome.width, height=outcome.height, seconds=outcome.video_seconds, audio=outcome.audio)
    cost = bill(accepted.model, said, usage, bound=accepted.bound)
    timings = with_claim(outcome.provider_timings, cost)
    return replace(outcome, cost_usd=cost.usd, cost_source=cost.source, provider_timings=timings)


def _ended(state: JobState, job: Job) -> JobState | RequestError:
    if state.progress == "completed":
        return state
    reason = state.reason or "The provider gave the job up."
    kinds: dict[JobProgress, RequestErrorKind] = {"refused": "refused", "lost": "unknown"}
    kind = kinds.get(state.progress, "failed")
    return RequestError(kind=kind, reason=reason, free=state.free, request_id=job.id)


def _facts(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON, without the bytes of files; what a provider delivers is one file."""
    return {field.name: plain(getattr(outcome, field.name)) for field in fields(outcome) if field.name not in FILES}
