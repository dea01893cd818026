"""What is about to be asked of a remote, journalled before it is: after a crash one sees what was on its way."""

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from data.journal import JournalWriter
from data.runs import RunFolder
from data.serialization import from_json, to_json
from data.vocabulary import Request
from harness.generator import Job, JobStep

WORKER = "intents"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEntry:
    """The last line of one request: the step it reached, since when its job was submitted, and what is known of it.

    `job` is None before the provider named one. `outcome` is the outcome's JSON and `media` the sha256 of its bytes,
    both there from "downloaded" on.
    """

    step: JobStep
    submitted_at: dt.datetime
    job: Job | None = None
    outcome: Mapping[str, Any] | None = None
    media: str | None = None


class RequestLog:
    """A journal of the requests of one run that went to a remote; threads may share it.

    Each line is durable when the call returns (`run.intents()` reads them back). The file is made at the first line, so
    a run without remote models has none. Raises HomeError when the disk is full; then nothing must be sent.
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._journal: JournalWriter | None = None
        self._opening = threading.Lock()

    def __call__(self, request: Request, request_digest: str) -> None:
        """Journal that `request` is about to be submitted to a provider that answers in the same call."""
        self._append(request, "submitted", {"request_digest": request_digest})

    def submitting(self, request: Request, request_digest: str) -> None:
        """Journal that `request` is about to be submitted as a job."""
        self._append(request, "submitting", {"request_digest": request_digest})

    def planned(self, request: Request) -> None:
        """Journal that `request` was declined before anything was made of it: it is planned as before."""
        self._append(request, "planned", {})

    def job(self, request: Request, step: JobStep, job: Job) -> None:
        """Journal the job of `request`: "submitted" once the provider named it, "completed" once it is done."""
        self._append(request, step, {"job": to_json(job)})

    def outcome(self, request: Request, step: JobStep, outcome: Mapping[str, Any], media: str | None) -> None:
        """Journal what came of `request`: "downloaded" once its media is kept, "settled" once it is paid for."""
        self._append(request, step, {"outcome": dict(outcome), "media": media})

    def entries(self) -> dict[str, RequestEntry]:
        """Return how far each request of the run is, by its id, out of every line that was written for it."""
        entries: dict[str, RequestEntry] = {}
        for line in self._run.intents():
            name = str(line["sample"])
            entries[name] = _entry(line, entries.get(name))
        return entries

    def _append(self, request: Request, step: JobStep, facts: Mapping[str, Any]) -> None:
        with self._opening:
            if self._journal is None:
                self._journal = self._run.journal(WORKER)
        at = dt.datetime.now(dt.UTC)
        self._journal.append("intent", {"sample": request.id, **facts, "at": at, "state": step})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._journal is not None:
            self._journal.close()


def _entry(line: Mapping[str, Any], before: RequestEntry | None) -> RequestEntry:
    step, at = line["state"], dt.datetime.fromisoformat(line["at"])
    if "request_digest" in line or before is None:
        return RequestEntry(step=step, submitted_at=at)
    return RequestEntry(
        step=step,
        submitted_at=at if step == "submitted" else before.submitted_at,
        job=from_json(Job, line["job"]) if "job" in line else before.job,
        outcome=line.get("outcome", before.outcome),
        media=line.get("media", before.media),
    )
