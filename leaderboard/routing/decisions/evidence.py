"""What a routing table is derived from: the decision windows of every day, the candidates, and their standings."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.vocabulary import Calendar, Task
from leaderboard.lifecycle.tenure import Tenure, TenureProtocol, from_standings
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.policy.rules import Policy
from leaderboard.standings.contents import SHORT

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds of the steady calls of a model's newest run, end to end; `p95` is None below 20 calls."""

    p50: float
    p95: float | None
    n: int
    as_of: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model that stands on the last day: its facts as the run recorded them, and what was measured of it."""

    id: str
    facts: Mapping[str, Any]
    settings: Mapping[str, Any]
    source: Mapping[str, Any]
    latency: Latency | None
    overall: OperatingStats
    retires: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that a table is derived from. `standings` holds all days of the primary metric.

    `retired` has each retired model's day and successor, `changed` the days on which drift marked a model as another.
    """

    calendar: Calendar
    suite: str
    suite_version: str
    suite_digest: str
    task: Task
    metric: str
    first: dt.date
    last: dt.date
    windows: tuple[DecisionWindow, ...]
    candidates: Mapping[str, Candidate]
    retired: Mapping[str, tuple[dt.date, str | None]]
    changed: Mapping[str, tuple[dt.date, ...]]
    standings: "pd.DataFrame"
    runs: tuple[str, ...]
    digest: str

    @property
    def content(self) -> str:
        """The suite and which content of it, in words, such as `shapes, version 2 (0123456789ab)`."""
        return f"{self.suite}, version {self.suite_version} ({self.suite_digest[:SHORT]})"

    def tenures(self, category: str, policy: Policy) -> tuple[Tenure, ...]:
        """Return the tenures in the top k of a category ('*' is all)."""
        standings = self.standings[self.standings["category"] == category]
        retired = {model: day for model, (day, _) in self.retired.items()}
        protocol = TenureProtocol(k=policy.k, gap_days=policy.gap_days)
        return from_standings(standings, protocol=protocol, retired=retired, changed=self.changed)

    def last_window(self, category: str) -> DecisionWindow:
        """Return a category's newest decision window."""
        return next(window for window in reversed(self.windows) if window.category == category)

    def standing(self, category: str, model: str) -> Mapping[str, Any] | None:
        """Return a model's standing in a category on the last day, None values for what there is not."""
        standings, day = self.standings, self.standings["day"].max()
        of_model = (standings["category"] == category) & (standings["model"] == model)
        rows = standings[(standings["day"] == day) & of_model]
        if rows.empty:
            return None
        row = rows.astype(object).iloc[0]
        return {str(name): None if value is None or value != value else value for name, value in row.items()}
