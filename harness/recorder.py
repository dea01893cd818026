"""Durable records beside the work: while one sample is being kept, the next is being made.

A wait for the disk takes milliseconds, a tiny model's sample not much more; so one thread does the waiting. Order is
kept: media before the line that names it, lines as they were handed over. What was handed over and is not yet
acknowledged when the process dies never happened; it is made again.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Any, NamedTuple, Self

from data.journal import JournalWriter
from data.media import MediaStore, MediaType, extension_of
from data.vocabulary import Load, Sample

DEPTH = 4


class Media(NamedTuple):
    """Bytes to keep, and what they are."""

    data: bytes
    kind: MediaType


class Recorder:
    """Keeps samples and loads in one journal, at most four of them on their way to the disk.

    Each method, and leaving the block, may raise the HomeError of a disk that is full or read-only.
    """

    def __init__(self, journal: JournalWriter, media: MediaStore) -> None:
        self._journal = journal
        self._media = media
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recorder")
        self._pending: deque[Future[int]] = deque()
        self._acknowledged = 0

    def sample(
        self, sample: Sample, media: Media | None = None, delivery: Media | None = None, unread: bytes | None = None
    ) -> None:
        """Keep a sample with its media and their delivery file; the record's fields about both are filled here.

        `unread` are bytes that were paid for and are no media of the sample; they are kept too.
        """
        self._hand_over(self._keep_sample, sample, media, delivery, unread)

    def load(self, load: Load) -> None:
        """Keep how long a model took to load."""
        self._hand_over(self._keep_load, load)

    def flush(self) -> None:
        """Wait until all that was handed over is durable."""
        while self._pending:
            self._acknowledged += self._pending.popleft().result()

    def acknowledged(self) -> int:
        """Return how many samples became durable since this was last asked."""
        count, self._acknowledged = self._acknowledged, 0
        return count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._thread.shutdown(wait=True)
        if error is None:
            self.flush()

    def _hand_over(self, work: Callable[..., int], *arguments: Any) -> None:
        self._pending.append(self._thread.submit(work, *arguments))
        while len(self._pending) > DEPTH or (self._pending and self._pending[0].done()):
            self._acknowledged += self._pending.popleft().result()

    def _keep_sample(self, sample: Sample, media: Media | None, delivery: Media | None, unread: bytes | None) -> int:
        if unread is not None:
            self._media.put(unread, extension_of(unread))
        kept = self._kept("media", media) | self._kept("delivery", delivery)
        self._journal.append("sample", replace(sample, **kept))
        return 1

    def _kept(self, name: str, file: Media | None) -> dict[str, Any]:
        if file is None:
            return {}
        sha256 = self._media.put(file.data, file.kind.extension)
        return {name: sha256, f"{name}_type": file.kind.mime, f"{name}_bytes": len(file.data)}

    def _keep_load(self, load: Load) -> int:
        self._journal.append("load", load)
        return 0
