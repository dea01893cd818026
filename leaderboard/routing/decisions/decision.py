"""One decision about a tier: what happened, who serves it since when, and why."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from leaderboard.routing.vocabulary import Action, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided for one tier of one category on one day, and the state that it leaves.

    `margin` is the challenger's advantage in standard errors (of quality, cost or time, as the tier's objective is):
    negative when it is behind, None without a challenger. `previous` is the model that served before `incumbent`.
    """

    day: dt.date
    category: str
    tier: Tier
    action: Action
    incumbent: str
    since: dt.date
    previous: str | None
    challenger: str | None
    margin: float | None
    reason: str


def switches(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions that changed who serves a tier, the first incumbent included."""
    return tuple(decision for decision in decisions if decision.action != "keep")


def latest(decisions: Iterable[Decision]) -> dict[tuple[str, Tier], Decision]:
    """Return the newest decision of each category and tier."""
    return {(decision.category, decision.tier): decision for decision in sorted(decisions, key=lambda each: each.day)}
