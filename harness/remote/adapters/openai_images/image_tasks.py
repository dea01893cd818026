"""Asks about tasks that an image endpoint accepted instead of answering with a picture."""

from dataclasses import replace

from data.vocabulary import Request
from harness.generator import Job, JobProgress, JobState, Outcome, RequestError
from harness.remote.adapters.openai_images.delivery import Endpoint, delivered
from harness.remote.adapters.openai_images.request import image_request
from harness.remote.adapters.openai_images.response import read_reply
from harness.remote.error_causes import is_policy_code
from harness.remote.error_reply import read_error
from harness.remote.outcomes import from_error
from harness.remote.reply import DeclinedError, HTTPReply, ReplyError, TaskReplyError, read_value
from harness.remote.retries import read_retry_after
from harness.remote.tasks import failed_status

UNREACHABLE = JobState(progress="unreachable")


class ImageTasks:
    """The tasks of one endpoint, as a `harness.generator.JobSource`: nothing here costs money."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._completed: tuple[Job, HTTPReply] | None = None

    def poll(self, job: Job) -> JobState:
        """Ask how far a task is; a reply that is neither pending, failed nor an error is kept for `fetch`."""
        http = self._asked(job)
        if http is None:
            return UNREACHABLE
        try:
            read_reply(http.body, http.headers, self._endpoint.limits.picture_bytes)
        except TaskReplyError:
            return self._unfinished(http)
        except (DeclinedError, ReplyError) as error:
            if isinstance(error, DeclinedError) and error.error.kind in ("refused", "failed"):
                return _ended(error.error)
            if failed_status(read_value(http.body)):
                return self._unfinished(http)
        self._completed = (job, http)
        return JobState(progress="completed")

    def fetch(self, request: Request, job: Job) -> Outcome:
        """Return the picture of a completed task; unknown, with its id and what came, where there is none."""
        http = self._completed[1] if self._completed and self._completed[0] == job else self._asked(job)
        unknown = TaskReplyError(job.id)
        outcome = from_error(RequestError(kind="unknown", reason=str(unknown), request_id=job.id), self._endpoint.bound)
        if http is None:
            return outcome
        try:
            reply = read_reply(http.body, http.headers, self._endpoint.limits.picture_bytes)
        except (ReplyError, TaskReplyError, DeclinedError):
            return replace(outcome, unread=http.body)
        made = delivered(self._endpoint, image_request(request, self._endpoint.source), http, reply)
        return replace(made, timing=None, request_id=job.id)

    def cancel(self, job: Job) -> JobState:
        """Tasks of this protocol have no way to be cancelled that servers agree on."""
        return UNREACHABLE

    def _asked(self, job: Job) -> HTTPReply | None:
        return self._endpoint.client.get(job.status_url) if job.status_url else None

    def _unfinished(self, http: HTTPReply) -> JobState:
        """A task that is still to be done, or one that ended without a picture, in the provider's words."""
        status = failed_status(read_value(http.body))
        if status is None:
            now = self._endpoint.environment.timer.now()
            return JobState(progress="running", wait_seconds=read_retry_after(http.headers, now))
        error = read_error(http.body)
        refused = any(map(is_policy_code, (status, *error.codes)))
        words = error.message or ", ".join(error.codes) or status
        return JobState(progress="refused" if refused else "failed", reason=f"The task ended: {words}")


def _ended(error: RequestError) -> JobState:
    ended: JobProgress = "refused" if error.kind == "refused" else "failed"
    return JobState(progress=ended, reason=error.reason, free=error.free)
