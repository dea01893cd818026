"""What a remote generator takes from its surroundings: timer, environment variables, name resolver, certificates.

Tests pass in a timer that they turn by hand, variables of their own, names that lead where they want.
"""

import datetime as dt
import os
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

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
    """The clock of this machine."""

    def monotonic(self) -> float:
        """Seconds of `time.perf_counter`, the finest monotonic clock."""
        return time.perf_counter()

    def now(self) -> dt.datetime:
        """The moment in UTC."""
        return dt.datetime.now(dt.UTC)

    def sleep(self, seconds: float) -> None:
        """Sleep `seconds`."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A remote generator's surroundings. `tls` None means the system's authorities; `repr` leaves `environ` out."""

    timer: Timer = field(default_factory=SystemTimer)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    resolver: Resolver = resolve_by_system
    tls: ssl.SSLContext | None = None
