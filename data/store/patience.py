"""How long a command waits for what another process owns; it says that it waits, and Ctrl-C or SIGTERM ends it."""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from data.errors import StoreBusyError
from data.waiting import wait

POLL_SECONDS: Final = 0.2
Owned = TypeVar("Owned")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """At most `seconds` of waiting, and none once `stop` is set. Publishing takes seconds, so ten minutes are many."""

    seconds: float = 600.0
    stop: threading.Event = field(default_factory=threading.Event)


def when_free(take: Callable[[], Owned], patience: Patience) -> Owned:
    """Return what `take` returns as soon as it no longer raises StoreBusyError; one warning says who is waited for.

    Raises StoreBusyError where the patience ends first.
    """
    ends, told = time.monotonic() + patience.seconds, False
    while True:
        try:
            return take()
        except StoreBusyError as busy:
            if patience.stop.is_set() or time.monotonic() >= ends:
                raise
            if not told:
                log.warning(_sentence(busy, patience))
                told = True
            wait(POLL_SECONDS, patience.stop)


def _sentence(busy: StoreBusyError, patience: Patience) -> str:
    owner = f"process {busy.pid}" if busy.pid else "another process"
    limit = "" if math.isinf(patience.seconds) else f", for at most {patience.seconds:g} s"
    return f"Waiting until {owner} is done with {busy.path}{limit}. Ctrl-C ends the wait."
