"""Whether a model keeps a tier's budget: each thing that is asked for, what was measured, and a verdict in words.

Cost, latency and shape are promises to whoever calls: what is over is over. Quality is an estimate: who wants in must
reach the minimum, who is in must leave once the 95 % interval of its mean lies below it.
"""

from dataclasses import dataclass

import numpy as np

from leaderboard.inference.intervals import mean_interval
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.policy.policy import TierRule


@dataclass(frozen=True, slots=True)
class BudgetCheck:
    """One line of a budget: its key in the policy, whether it is kept, and in words why."""

    key: str
    kept: bool
    words: str


def verdicts(contest: DecisionWindow, model: str, rule: TierRule, *, holder: bool = False) -> tuple[BudgetCheck, ...]:
    """Return a verdict on everything that a rule asks of a model; what is not known is not kept.

    `holder`: the model holds the tier, and leaves for quality only once it is surely too low.
    """
    known, found = contest.standby[model].at(rule.wanted), list[BudgetCheck]()
    if rule.max_cost_usd is not None:
        found.append(_at_most("max_cost_usd", "costs", got=known.call_usd, limit=rule.max_cost_usd, unit="USD"))
    if rule.max_latency_p95_s is not None:
        found.append(
            _at_most("max_latency_p95_s", "takes (p95)", got=known.p95_s, limit=rule.max_latency_p95_s, unit="s")
        )
    if rule.min_quality is not None:
        found.append(_good_enough(contest, model, rule.min_quality, holder=holder))
    if rule.resolution is not None:
        found.append(_large_enough(known, rule.resolution))
    if rule.seconds is not None:
        found.append(_long_enough(known, rule.seconds))
    return tuple(found)


def broken(contest: DecisionWindow, model: str, rule: TierRule, *, holder: bool = False) -> str | None:
    """Return in words what a model breaks of a tier's budget, None where it keeps all of it."""
    words = [one.words for one in verdicts(contest, model, rule, holder=holder) if not one.kept]
    return "; ".join(words) or None


def _at_most(key: str, verb: str, *, got: float | None, limit: float, unit: str) -> BudgetCheck:
    if got is None:
        return BudgetCheck(key, False, f"{verb} an unknown number of {unit}, {limit:g} allowed")
    return BudgetCheck(key, got <= limit, f"{verb} {got:.6g} {unit}, {limit:g} allowed")


def _good_enough(contest: DecisionWindow, model: str, least: float, *, holder: bool) -> BudgetCheck:
    own = contest.column(model)
    own = own[~np.isnan(own)]
    asked = f"{least:g} asked for"
    if not len(own):
        return BudgetCheck("min_quality", False, f"has no score, {asked}")
    sign = 1 if contest.higher_is_better else -1
    held = mean_interval(sign * own)
    end = held.high if holder and held.high is not None else held.estimate
    words = f"scores {sign * held.estimate:.3g}, {asked}"
    if end >= sign * least > held.estimate:
        words += ", and may be that good"
    return BudgetCheck("min_quality", end >= sign * least, words)


def _large_enough(known: OperatingStats, least: tuple[int, int]) -> BudgetCheck:
    asked = f"{least[0]}x{least[1]} asked for"
    if known.shape is None:
        return BudgetCheck("resolution", False, f"makes an unknown size, {asked}")
    kept = known.shape.width >= least[0] and known.shape.height >= least[1]
    return BudgetCheck(
        "resolution", kept, f"makes {known.shape.width}x{known.shape.height}, {asked}{_elsewhere(known)}"
    )


def _long_enough(known: OperatingStats, least: float) -> BudgetCheck:
    length = None if known.shape is None else known.shape.seconds
    if length is None:
        return BudgetCheck("seconds", False, f"makes no video of known length, {least:g} s asked for")
    return BudgetCheck("seconds", length >= least, f"makes {length:g} s, {least:g} s asked for{_elsewhere(known)}")


def _elsewhere(known: OperatingStats) -> str:
    return "" if known.basis == "samples" else f"; cost and time {known.said}, quality at {known.scored_at}"
