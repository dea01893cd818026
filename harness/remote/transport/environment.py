"""What a remote generator takes from its surroundings: timer, environment variables, name resolver, certificates.

Tests pass in a timer that they turn by hand, variables of their own, names that lead where they want.
"""

import datetime as dt
import os
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from data.waiting import wait
from harness.remote.transport.ssrf import Resolver, resolve_by_system


class Timer(Protocol):
    """What time it is, and how to wait."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def now(self) -> dt.datetime:
        """The moment in UTC, with its time zone."""

    def sleep(self, seconds: float) -> None:
        """Wait `seconds`."""


class SystemTimer:
    """The clock of this machine, whose waits end when `stop` is set."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self._stop = stop or threading.Event()

    def monotonic(self) -> float:
        """Seconds of `time.perf_counter`, the finest monotonic clock."""
        return time.perf_counter()

    def now(self) -> dt.datetime:
        """The moment in UTC."""
        return dt.datetime.now(dt.UTC)

    def sleep(self, seconds: float) -> None:
        """Sleep `seconds`, or until `stop` is set."""
        wait(seconds, self._stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request to a provider: its method, its whole URL, and the reply's status, None while there is none."""

    method: str
    url: str
    status: int | None


Watch = Callable[[Exchange], None]


def unwatched(_exchange: Exchange) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A remote generator's surroundings. `tls` None means the system's authorities; `repr` leaves `environ` out.

    `stop` is set when the run is to end: then nothing is waited for any more. `watch` is told of each exchange with a
    provider, when it is sent and when its reply begins.
    """

    timer: Timer = field(default_factory=SystemTimer)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    resolver: Resolver = resolve_by_system
    tls: ssl.SSLContext | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    watch: Watch = unwatched

    @classmethod
    def of(cls, stop: threading.Event) -> Self:
        """Return this machine's surroundings, whose waits end when `stop` is set."""
        return cls(timer=SystemTimer(stop), stop=stop)
