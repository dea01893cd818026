"""Load tests: requests that arrive at planned moments, whatever became of those before; every arrival is kept.

`loads/<time>-<random>.jsonl` in the home: one journal a test, one record a rate that was offered.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from data.home import Home
from data.record_journals import RecordJournals
from data.vocabulary import Settings

Arrivals = Literal["poisson", "constant", "trace"]
ArrivalStatus = Literal["ok", "refused", "failed", "timed-out", "unknown", "busy", "not-sent"]
StopReason = Literal["money", "time", "stopped"]

KIND: Final = "load-step"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request: when it was planned to arrive and when it was sent and answered, in seconds since the step began.

    Latency counts from `planned`. "busy": the provider declined it for now (429, 503). "not-sent": the step ended
    before it was sent; `sent` and `ended` are then None.
    """

    planned: float
    sent: float | None
    ended: float | None
    status: ArrivalStatus
    usd: float | None = None
    reason: str | None = None

    @property
    def latency(self) -> float | None:
        """Seconds from the planned arrival to the answer, the wait for a free lane included."""
        return None if self.ended is None else self.ended - self.planned


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadStep:
    """What one rate came to: `rate` requests a second were planned over `seconds`; `lanes` may be on their way at once.

    `stopped` says what ended it before all were sent, None where nothing did. `test` is the same for the steps of one
    test.
    """

    test: str
    model: str
    revision: str
    settings: Settings
    suite_digest: str
    machine: str
    began_at: dt.datetime
    arrivals_kind: Arrivals
    rate: float
    seconds: float
    seed: int
    lanes: int
    arrivals: tuple[Arrival, ...]
    stopped: StopReason | None = None


def load_tests(home: Home) -> RecordJournals[LoadStep]:
    """Return the journals of load tests in a home."""
    return RecordJournals(home.path / "loads", KIND, LoadStep)
