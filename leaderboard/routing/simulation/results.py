"""What a simulation of policies found, as rows that a page can show and chart."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from data.vocabulary import Calendar
from leaderboard.routing.vocabulary import Tier

ServedShares = tuple[tuple[str, float], ...]
"""Models with their shares of the calls, which sum to 1."""

EVERY_ROUTE = "every route"
"""In place of a category: the mean over a tier's routes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One tier of one category on one day under a policy: who served which share of calls, and how that did.

    `quality` and the losses are from the evaluating half, larger quality being better; a loss is of quality where the
    tier is for quality, else of US dollars or seconds a call. None: nobody served, or it was not measured.
    """

    day: dt.date
    category: str
    tier: Tier
    served: ServedShares
    switched: bool
    forced: bool
    quality: float | None
    cost_usd: float | None
    loss_known: float | None
    loss_hindsight: float | None
    below_bar: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A mean over divisions of the prompts, and the range of the middle 90 % of them (not an interval of truth)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyResult:
    """What one policy did in one tier of one category ('*' is all prompts together), or in all routes on average.

    Switches and cost are those of the policy on all prompts; `forced` switches (retired, failing, over the budget,
    below the bar) are among them. `quality`, regrets and `below_bar` (a share of days) come from the halves.
    `regret_unit` is score, USD or s. `unserved` is the share of days on which no model kept the tier's budget.
    """

    policy: str
    category: str
    tier: Tier
    days: int
    switches_per_year: float
    forced_per_year: float
    cost_usd: float | None
    unserved: float
    quality: Spread | None
    regret_known: Spread | None
    regret_hindsight: Spread | None
    regret_unit: str
    below_bar: Spread | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A policy's mean loss on each day against the best known, over the divisions: what a chart draws cumulatively."""

    policy: str
    category: str
    tier: Tier
    days: tuple[dt.date, ...]
    holders: tuple[str | None, ...]
    loss_known: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """All policies over the same past. `draws`: into how many pairs of halves the prompts were divided."""

    outcomes: tuple[PolicyResult, ...]
    traces: tuple[Trace, ...]
    draws: int
    first: dt.date
    last: dt.date

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        traces = [{**asdict(trace), "days": [day.isoformat() for day in trace.days]} for trace in self.traces]
        head = {"draws": self.draws, "first": self.first.isoformat(), "last": self.last.isoformat()}
        return {**head, "outcomes": [asdict(outcome) for outcome in self.outcomes], "traces": traces}

    def caveats(self, calendar: Calendar) -> tuple[str, ...]:
        """Return what the numbers do and do not say, a sentence each."""
        caveats = (
            f"Each policy was decided on one half of the prompts and judged on the other, {2 * self.draws} times. "
            "Shown are the mean and the range that holds 90 % of the halves; it is not a confidence interval. Half of "
            "the prompts decide less surely than all of them. Switches and cost are counted with all prompts.",
            "Regret against the best model known then can be negative: the leader of a day is not always the better "
            "model. The best in hindsight owes part of its lead to luck, so regret against it is too high. For a "
            "thrifty tier, regret is what it pays above the cheapest model; costs are not judged on a second half.",
        )
        if calendar == "replayed":
            return (
                *caveats,
                "On a replayed calendar each model is measured once. A new run each night would add noise, so a "
                "policy that switches often looks calmer here than it is.",
            )
        return caveats
