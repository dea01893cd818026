"""What a routing table is made from: contests of every day, what models cost and take, and their facts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.vocabulary import Calendar, Task
from leaderboard.lifecycle.tenure import Tenure, TenureProtocol, from_standings
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.policy.policy import Policy

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
    """Everything that a table says, and can be derived from again. `standings` holds all days of the primary metric."""

    calendar: Calendar
    suite: str
    suite_version: str
    suite_digest: str
    task: Task
    metric: str
    first: dt.date
    last: dt.date
    contests: tuple[DecisionWindow, ...]
    contenders: Mapping[str, Candidate]
    retired: Mapping[str, tuple[dt.date, str | None]]
    changed: Mapping[str, tuple[dt.date, ...]]
    standings: "pd.DataFrame"
    runs: tuple[str, ...]
    digest: str

    def tenures(self, category: str, policy: Policy) -> tuple[Tenure, ...]:
        """Return the tenures in the top k of a category ('*' is all)."""
        held = self.standings[self.standings["category"] == category]
        gone = {model: day for model, (day, _) in self.retired.items()}
        protocol = TenureProtocol(k=policy.k, gap_days=policy.gap_days)
        return from_standings(held, protocol=protocol, retired=gone, changed=self.changed)

    def standing(self, category: str, model: str) -> Mapping[str, Any] | None:
        """Return a model's standing in a category on the last day, None values for what there is not."""
        day = self.standings["day"].max()
        held = self.standings
        rows = held[(held["day"] == day) & (held["category"] == category) & (held["model"] == model)]
        if rows.empty:
            return None
        return {str(k): None if v is None or v != v else v for k, v in rows.astype(object).iloc[0].items()}
