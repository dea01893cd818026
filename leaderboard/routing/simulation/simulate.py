"""Policies replayed over the same past: how often each switches, what it costs, and what it misses.

True quality is not known, so a policy decides on one half of the prompts and is evaluated on the other, over several
divisions. There are two regrets. *Against the best known*: what following the leader of the deciding half each day
would have got, also evaluated on the other half; unbiased, and negative where waiting paid. *Against hindsight*: what
the best of each day by the evaluating half itself got; that best is partly luck, so this one is an upper bound. A
tier for thrift is evaluated by what it spends over the thriftiest that would do, and by how often the evaluating half
has it below its bar. Costs and speeds have no second half: they are the same on both sides.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision import Decision
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.decisions.replay import eligible, good_enough, reference, replay, thriftiest
from leaderboard.routing.policy.rules import Policy, TierRule
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
from leaderboard.routing.vocabulary import TIERS, Objective, Tier

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
    """Return what each policy would have done with a history of decision windows, by category and tier.

    `history` is what `replay` takes, with its prompts named; which models are failing is as it says, whatever a
    policy's `max_failure_share`. Each division of the prompts serves twice, each half deciding once. The same divisions
    are used for all policies.
    """
    sides = [pair for draw in range(draws) for half in [halves(history, draw)] for pair in (half, half[::-1])]
    outcomes, traces = list[PolicyResult](), list[Trace]()
    for name, policy in policies.items():
        on_all = by_tier(play(history, history, policy))
        on_halves = [by_tier(play(deciding, evaluating, policy)) for deciding, evaluating in sides]
        for tier in TIERS:
            keys = [key for key in on_all if key[1] == tier and _same_objective(policy, key)]
            days, drawn = _joined(on_all, keys), [_joined(by_key, keys) for by_key in on_halves]
            outcomes.append(_outcome((name, EVERY_ROUTE, tier), days, drawn, policy.tiers[tier]))
        for key, days in on_all.items():
            drawn = [by_key.get(key, []) for by_key in on_halves]
            outcomes.append(_outcome((name, *key), days, drawn, policy.rule(*key)))
            traces.append(_trace((name, *key), days, drawn))
    return Simulation(
        outcomes=tuple(outcomes),
        traces=tuple(traces),
        draws=draws,
        first=min(window.first for window in history),
        last=max(window.last for window in history),
    )


def compare(history: Sequence[DecisionWindow], policies: Mapping[str, Policy], *, draws: int = DRAWS) -> Simulation:
    """Return what policies would have done, and what one with the first one's tiers that follows each day's leader.

    The policy to compare with must not be damped: it switches on any lead, without dwell or trial.
    """
    undamped = replace(
        next(iter(policies.values())), switch_margin=0.0, significance=None, min_dwell_days=0, canary_days=0
    )
    return simulate(history, {**policies, LEADER: undamped}, draws=draws)


def _same_objective(policy: Policy, key: tuple[str, Tier]) -> bool:
    """Losses of other units cannot be averaged."""
    return policy.rule(*key).objective == policy.tiers[key[1]].objective


def _joined(by_key: Mapping[tuple[str, Tier], list[Day]], keys: Sequence[tuple[str, Tier]]) -> list[Day]:
    return [day for key in keys for day in by_key.get(key, ())]


def play(deciding: Sequence[DecisionWindow], evaluating: Sequence[DecisionWindow], policy: Policy) -> Iterator[Day]:
    """Yield every day of every tier: decided on one history, evaluated on another of the same models and days.

    With `evaluating` made of true qualities the losses are the true ones.
    """
    routed = [
        pair
        for pair in zip(deciding, evaluating, strict=True)
        if policy.categories is None or pair[0].category in policy.categories
    ]
    replayed = replay([pair[0] for pair in routed], policy)
    decisions = {(decision.day, decision.category, decision.tier): decision for decision in replayed}
    for decided, evaluated in sorted(routed, key=lambda pair: (pair[0].first, pair[0].category)):
        evaluation = _WindowEvaluation(decided, evaluated, policy)
        for i in range((decided.last - decided.first).days + 1):
            day = decided.first + dt.timedelta(days=i)
            of_day = {tier: decisions.get((day, decided.category, tier)) for tier in TIERS}
            hero = of_day["hero"].incumbent if of_day["hero"] else None
            for tier, decision in of_day.items():
                yield evaluation.day(day, tier, decision, hero)


def by_tier(days: Iterator[Day]) -> dict[tuple[str, Tier], list[Day]]:
    """Return days by category and tier, in their order."""
    by_key: dict[tuple[str, Tier], list[Day]] = {}
    for day in days:
        by_key.setdefault((day.category, day.tier), []).append(day)
    return by_key


@dataclass(frozen=True, slots=True)
class _ServedValue:
    """What those who serve a tier are worth, and what they lose to the best; the same for each day they serve."""

    quality: float | None
    cost_usd: float | None
    loss_known: float | None
    loss_hindsight: float | None
    below_bar: bool | None


@dataclass(frozen=True, slots=True)
class _WindowEvaluation:
    """One category's decision window, and the same models and days on the prompts that evaluate."""

    window: DecisionWindow
    evaluating: DecisionWindow
    policy: Policy
    values: dict[tuple[Any, ...], _ServedValue] = field(default_factory=dict)

    def day(self, day: dt.date, tier: Tier, decision: Decision | None, hero: str | None) -> Day:
        """Return what a tier's decision was worth on a day; `hero` is the hero's incumbent."""
        served = self._served(day, tier, decision)
        key = (tier, served, hero)
        if key not in self.values:
            rule = self.policy.rule(self.window.category, tier)
            as_asked = replace(self, window=self.window.under(rule), evaluating=self.evaluating.under(rule))
            self.values[key] = as_asked._value(tier, served, hero if tier != "hero" else None)
        value = self.values[key]
        moved = decision is not None and decision.action in ("switch", "quarantine")
        return Day(
            day=day,
            category=self.window.category,
            tier=tier,
            served=served,
            switched=moved,
            forced=moved and decision is not None and decision.margin is None,
            quality=value.quality,
            cost_usd=value.cost_usd,
            loss_known=value.loss_known,
            loss_hindsight=value.loss_hindsight,
            below_bar=value.below_bar,
        )

    def _value(self, tier: Tier, served: ServedShares, hero: str | None) -> _ServedValue:
        rule = self.policy.rule(self.window.category, tier)
        by_quality = rule.objective == "best-quality"
        measure = self._quality if by_quality else self._spent(rule)
        value, sign = _weighted(served, measure), 1 if by_quality else -1
        known, hindsight = self._best(self.window, rule, hero), self._best(self.evaluating, rule, hero)
        return _ServedValue(
            quality=_weighted(served, self._quality),
            cost_usd=_weighted(served, self._cost),
            loss_known=_loss(measure(known) if known else None, value, sign),
            loss_hindsight=_loss(measure(hindsight) if hindsight else None, value, sign),
            below_bar=None if by_quality else self._below(served, rule, hero),
        )

    def _served(self, day: dt.date, tier: Tier, decision: Decision | None) -> ServedShares:
        """Who gets which share of the calls; nobody where the incumbent has left or is over the budget."""
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
        side = self.evaluating
        ranking = side.ranking()
        if not ranking or not served:
            return None
        return not good_enough(side, served[0][0], reference(side, ranking, hero, self.policy), rule)

    def _quality(self, model: str) -> float | None:
        mean = self.evaluating.quality(model)
        return None if mean is None else mean if self.evaluating.higher_is_better else -mean

    def _cost(self, model: str) -> float | None:
        stats = self.window.stats[model]
        return stats.call_usd if stats.cost_usd is None else stats.cost_usd

    def _spent(self, rule: TierRule) -> QualityOf:
        if rule.objective == "cheapest-within-tolerance":
            return self._cost
        return lambda model: self.window.stats[model].seconds


