"""Why a tier is served as it is: every model that competes for it, compared with its incumbent, and what decided.

Derived from the evidence alone; nothing is read from the published table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from data.errors import UnknownNameError
from leaderboard.inference.paired import Difference, differences, holm
from leaderboard.routing.decisions.advantage import over_bar
from leaderboard.routing.decisions.budget import BudgetCheck, broken, verdicts
from leaderboard.routing.decisions.decision import Decision, switches
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.replay import good_enough, reference, replay
from leaderboard.routing.policy.rules import Policy, TierRule
from leaderboard.routing.table.identifiers import category_id, identifier
from leaderboard.routing.table.tiers import PREFIXES
from leaderboard.routing.vocabulary import TIERS, Tier

SURELY = 2
AIM = ("objective", "quality_share", "allow_cost_escalation")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedComparison:
    """How much better than the tier's incumbent a model is, on the `n` prompts that both have, with 95 % interval.

    `p` is two-sided, the level at which the interval ends at zero; `p_holm` is it after Holm across the field,
    `p_sign_flip` its check by permutation.
    """

    difference: float
    low: float | None
    high: float | None
    n: int
    p: float
    p_holm: float
    p_sign_flip: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedModel:
    """One model of the field, with its standing, what it costs and takes, and why it serves the tier or does not.

    `holds`: it is the incumbent. `beside`: it compared with the incumbent. `words`: why, as a sentence. `cost_usd` is
    of one call; `seconds` the median of steady calls in this category, `p95_s` the tail of all.
    """

    model: str
    holds: bool
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    beside: PairedComparison | None
    cost_usd: float | None
    seconds: float | None
    p95_s: float | None
    verdicts: tuple[BudgetCheck, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One tier of one route: its rule, its aim in words, the last decision, the whole field, and every switch."""

    route: str
    alias: str
    category: str
    tier: Tier
    rule: TierRule
    aim: str
    decision: Decision
    field: tuple[ComparedModel, ...]
    history: tuple[Decision, ...]

    def budget(self) -> list[tuple[str, Any]]:
        """Return what the tier asks for, by its keys in the policy."""
        return [(key, value) for key, value in self.rule.to_json().items() if key not in AIM]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        content = asdict(self) | {"rule": self.rule.to_json()}
        history = [_dated(decision) for decision in content["history"]]
        return {**content, "decision": _dated(content["decision"]), "history": history}


@dataclass(frozen=True, slots=True)
class _TierQuestion:
    """A tier on the last day: its decision window as its rule asks for it, and whose quality it is compared with."""

    measured: Evidence
    window: DecisionWindow
    decision: Decision
    rule: TierRule
    best: str

    @property
    def incumbent(self) -> str:
        return self.decision.incumbent


def explain(measured: Evidence, policy: Policy, name: str) -> tuple[Explanation, ...]:
    """Return why the tiers of a route (`text-to-image.overall`), or one alias (`image.overall.hero`), are as they are.

    Raises UnknownNameError for a name that is neither.
    """
    decisions = replay(measured.windows, policy)
    last = {(decision.category, decision.tier): decision for decision in decisions}
    names = {key: (_route(measured, key[0]), _alias(measured, *key)) for key in last if _is_routed(policy, key[0])}
    keys = [key for key, route_and_alias in names.items() if name in route_and_alias]
    if not keys:
        raise UnknownNameError("route or alias", name, {each for pair in names.values() for each in pair})
    return tuple(
        _explanation(
            measured, policy, last=last, past=[each for each in decisions if (each.category, each.tier) == key]
        )
        for key in sorted(keys, key=lambda key: TIERS.index(key[1]))
    )


def _is_routed(policy: Policy, category: str) -> bool:
    return policy.categories is None or category in policy.categories


def _route(measured: Evidence, category: str) -> str:
    return identifier(f"{measured.task}.{category_id(category)}")


def _alias(measured: Evidence, category: str, tier: Tier) -> str:
    return identifier(f"{PREFIXES[measured.task]}.{category_id(category)}.{tier}")


def _explanation(
    measured: Evidence, policy: Policy, *, past: Sequence[Decision], last: Mapping[tuple[str, Tier], Decision]
) -> Explanation:
    decision = past[-1]
    category, tier = decision.category, decision.tier
    rule = policy.rule(category, tier)
    window = measured.last_window(category).under(rule)
    hero = last[category, "hero"].incumbent if (category, "hero") in last and tier != "hero" else None
    best = reference(window, window.ranking() or window.models, hero, policy)
    return Explanation(
        route=_route(measured, category),
        alias=_alias(measured, category, tier),
        category=category,
        tier=tier,
        rule=rule,
        aim=aim(rule, best),
        decision=decision,
        field=_compared(_TierQuestion(measured, window, decision, rule, best)),
        history=switches(past),
    )


