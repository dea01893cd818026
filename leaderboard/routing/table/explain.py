"""Why a tier is served as it is: every model of its field, beside the one that holds the tier, with what decided.

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
from leaderboard.routing.decisions.decision_window import DecisionWindow
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.replay import TIERS, Decision, good_enough, reference, replay, switches
from leaderboard.routing.policy.policy import Policy, Tier, TierRule
from leaderboard.routing.table.tiers import PREFIXES, category_id, identifier

SURELY = 2
JudgedBy = tuple[TierRule, str, Policy]
AIM = ("objective", "quality_share", "allow_cost_escalation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """How much better than the tier's holder a model is, on the `n` prompts that both have: estimate, 95 % interval.

    `p` is the paired t test, two-sided, `p_holm` after Holm across the field, `p_sign_flip` its check by permutation.
    """

    difference: float
    low: float | None
    high: float | None
    n: int
    p: float
    p_holm: float
    p_sign_flip: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One model of the field, with its standing, what it costs and takes, and why it holds the tier or does not.

    `cost_usd` is of one call; `seconds` the median of steady calls in this category, `p95_s` the tail of all.
    """

    model: str
    holds: bool
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    beside: Beside | None
    cost_usd: float | None
    seconds: float | None
    p95_s: float | None
    verdicts: tuple[BudgetCheck, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One tier of one route: its rule in words, the last decision, the whole field, and every change of its holder."""

    route: str
    alias: str
    category: str
    tier: Tier
    rule: TierRule
    aim: str
    decision: Decision
    field: tuple[Considered, ...]
    history: tuple[Decision, ...]

    def budget(self) -> list[tuple[str, Any]]:
        """Return what the tier asks for, by its keys in the policy."""
        return [(key, value) for key, value in self.rule.to_json().items() if key not in AIM]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        whole = asdict(self) | {"rule": self.rule.to_json()}
        return {**whole, "decision": _dated(whole["decision"]), "history": [_dated(one) for one in whole["history"]]}


def explain(found: Evidence, policy: Policy, name: str) -> tuple[Explanation, ...]:
    """Return why the tiers of a route (`text-to-image.overall`), or one alias (`image.overall.hero`), are as they are.

    Raises UnknownNameError for a name that is neither.
    """
    decisions = replay(found.contests, policy)
    last = {(one.category, one.tier): one for one in decisions}
    named = {key: (_route(found, key[0]), _alias(found, *key)) for key in last if _is_routed(policy, key[0])}
    asked = [key for key, names in named.items() if name in names]
    if not asked:
        known = {one for names in named.values() for one in names}
        raise UnknownNameError("route or alias", name, known)
    return tuple(
        _explanation(found, policy, last=last, past=[one for one in decisions if (one.category, one.tier) == key])
        for key in sorted(asked, key=lambda key: TIERS.index(key[1]))
    )


def _is_routed(policy: Policy, category: str) -> bool:
    return policy.categories is None or category in policy.categories


def _route(found: Evidence, category: str) -> str:
    return identifier(f"{found.task}.{category_id(category)}")


def _alias(found: Evidence, category: str, tier: Tier) -> str:
    return identifier(f"{PREFIXES[found.task]}.{category_id(category)}.{tier}")


def _explanation(
    found: Evidence, policy: Policy, *, past: Sequence[Decision], last: Mapping[tuple[str, Tier], Decision]
) -> Explanation:
    decision = past[-1]
    category, tier = decision.category, decision.tier
    whole = next(one for one in reversed(found.contests) if one.category == category)
    contest = whole.under(policy.rule(category, tier))
    hero = last[category, "hero"].incumbent if (category, "hero") in last and tier != "hero" else None
    best = reference(contest, contest.ranking() or contest.models, hero, policy)
    rule = policy.rule(category, tier)
    return Explanation(
        route=_route(found, category),
        alias=_alias(found, category, tier),
        category=category,
        tier=tier,
        rule=rule,
        aim=aim(rule, best),
        decision=decision,
        field=considered(found, contest, decision, (rule, best, policy)),
        history=switches(past),
    )


def aim(rule: TierRule, best: str) -> str:
    """Return in words what a tier looks for."""
    if rule.objective == "best-quality":
        return "the best quality"
    kind = rule.objective.partition("-")[0]
    return f"the {kind} with at least {rule.quality_share:.0%} of {best}'s quality"


def considered(
    found: Evidence, contest: DecisionWindow, decision: Decision, judged_by: JudgedBy
) -> tuple[Considered, ...]:
    """Return the whole field beside the tier's holder: the holder first, then by rank, then who has no score."""
    ranking = contest.ranking()
    order = [*ranking, *(model for model in contest.models if model not in ranking)]
    holder = decision.incumbent
    order.sort(key=lambda model: model != holder)
    pairs = _beside(contest, [model for model in order if model != holder], holder)
    return tuple(
        _considered(found, contest, model, decision=decision, beside=pairs.get(model), judged_by=judged_by)
        for model in order
    )


def _beside(contest: DecisionWindow, models: Sequence[str], holder: str) -> dict[str, Beside]:
    if holder not in contest.models:
        return {}
    sign, found = 1.0 if contest.higher_is_better else -1.0, dict[str, Difference]()
    for model in models:
        both = sign * np.stack([contest.column(model), contest.column(holder)], axis=1)
        for one in differences(both, (model, holder)):
            found[model] = one
    strict = holm([one.p for one in found.values()])
    return {
        model: Beside(
            difference=one.difference.estimate,
            low=one.difference.low,
            high=one.difference.high,
            n=one.difference.n,
            p=one.p,
            p_holm=float(p),
            p_sign_flip=one.p_sign_flip,
        )
        for (model, one), p in zip(found.items(), strict, strict=True)
    }


def _considered(
    found: Evidence,
    contest: DecisionWindow,
    model: str,
    *,
    decision: Decision,
    beside: Beside | None,
    judged_by: JudgedBy,
) -> Considered:
    known, holds = contest.standby[model], model == decision.incumbent
    level = found.standing(contest.category, model) or {}
    return Considered(
        model=model,
        holds=holds,
        estimate=level.get("estimate"),
        low=level.get("low"),
        high=level.get("high"),
        n=int(np.count_nonzero(~np.isnan(contest.column(model)))),
        beside=beside,
        cost_usd=known.call_usd,
        seconds=known.seconds,
        p95_s=known.p95_s,
        verdicts=verdicts(contest, model, judged_by[0], holder=holds),
        words=decision.reason if holds else _why_not(contest, model, decision, judged_by),
    )


def _why_not(contest: DecisionWindow, model: str, decision: Decision, judged_by: JudgedBy) -> str:
    rule, best, _ = judged_by
    known, holder = contest.standby[model], decision.incumbent
    if known.failing:
        return f"Quarantined: {known.failing}."
    if (over := broken(contest, model, rule)) is not None:
        return f"Breaks the tier's budget: it {over}."
    if model == decision.challenger and decision.margin is not None:
        return f"The challenger: {decision.reason}"
    if rule.objective == "best-quality":
        return _behind(contest, model, holder)
    over_it = over_bar(contest, model, best, rule.quality_share)
    if over_it is None:
        return "Has no prompt in common with the one it is held to."
    if not good_enough(contest, model, best, rule):
        return f"Below {rule.quality_share:.0%} of {best}'s quality by {-over_it.difference:.3g}."
    return _dearer(contest, model, holder, rule)


def _behind(contest: DecisionWindow, model: str, holder: str) -> str:
    ahead = contest.lead(model, holder) if holder in contest.models else None
    if ahead is None:
        return "Has no prompt in common with the holder."
    if ahead.difference > 0:
        return f"Ahead by {ahead.difference:.3g}, {ahead.z:.2g} standard errors; another challenger is further ahead."
    if ahead.difference == 0:
        return "Level with the holder, which stays."
    apart = "surely" if ahead.z <= -SURELY else "perhaps by chance"
    return f"Behind by {-ahead.difference:.3g}, {-ahead.z:.2g} standard errors: {apart}."


def _dearer(contest: DecisionWindow, model: str, holder: str, rule: TierRule) -> str:
    thrift = "cost" if rule.objective == "cheapest-within-tolerance" else "time"
    measured = [
        one.cost_usd if thrift == "cost" else one.seconds
        for one in (contest.standby[model], contest.standby.get(holder) or contest.standby[model])
    ]
    own, held = measured
    if own is None or held is None:
        return f"Good enough, but its {thrift} or the holder's is not known."
    if not held:
        return f"Good enough; the holder's {thrift} is nothing."
    word = ("dearer", "cheaper") if thrift == "cost" else ("slower", "faster")
    return f"Good enough, and {abs(own / held - 1):.0%} {word[0] if own >= held else word[1]} than the holder."


def _dated(decision: Mapping[str, Any]) -> dict[str, Any]:
    return {**decision, "day": decision["day"].isoformat(), "since": decision["since"].isoformat()}
