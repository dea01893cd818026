"""What is about to be asked of a remote, journalled before it is: after a crash one sees what was on its way."""

import datetime as dt
from types import TracebackType
from typing import Self

from data.journal import JournalWriter
from data.runs import RunFolder
from data.vocabulary import Request

WORKER = "intents"


class RequestLog:
    """A journal of intents of one run; call it with a request and the digest of what will be sent.

    Durable when the call returns (`run.intents()` reads it back). The file is made at the first intent, so a run
    without remote models has none. Raises HomeError when the disk is full; then nothing must be sent.
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._journal: JournalWriter | None = None

    def __call__(self, request: Request, request_digest: str) -> None:
        """Journal that `request` is about to be submitted."""
        if self._journal is None:
            self._journal = self._run.journal(WORKER)
        at = dt.datetime.now(dt.UTC)
        intent = {"sample": request.id, "request_digest": request_digest, "at": at, "state": "submitted"}
        self._journal.append("intent", intent)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._journal is not None:
            self._journal.close()