def aim(rule: TierRule, best: str) -> str:
    """Return in words what a tier looks for."""
    if rule.objective == "best-quality":
        return "the best quality"
    kind = rule.objective.partition("-")[0]
    return f"the {kind} with at least {rule.quality_share:.0%} of {best}'s quality"


def _compared(question: _TierQuestion) -> tuple[ComparedModel, ...]:
    """Return the whole field: the incumbent first, then by rank, then who has no score."""
    window, ranking = question.window, question.window.ranking()
    order = [*ranking, *(model for model in window.models if model not in ranking)]
    order.sort(key=lambda model: model != question.incumbent)
    pairs = _paired(window, [model for model in order if model != question.incumbent], question.incumbent)
    return tuple(_compared_model(question, model, pairs.get(model)) for model in order)


def _paired(window: DecisionWindow, models: Sequence[str], incumbent: str) -> dict[str, PairedComparison]:
    if incumbent not in window.models:
        return {}
    pairs = dict[str, Difference]()
    for model in models:
        both, bounds = window.signed([model, incumbent])
        for difference in differences(both, (model, incumbent), bounds=bounds):
            pairs[model] = difference
    adjusted = holm([pair.p for pair in pairs.values()])
    return {
        model: PairedComparison(
            difference=pair.difference.estimate,
            low=pair.difference.low,
            high=pair.difference.high,
            n=pair.difference.n,
            p=pair.p,
            p_holm=float(p),
            p_sign_flip=pair.p_sign_flip,
        )
        for (model, pair), p in zip(pairs.items(), adjusted, strict=True)
    }


def _compared_model(question: _TierQuestion, model: str, paired: PairedComparison | None) -> ComparedModel:
    window, decision = question.window, question.decision
    stats, holds = window.stats[model], model == question.incumbent
    standing = question.measured.standing(window.category, model) or {}
    return ComparedModel(
        model=model,
        holds=holds,
        estimate=standing.get("estimate"),
        low=standing.get("low"),
        high=standing.get("high"),
        n=int(np.count_nonzero(~np.isnan(window.column(model)))),
        beside=paired,
        cost_usd=stats.call_usd,
        seconds=stats.seconds,
        p95_s=stats.p95_s,
        verdicts=verdicts(window, model, question.rule, incumbent=holds),
        words=decision.reason if holds else _why_not(question, model),
    )


def _why_not(question: _TierQuestion, model: str) -> str:
    window, decision, rule, best = question.window, question.decision, question.rule, question.best
    failing = window.stats[model].failing
    if failing:
        return f"Quarantined: {failing}."
    if (over := broken(window, model, rule)) is not None:
        return f"Breaks the tier's budget: it {over}."
    if model == decision.challenger and decision.margin is not None:
        return f"The challenger: {decision.reason}"
    if rule.objective == "best-quality":
        return _behind(window, model, question.incumbent)
    over_it = over_bar(window, model, best, rule.quality_share)
    if over_it is None:
        return f"Has no prompt in common with {best}, whose quality it is compared with."
    if not good_enough(window, model, best, rule):
        return f"Below {rule.quality_share:.0%} of {best}'s quality by {-over_it.difference:.3g}."
    return _dearer(window, model, question.incumbent, rule)


def _behind(window: DecisionWindow, model: str, incumbent: str) -> str:
    ahead = window.lead(model, incumbent) if incumbent in window.models else None
    if ahead is None:
        return "Has no prompt in common with the holder."
    if ahead.difference > 0:
        return f"Ahead by {ahead.difference:.3g}, {ahead.z:.2g} standard errors; another challenger is further ahead."
    if ahead.difference == 0:
        return "Level with the holder, which stays."
    apart = "surely" if ahead.z <= -SURELY else "perhaps by chance"
    return f"Behind by {-ahead.difference:.3g}, {-ahead.z:.2g} standard errors: {apart}."


def _dearer(window: DecisionWindow, model: str, incumbent: str, rule: TierRule) -> str:
    by_cost = rule.objective == "cheapest-within-tolerance"
    stats, of_incumbent = window.stats[model], window.stats.get(incumbent) or window.stats[model]
    value, other = (each.cost_usd if by_cost else each.seconds for each in (stats, of_incumbent))
    thrift = "cost" if by_cost else "time"
    if value is None or other is None:
        return f"Good enough, but its {thrift} or the holder's is not known."
    if not other:
        return f"Good enough; the holder's {thrift} is nothing."
    more, less = ("dearer", "cheaper") if by_cost else ("slower", "faster")
    return f"Good enough, and {abs(value / other - 1):.0%} {more if value >= other else less} than the holder."


def _dated(decision: Mapping[str, Any]) -> dict[str, Any]:
    return {**decision, "day": decision["day"].isoformat(), "since": decision["since"].isoformat()}
