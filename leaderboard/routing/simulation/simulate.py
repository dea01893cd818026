"""Policies replayed over the same past: how often each switches, what it costs, and what it misses.

Truth is not known, so no policy marks its own work: it decides on one half of the prompts and is judged on the other,
over several divisions. Two regrets are told apart. *Against the best known*: what following the leader of the deciding
half each day would have got, also judged on the other half; unbiased, and negative where waiting paid. *Against
hindsight*: what the best of each day by the judging half itself got; that best is partly luck, so this one is an upper
bound. A tier for thrift is judged by what it spends over the thriftiest that would do, and by how often the judging
half has it below its bar. Costs and speeds have no second half: they are the same on both sides.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.decisions.replay import TIERS, Decision, eligible, good_enough, reference, replay, thriftiest
from leaderboard.routing.policy.rules import Objective, Policy, Tier, TierRule
from leaderboard.routing.simulation.results import (
    EVERY_ROUTE,
    Day,
    PolicyResult,
    ServedShares,
    Simulation,
    Spread,
    Trace,
)
from leaderboard.routing.simulation.split import halves

QualityOf = Callable[[str], float | None]

YEAR = 365.25
DRAWS = 10
FULL = 100
LEADER = "the leader of each day"
UNITS: Mapping[Objective, str] = {
    "best-quality": "score",
    "cheapest-within-tolerance": "USD",
    "fastest-within-tolerance": "s",
}


def simulate(history: Sequence[DecisionWindow], policies: Mapping[str, Policy], *, draws: int = DRAWS) -> Simulation:
    """Return what each policy would have done with a history of windows, by category and tier.

    `history` is what `replay` takes, with its prompts named; who counts as failing is as it says, whatever a policy's
    `max_failure_share`. Each division of the prompts serves twice, each half
    deciding once. The same divisions are used for all policies.
    """
    sides = [pair for draw in range(draws) for half in [halves(history, draw)] for pair in (half, half[::-1])]
    outcomes, traces = list[PolicyResult](), list[Trace]()
    for name, policy in policies.items():
        whole = by_tier(play(history, history, policy))
        judged = [by_tier(play(decided, judging, policy)) for decided, judging in sides]
        for tier in TIERS:
            alike = [key for key in whole if key[1] == tier and _alike(policy, key)]
            days, held = _together(whole, alike), [_together(one, alike) for one in judged]
            outcomes.append(_outcome((name, EVERY_ROUTE, tier), days, held, policy.tiers[tier]))
        for key, days in whole.items():
            held = [one.get(key, []) for one in judged]
            outcomes.append(_outcome((name, *key), days, held, policy.rule(*key)))
            traces.append(_trace((name, *key), days, held))
    return Simulation(
        outcomes=tuple(outcomes),
        traces=tuple(traces),
        draws=draws,
        first=min(one.first for one in history),
        last=max(one.last for one in history),
    )


def compare(history: Sequence[DecisionWindow], policies: Mapping[str, Policy], *, draws: int = DRAWS) -> Simulation:
    """Return what policies would have done, beside one with the first one's tiers that follows the leader of each day.

    What is measured against must not be damped: the leader switches on any lead, without dwell or trial.
    """
    undamped = replace(
        next(iter(policies.values())), switch_margin=0.0, significance=None, min_dwell_days=0, canary_days=0
    )
    return simulate(history, {**policies, LEADER: undamped}, draws=draws)


def _alike(policy: Policy, key: tuple[str, Tier]) -> bool:
    """Losses of other units cannot be averaged."""
    return policy.rule(*key).objective == policy.tiers[key[1]].objective


def _together(held: Mapping[tuple[str, Tier], list[Day]], keys: Sequence[tuple[str, Tier]]) -> list[Day]:
    return [day for key in keys for day in held.get(key, ())]


def play(decided: Sequence[DecisionWindow], judging: Sequence[DecisionWindow], policy: Policy) -> Iterator[Day]:
    """Yield every day of every tier: decided on one history, judged on another of the same fields and days.

    With `judging` made of true qualities the losses are the true ones.
    """
    routed = [
        pair
        for pair in zip(decided, judging, strict=True)
        if policy.categories is None or pair[0].category in policy.categories
    ]
    made = {(one.day, one.category, one.tier): one for one in replay([pair[0] for pair in routed], policy)}
    for window, judge in sorted(routed, key=lambda pair: (pair[0].first, pair[0].category)):
        court = _Court(window, judge, policy)
        for i in range((window.last - window.first).days + 1):
            day = window.first + dt.timedelta(days=i)
            held = {tier: made.get((day, window.category, tier)) for tier in TIERS}
            hero = held["hero"].incumbent if held["hero"] else None
            for tier, decision in held.items():
                yield court.day(day, tier, decision, hero)


def by_tier(days: Iterator[Day]) -> dict[tuple[str, Tier], list[Day]]:
    """Return days by category and tier, in their order."""
    found: dict[tuple[str, Tier], list[Day]] = {}
    for one in days:
        found.setdefault((one.category, one.tier), []).append(one)
    return found


@dataclass(frozen=True, slots=True)
class _Judged:
    """What of a day does not depend on the day."""

    quality: float | None
    cost_usd: float | None
    loss_known: float | None
    loss_hindsight: float | None
    below_bar: bool | None


@dataclass(frozen=True, slots=True)
class _Court:
    """One category's field as it was decided on and as it is judged."""

    window: DecisionWindow
    judge: DecisionWindow
    policy: Policy
    seen: dict[tuple[Any, ...], _Judged] = field(default_factory=dict)

    def day(self, day: dt.date, tier: Tier, decision: Decision | None, hero: str | None) -> Day:
        served = self._served(day, tier, decision)
        key = (tier, served, hero)
        if key not in self.seen:
            rule = self.policy.rule(self.window.category, tier)
            court = replace(self, window=self.window.under(rule), judge=self.judge.under(rule))
            self.seen[key] = court._judged(tier, served, hero if tier != "hero" else None)
        found = self.seen[key]
        moved = decision is not None and decision.action in ("switch", "quarantine")
        return Day(
            day=day,
            category=self.window.category,
            tier=tier,
            served=served,
            switched=moved,
            forced=moved and decision is not None and decision.margin is None,
            quality=found.quality,
            cost_usd=found.cost_usd,
            loss_known=found.loss_known,
            loss_hindsight=found.loss_hindsight,
            below_bar=found.below_bar,
        )

    def _judged(self, tier: Tier, served: ServedShares, hero: str | None) -> _Judged:
        rule = self.policy.rule(self.window.category, tier)
        by_quality = rule.objective == "best-quality"
        measure = self._quality if by_quality else self._spent(rule)
        got, sign = _weighted(served, measure), 1 if by_quality else -1
        known, hindsight = self._best(self.window, rule, hero), self._best(self.judge, rule, hero)
        return _Judged(
            quality=_weighted(served, self._quality),
            cost_usd=_weighted(served, self._cost),
            loss_known=_loss(measure(known) if known else None, got, sign),
            loss_hindsight=_loss(measure(hindsight) if hindsight else None, got, sign),
            below_bar=None if by_quality else self._below(served, rule, hero),
        )

    def _served(self, day: dt.date, tier: Tier, decision: Decision | None) -> ServedShares:
        """Who gets which share of the calls; nobody where the holder is gone or over the budget."""
        if decision is None or not self._able(decision.incumbent, tier):
            return ()
        before, young = decision.previous, (day - decision.since).days < self.policy.canary_days
        if young and before is not None and self._able(before, tier) and not self.window.stats[before].failing:
            share = self.policy.canary_weight / FULL
            return ((decision.incumbent, share), (before, 1 - share))
        return ((decision.incumbent, 1.0),)

    def _able(self, model: str, tier: Tier) -> bool:
        rule = self.policy.rule(self.window.category, tier)
        return model in self.window.models and broken(self.window, model, rule, incumbent=True) is None

    def _best(self, side: DecisionWindow, rule: TierRule, hero: str | None) -> str | None:
        """Who would be chosen afresh each day, as one side of the prompts has it; budgets are those of the decider."""
        ranking = side.ranking()
        able = eligible(self.window, ranking, rule)
        if not able or rule.objective == "best-quality":
            return able[0] if able else None
        return thriftiest(side, able, reference(side, ranking, hero, self.policy), rule)

    def _below(self, served: ServedShares, rule: TierRule, hero: str | None) -> bool | None:
        ranking = self.judge.ranking()
        if not ranking or not served:
            return None
        return not good_enough(self.judge, served[0][0], reference(self.judge, ranking, hero, self.policy), rule)

    def _quality(self, model: str) -> float | None:
        found = self.judge.quality(model)
        return None if found is None else found if self.judge.higher_is_better else -found

    def _cost(self, model: str) -> float | None:
        known = self.window.stats[model]
        return known.call_usd if known.cost_usd is None else known.cost_usd

    def _spent(self, rule: TierRule) -> QualityOf:
        if rule.objective == "cheapest-within-tolerance":
            return self._cost
        return lambda model: self.window.stats[model].seconds


