"""One tier of one route: who serves it, at what budget, what it falls back to, and why and until when."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.vocabulary import Task
from leaderboard.lifecycle.half_life import HalfLife, Prior, half_life_of_tenures
from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision import Decision
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.policy.rules import Policy, TierRule
from leaderboard.routing.rounding import rounded
from leaderboard.routing.table.deployments import cost_of
from leaderboard.routing.table.expiry import expiry
from leaderboard.routing.table.identifiers import category_id, identifier
from leaderboard.routing.table.model import (
    AtShape,
    Fallback,
    JsonInterval,
    RouteTier,
    Strategy,
    TierBudget,
    TierCandidate,
    TierDecision,
    TierHalfLife,
)
from leaderboard.routing.timestamps import stamp
from leaderboard.routing.vocabulary import Tier

FULL_WEIGHT = 100
RETRIED = (408, 429, 500, 502, 503, 504)
PREFIXES: dict[Task, str] = {
    "text-to-image": "image",
    "text-to-video": "video",
    "image-to-video": "animate",
    "image-edit": "edit",
    "upscale": "upscale",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteBuilder:
    """Builds the tiers of one category's route."""

    evidence: Evidence
    policy: Policy
    category: str
    decisions: dict[Tier, Decision]
    generated_at: dt.datetime

    @property
    def name(self) -> str:
        """The category as part of an alias; all categories together are `overall`."""
        return category_id(self.category)

    def alias(self, tier: Tier) -> str:
        """Return the stable name that clients call."""
        return identifier(f"{PREFIXES[self.evidence.task]}.{self.name}.{tier}")

    def half_life(self) -> HalfLife:
        """Return the half-life of the category's places at the top."""
        tenures = self.evidence.tenures(self.category, self.policy)
        prior = Prior(mean_days=self.policy.prior_half_life_days)
        return half_life_of_tenures(tenures, prior=prior, confidence=self.policy.confidence)

    def tier(self, tier: Tier) -> RouteTier:
        """Return the tier's entry in the table."""
        decision, half_life, evidence = self.decisions[tier], self.half_life(), self.evidence
        ends = expiry(half_life, calendar=evidence.calendar, last_day=evidence.last, generated_at=self.generated_at)
        strategy, served = self._served_by(decision)
        return RouteTier(
            alias=self.alias(tier),
            strategy=strategy,
            candidates=tuple(self._candidate(tier, model, weight) for model, weight in served),
            budget=self._budget(tier),
            fallback=self._fallback(tier),
            decision=TierDecision(
                action=decision.action,
                challenger=decision.challenger,
                margin=decision.margin,
                reason=decision.reason,
            ),
            incumbent_since=f"{decision.since}T00:00:00Z",
            half_life=self._half_life(half_life),
            stale_after=stamp(ends.stale_after),
            expires_at=stamp(ends.expires_at),
        )

    def in_trial(self, tier: Tier) -> bool:
        """Return whether the incumbent is so new that its predecessor still serves most calls."""
        decision = self.decisions[tier]
        before = decision.previous
        young = (self.evidence.last - decision.since).days < self.policy.canary_days
        candidate = self.evidence.candidates.get(before) if before else None
        if not young or before is None or candidate is None or not candidate.overall.healthy:
            return False
        return before in self.window.models and broken(self.window, before, self.rule(tier), incumbent=True) is None

    def rule(self, tier: Tier) -> TierRule:
        """Return what the policy says of a tier of this category."""
        return self.policy.rule(self.category, tier)

    @property
    def window(self) -> DecisionWindow:
        """The category's models on the last day."""
        return self.evidence.last_window(self.category)

    def _served_by(self, decision: Decision) -> tuple[Strategy, list[tuple[str, int]]]:
        """Return how calls are shared out, and the models with their weights, the incumbent first."""
        if self.in_trial(decision.tier) and decision.previous is not None:
            weight = self.policy.canary_weight
            return "weighted", [(decision.incumbent, weight), (decision.previous, FULL_WEIGHT - weight)]
        return "priority", [(decision.incumbent, FULL_WEIGHT), *((model, 0) for model in self._in_reserve(decision))]

    def _in_reserve(self, decision: Decision) -> Sequence[str]:
        """Return the others of the top k in good health, the best first; the workhorse has none."""
        if decision.tier == "workhorse":
            return ()
        window, rule = self.window, self.rule(decision.tier)
        healthy = [model for model in window.ranking() if window.stats[model].healthy]
        able = [model for model in healthy if broken(window, model, rule) is None and self._is_sound(model)]
        return [model for model in able if model != decision.incumbent][: self.policy.k - 1]

    def _is_sound(self, model: str) -> bool:
        """Whether its newest run is sound, also where that has no score at all."""
        return model in self.evidence.candidates and self.evidence.candidates[model].overall.sound

    def stats(self, tier: Tier, model: str) -> OperatingStats:
        """Return what a model costs and takes at the shape that a tier asks for."""
        return self.window.stats[model].at(self.rule(tier).wanted)

    def _candidate(self, tier: Tier, model: str, weight: int) -> TierCandidate:
        standing, stats = self.evidence.standing(self.category, model) or {}, self.stats(tier, model)
        at_shape = {} if stats.basis == "samples" else {"at_shape": _at_shape(stats)}
        return TierCandidate(
            deployment=model,
            rank=standing.get("rank"),
            weight=weight,
            score=rounded(standing.get("estimate")),
            score_ci=_interval(standing.get("low"), standing.get("high")),
            rank_ci=_interval(standing.get("rank_best"), standing.get("rank_worst")),
            p_top_k=rounded(standing.get("p_top_k")),
            n=standing.get("n_prompts") or 0,
            **at_shape,
        )

    def _budget(self, tier: Tier) -> TierBudget:
        """What the policy says; else what was measured of all that the tier may call, times the headroom."""
        rule, called = self.rule(tier), [tier, *self._chain(tier)]
        models = sorted({model for each in called for model in self._serving(each)})
        figures = [self._figures(tier, model) for model in models]
        costs = [usd for costs, _ in figures for usd in costs if usd is not None]
        tails = [seconds for _, seconds in figures if seconds is not None]
        standings = [self.evidence.standing(self.category, model) or {} for model in models]
        scores = [score for standing in standings if (score := standing.get("estimate")) is not None]
        headroom = self.policy.budget_headroom
        cost = headroom * max(costs) if costs else None
        tail = headroom * max(tails) if tails else None
        return TierBudget(
            max_cost_usd=rounded(cost if rule.max_cost_usd is None else rule.max_cost_usd),
            max_latency_p95_s=rounded(tail if rule.max_latency_p95_s is None else rule.max_latency_p95_s),
            min_quality=rounded(min(scores, default=None) if rule.min_quality is None else rule.min_quality),
            timeout_s=rounded(max(2 * tail, 10.0)) if tail is not None else 120.0,
        )

    def _figures(self, tier: Tier, model: str) -> tuple[tuple[float | None, ...], float | None]:
        """What a call may cost, in US dollars, and its p95 in seconds."""
        candidate, stats = self.evidence.candidates[model], self.stats(tier, model)
        if stats.basis != "samples":
            return (stats.call_usd,), stats.p95_s
        return (cost_of(candidate), candidate.overall.call_usd), candidate.latency.p95 if candidate.latency else None

    def _fallback(self, tier: Tier) -> Fallback:
        chain = tuple(self.alias(each) for each in self._chain(tier))
        allowed = {"allow_cost_escalation": True} if chain and self.rule(tier).allow_cost_escalation else {}
        return Fallback(chain=chain, on_status_codes=RETRIED, max_attempts=1 + len(chain), **allowed)

    def _chain(self, tier: Tier) -> list[Tier]:
        """The hero falls back to the workhorse where that keeps the hero's budget; never the other way: no cycle."""
        if tier == "workhorse":
            return []
        rule = self.rule(tier)
        limits = replace(rule, max_cost_usd=None) if rule.allow_cost_escalation else rule
        kept = all(broken(self.window, model, limits) is None for model in self._serving("workhorse"))
        return ["workhorse"] if kept else []

    def _serving(self, tier: Tier) -> list[str]:
        """The models that a tier's calls reach by its own weights."""
        decision = self.decisions[tier]
        predecessor = [decision.previous] if decision.previous is not None and self.in_trial(tier) else []
        return [decision.incumbent, *predecessor]

    def _half_life(self, half_life: HalfLife) -> TierHalfLife:
        evidence = self.evidence
        scope = f"top {self.policy.k} of {evidence.suite}/{self.name} by {evidence.metric}"
        return TierHalfLife(
            days=rounded(half_life.days),
            ci=_interval(half_life.low, half_life.high),
            method=half_life.method,
            subjects=half_life.subjects,
            events=half_life.events,
            scope=f"{scope}, replayed calendar" if evidence.calendar == "replayed" else scope,
        )


def _interval(low: float | None, high: float | None) -> JsonInterval:
    if low is None and high is None:
        return None
    return _end(low), _end(high)


def _end(value: float | None) -> float | int | None:
    """Ranks stay whole numbers."""
    return value if value is None or isinstance(value, int) else rounded(float(value))


def _at_shape(stats: OperatingStats) -> AtShape:
    shape = stats.shape
    return AtShape.model_validate(
        {
            "size": shape and f"{shape.width}x{shape.height}",
            "seconds": shape and shape.seconds,
            "latency_s": {"p50": rounded(stats.seconds), "p95": stats.p95_s},
            "cost_usd": stats.call_usd,
            "basis": stats.basis,
            "said": stats.basis_note,
            "scored_at": str(stats.scored_at),
        }
    )
