"""What a person or a schedule asks to be run."""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from data.suites.tables.reader import TableOptions
from data.vocabulary import Calendar, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What to run.

    `table`: how the suite is read where it is a table. `prompts`: at most so many of each category, the first ones;
    None takes all. `cap_usd`: what remote calls may cost; without it none is made. `threads`: how many CPU threads a
    pipeline uses; None lets torch choose. `encoder`: the card of the CLIP that scores; None takes the embedded one.
    `retry_failed`: whether requests that failed or timed out are made again.
    """

    suite: str
    models: tuple[str, ...]
    day: dt.date
    seeds: int = 1
    categories: tuple[str, ...] = ()
    prompts: int | None = None
    calendar: Calendar = "live"
    device: str = "auto"
    threads: int | None = None
    machine: str | None = None
    cap_usd: float | None = None
    resend_unknown: bool = False
    retry_failed: bool = False
    encoder: Path | None = None
    catalogue: tuple[Path, ...] = ()
    table: TableOptions = field(default_factory=TableOptions)

    def again(self) -> frozenset[Status]:
        """Return the statuses of samples that are made once more."""
        failed: set[Status] = {"failed", "timed-out"} if self.retry_failed else set()
        unknown: set[Status] = {"unknown"} if self.resend_unknown else set()
        return frozenset(failed | unknown)