def _weighted(served: ServedShares, measure: QualityOf) -> float | None:
    """Return the mean over the calls, None where nobody serves or one of those that do was not measured."""
    found = [(measure(model), share) for model, share in served]
    if not found or any(value is None for value, _ in found):
        return None
    return sum(value * share for value, share in found if value is not None)


def _loss(best: float | None, got: float | None, sign: int) -> float | None:
    return None if best is None or got is None else sign * (best - got)


def _outcome(
    key: tuple[str, str, Tier], days: Sequence[Day], judged: Sequence[Sequence[Day]], rule: TierRule
) -> PolicyResult:
    policy, category, tier = key
    years = max(len(days), 1) / YEAR
    return PolicyResult(
        policy=policy,
        category=category,
        tier=tier,
        days=len(days),
        switches_per_year=sum(one.switched for one in days) / years,
        forced_per_year=sum(one.forced for one in days) / years,
        cost_usd=_mean([one.cost_usd for one in days]),
        unserved=sum(not one.served for one in days) / max(len(days), 1),
        quality=_spread([[one.quality for one in held] for held in judged]),
        regret_known=_spread([[one.loss_known for one in held] for held in judged]),
        regret_hindsight=_spread([[one.loss_hindsight for one in held] for held in judged]),
        regret_unit=UNITS[rule.objective],
        below_bar=_spread([[one.below_bar for one in held] for held in judged]),
    )


def _trace(key: tuple[str, str, Tier], days: Sequence[Day], judged: Sequence[Sequence[Day]]) -> Trace:
    policy, category, tier = key
    return Trace(
        policy=policy,
        category=category,
        tier=tier,
        days=tuple(one.day for one in days),
        holders=tuple(one.served[0][0] if one.served else None for one in days),
        loss_known=tuple(_mean([held[i].loss_known for held in judged if held]) for i in range(len(days))),
    )


def _spread(draws: Sequence[Sequence[float | None]]) -> Spread | None:
    """Return the spread over draws of each draw's mean over its days."""
    means = [mean for held in draws if (mean := _mean(held)) is not None]
    if not means:
        return None
    low, high = np.quantile(means, [0.05, 0.95])
    return Spread(mean=float(np.mean(means)), low=float(low), high=float(high))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