def _weighted(served: ServedShares, measure: QualityOf) -> float | None:
    """Return the mean over the calls, None where nobody serves or one of those that do was not measured."""
    values = [(measure(model), share) for model, share in served]
    if not values or any(value is None for value, _ in values):
        return None
    return sum(value * share for value, share in values if value is not None)


def _loss(best: float | None, value: float | None, sign: int) -> float | None:
    return None if best is None or value is None else sign * (best - value)


def _outcome(
    key: tuple[str, str, Tier], days: Sequence[Day], drawn: Sequence[Sequence[Day]], rule: TierRule
) -> PolicyResult:
    policy, category, tier = key
    years = max(len(days), 1) / YEAR
    return PolicyResult(
        policy=policy,
        category=category,
        tier=tier,
        days=len(days),
        switches_per_year=sum(day.switched for day in days) / years,
        forced_per_year=sum(day.forced for day in days) / years,
        cost_usd=_mean([day.cost_usd for day in days]),
        unserved=sum(not day.served for day in days) / max(len(days), 1),
        quality=_spread([[day.quality for day in draw] for draw in drawn]),
        regret_known=_spread([[day.loss_known for day in draw] for draw in drawn]),
        regret_hindsight=_spread([[day.loss_hindsight for day in draw] for draw in drawn]),
        regret_unit=UNITS[rule.objective],
        below_bar=_spread([[day.below_bar for day in draw] for draw in drawn]),
    )


def _trace(key: tuple[str, str, Tier], days: Sequence[Day], drawn: Sequence[Sequence[Day]]) -> Trace:
    policy, category, tier = key
    return Trace(
        policy=policy,
        category=category,
        tier=tier,
        days=tuple(day.day for day in days),
        holders=tuple(day.served[0][0] if day.served else None for day in days),
        loss_known=tuple(_mean([draw[i].loss_known for draw in drawn if draw]) for i in range(len(days))),
    )


def _spread(draws: Sequence[Sequence[float | None]]) -> Spread | None:
    """Return the spread over draws of each draw's mean over its days."""
    means = [mean for draw in draws if (mean := _mean(draw)) is not None]
    if not means:
        return None
    low, high = np.quantile(means, [0.05, 0.95])
    return Spread(mean=float(np.mean(means)), low=float(low), high=float(high))


def _mean(values: Sequence[float | None]) -> float | None:
    measured = [value for value in values if value is not None]
    return float(np.mean(measured)) if measured else None
