"""Whether a model keeps a tier's budget: each limit, what was measured, and a verdict in words.

Cost, latency, shape and sound media are promises to whoever calls: what is over the limit breaks it. Quality is an
estimate: a challenger must reach the minimum, an incumbent leaves only once the 95 % interval of its mean is below it.
"""

from dataclasses import dataclass

import numpy as np

from leaderboard.inference.intervals import mean_interval
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.policy.rules import TierRule

UNSOUND = "max_unsound_share"


@dataclass(frozen=True, slots=True)
class BudgetCheck:
    """One limit of a budget: its key in the policy, whether it is kept, and in words why."""

    key: str
    kept: bool
    words: str


def verdicts(window: DecisionWindow, model: str, rule: TierRule, *, incumbent: bool = False) -> tuple[BudgetCheck, ...]:
    """Return a verdict on everything that a rule asks of a model; what is not known is not kept.

    `incumbent`: the model serves the tier, and leaves for quality only once it is surely too low. The policy's limit on
    unsound media has a verdict where there are any.
    """
    stats, checks = window.stats[model].at(rule.wanted), list[BudgetCheck]()
    if stats.unsound is not None:
        checks.append(BudgetCheck(UNSOUND, stats.unsound.kept, str(stats.unsound)))
    if rule.max_cost_usd is not None:
        checks.append(_at_most("max_cost_usd", "costs", value=stats.call_usd, limit=rule.max_cost_usd, unit="USD"))
    if rule.max_latency_p95_s is not None:
        checks.append(
            _at_most("max_latency_p95_s", "takes (p95)", value=stats.p95_s, limit=rule.max_latency_p95_s, unit="s")
        )
    if rule.min_quality is not None:
        checks.append(_good_enough(window, model, rule.min_quality, incumbent=incumbent))
    if rule.resolution is not None:
        checks.append(_large_enough(stats, rule.resolution))
    if rule.seconds is not None:
        checks.append(_long_enough(stats, rule.seconds))
    return tuple(checks)


def broken(window: DecisionWindow, model: str, rule: TierRule, *, incumbent: bool = False) -> str | None:
    """Return in words which limits of a tier's budget a model breaks, None where it keeps all of them."""
    words = [check.words for check in verdicts(window, model, rule, incumbent=incumbent) if not check.kept]
    return "; ".join(words) or None


def _at_most(key: str, verb: str, *, value: float | None, limit: float, unit: str) -> BudgetCheck:
    if value is None:
        return BudgetCheck(key, False, f"{verb} an unknown number of {unit}, {limit:g} allowed")
    return BudgetCheck(key, value <= limit, f"{verb} {value:.6g} {unit}, {limit:g} allowed")


def _good_enough(window: DecisionWindow, model: str, least: float, *, incumbent: bool) -> BudgetCheck:
    means, bounds = window.signed([model])
    scores = means[~np.isnan(means)]
    limit = f"{least:g} asked for"
    if not len(scores):
        return BudgetCheck("min_quality", False, f"has no score, {limit}")
    sign = 1 if window.higher_is_better else -1
    mean = mean_interval(scores, bounds=bounds)
    end = mean.high if incumbent and mean.high is not None else mean.estimate
    words = f"scores {sign * mean.estimate:.3g}, {limit}"
    if end >= sign * least > mean.estimate:
        words += ", and may be that good"
    return BudgetCheck("min_quality", end >= sign * least, words)


def _large_enough(stats: OperatingStats, least: tuple[int, int]) -> BudgetCheck:
    limit = f"{least[0]}x{least[1]} asked for"
    if stats.shape is None:
        return BudgetCheck("resolution", False, f"makes an unknown size, {limit}")
    width, height = stats.shape.width, stats.shape.height
    kept = width >= least[0] and height >= least[1]
    return BudgetCheck("resolution", kept, f"makes {width}x{height}, {limit}{_at_another_shape(stats)}")


def _long_enough(stats: OperatingStats, least: float) -> BudgetCheck:
    length = None if stats.shape is None else stats.shape.seconds
    if length is None:
        return BudgetCheck("seconds", False, f"makes no video of known length, {least:g} s asked for")
    words = f"makes {length:g} s, {least:g} s asked for{_at_another_shape(stats)}"
    return BudgetCheck("seconds", length >= least, words)


def _at_another_shape(stats: OperatingStats) -> str:
    return "" if stats.basis == "samples" else f"; cost and time {stats.basis_note}, quality at {stats.scored_at}"
