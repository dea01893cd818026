"""One tier of one route: who serves it, at what budget, what it falls back to, and why and until when."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.errors import RoutingError
from data.vocabulary import ALL_CATEGORIES, IDENTIFIER, Task
from leaderboard.lifecycle.half_life import HalfLife, Prior, half_life_of_tenures
from leaderboard.routing.decisions.budget import broken
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.decisions.evidence import Evidence
from leaderboard.routing.decisions.replay import Decision
from leaderboard.routing.policy.policy import OVERALL, Policy, Tier, TierRule
from leaderboard.routing.rounding import rounded
from leaderboard.routing.table.deployments import cost_of
from leaderboard.routing.table.expiry import Expiry, expiry
from leaderboard.routing.timestamps import stamp

FULL_WEIGHT = 100
RETRIED = [408, 429, 500, 502, 503, 504]
PREFIXES: dict[Task, str] = {
    "text-to-image": "image",
    "text-to-video": "video",
    "image-to-video": "animate",
    "image-edit": "edit",
    "upscale": "upscale",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMaker:
    """What all tiers of one category are made from."""

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

    def measured(self) -> HalfLife:
        """Return the half-life of the category's places at the top."""
        found = self.evidence.tenures(self.category, self.policy)
        prior = Prior(mean_days=self.policy.prior_half_life_days)
        return half_life_of_tenures(found, prior=prior, confidence=self.policy.confidence)

    def tier(self, tier: Tier) -> dict[str, Any]:
        """Return the tier's entry, as the schema has it."""
        decision, measured = self.decisions[tier], self.measured()
        ends = expiry(
            measured, calendar=self.evidence.calendar, last_day=self.evidence.last, generated_at=self.generated_at
        )
        return {
            "alias": self.alias(tier),
            **self._served_by(decision),
            "budget": self._budget(tier),
            "fallback": self._fallback(tier),
            "decision": {
                "action": decision.action,
                "challenger": decision.challenger,
                "margin": decision.margin,
                "reason": decision.reason,
            },
            "incumbent_since": f"{decision.since}T00:00:00Z",
            "half_life": self._half_life(measured),
            **_ends(ends),
        }

    def in_trial(self, tier: Tier) -> bool:
        """Return whether the incumbent is so new that its predecessor still serves most calls."""
        decision = self.decisions[tier]
        before = decision.previous
        young = (self.evidence.last - decision.since).days < self.policy.canary_days
        held = self.evidence.contenders.get(before) if before else None
        if not young or before is None or held is None or held.overall.failing or before not in self.contest.models:
            return False
        return broken(self.contest, before, self.rule(tier), holder=True) is None

    def rule(self, tier: Tier) -> TierRule:
        """Return what the policy says of a tier of this category."""
        return self.policy.rule(self.category, tier)

    @property
    def contest(self) -> DecisionWindow:
        """The category's field on the last day."""
        return next(one for one in reversed(self.evidence.contests) if one.category == self.category)

    def _served_by(self, decision: Decision) -> dict[str, Any]:
        if self.in_trial(decision.tier) and decision.previous is not None:
            weight = self.policy.canary_weight
            served = [(decision.incumbent, weight), (decision.previous, FULL_WEIGHT - weight)]
            return {"strategy": "weighted", "candidates": [self._candidate(decision.tier, *one) for one in served]}
        served = [(decision.incumbent, FULL_WEIGHT), *((model, 0) for model in self._standby(decision))]
        return {"strategy": "priority", "candidates": [self._candidate(decision.tier, *one) for one in served]}

    def _standby(self, decision: Decision) -> Sequence[str]:
        """Return the others of the top k in good health, the best first; the workhorse has none."""
        if decision.tier == "workhorse":
            return ()
        contest, rule = self.contest, self.rule(decision.tier)
        healthy = [model for model in contest.ranking() if contest.standby[model].failing is None]
        able = [model for model in healthy if broken(contest, model, rule) is None]
        return [model for model in able if model != decision.incumbent][: self.policy.k - 1]

    def known(self, tier: Tier, model: str) -> OperatingStats:
        """Return what a model costs and takes at the shape that a tier asks for."""
        return self.contest.standby[model].at(self.rule(tier).wanted)

    def _candidate(self, tier: Tier, model: str, weight: int) -> dict[str, Any]:
        held, known = self.evidence.standing(self.category, model) or {}, self.known(tier, model)
        return {
            "deployment": model,
            "rank": held.get("rank"),
            "weight": weight,
            "score": rounded(held.get("estimate")),
            "score_ci": _pair(held.get("low"), held.get("high")),
            "rank_ci": _pair(held.get("rank_best"), held.get("rank_worst")),
            "p_top_k": rounded(held.get("p_top_k")),
            "n": held.get("n_prompts") or 0,
            **({} if known.basis == "samples" else {"at_shape": _at_shape(known)}),
        }

    def _budget(self, tier: Tier) -> dict[str, Any]:
        """What the policy says; else what was measured of all that the tier may call, times the headroom."""
        rule, called = self.rule(tier), [tier, *self._chain(tier)]
        models = sorted({model for one in called for model in self._serving(one)})
        figures = [self._figures(tier, model) for model in models]
        costs, tails = [usd for one, _ in figures for usd in one], [tail for _, tail in figures]
        scores = [(self.evidence.standing(self.category, model) or {}).get("estimate") for model in models]
        room = self.policy.budget_headroom
        cost = room * max(known) if (known := [c for c in costs if c is not None]) else None
        tail = room * max(seen) if (seen := [t for t in tails if t is not None]) else None
        return {
            "max_cost_usd": rounded(cost if rule.max_cost_usd is None else rule.max_cost_usd),
            "max_latency_p95_s": rounded(tail if rule.max_latency_p95_s is None else rule.max_latency_p95_s),
            "min_quality": rounded(
                min((s for s in scores if s is not None), default=None)
                if rule.min_quality is None
                else rule.min_quality
            ),
            "timeout_s": rounded(max(2 * tail, 10.0)) if tail is not None else 120.0,
        }

    def _figures(self, tier: Tier, model: str) -> tuple[tuple[float | None, ...], float | None]:
        """What a call may cost, in US dollars, and its p95 in seconds."""
        contender, known = self.evidence.contenders[model], self.known(tier, model)
        if known.basis != "samples":
            return (known.call_usd,), known.p95_s
        return (cost_of(contender), contender.overall.call_usd), contender.latency.p95 if contender.latency else None

    def _fallback(self, tier: Tier) -> dict[str, Any]:
        chain = [self.alias(one) for one in self._chain(tier)]
        allowed = {"allow_cost_escalation": True} if chain and self.rule(tier).allow_cost_escalation else {}
        return {"chain": chain, "on_status_codes": RETRIED, "max_attempts": 1 + len(chain), **allowed}

    def _chain(self, tier: Tier) -> list[Tier]:
        """The hero falls back to the workhorse where that keeps the hero's budget; never the other way: no cycle."""
        if tier == "workhorse":
            return []
        rule = self.rule(tier)
        asked = replace(rule, max_cost_usd=None) if rule.allow_cost_escalation else rule
        kept = all(broken(self.contest, model, asked) is None for model in self._serving("workhorse"))
        return ["workhorse"] if kept else []

    def _serving(self, tier: Tier) -> list[str]:
        """Who a tier's calls reach by its own weights."""
        decision = self.decisions[tier]
        tried = [decision.previous] if decision.previous is not None and self.in_trial(tier) else []
        return [decision.incumbent, *tried]

    def _half_life(self, measured: HalfLife) -> dict[str, Any]:
        evidence = self.evidence
        scope = f"top {self.policy.k} of {evidence.suite}/{self.name} by {evidence.metric}"
        return {
            "days": rounded(measured.days),
            "ci": _pair(measured.low, measured.high),
            "method": measured.method,
            "subjects": measured.subjects,
            "events": measured.events,
            "scope": f"{scope}, replayed calendar" if evidence.calendar == "replayed" else scope,
        }


def category_id(category: str) -> str:
    """Return a category as part of an id, `long caption` as `long-caption`; RoutingError where nothing is left."""
    if category == ALL_CATEGORIES:
        return OVERALL
    name = re.sub(r"[^a-z0-9-]+", "-", category.lower()).strip("-")
    if not name or name == OVERALL:
        raise RoutingError(
            f"Expected a category that can be part of an alias, got {category!r}. Rename it in the suite."
        )
    return name


def identifier(name: str) -> str:
    """Return `name` where readers accept it as an id, else raise RoutingError."""
    if not IDENTIFIER.fullmatch(name):
        raise RoutingError(f"Expected an id of at most 63 characters, got {name!r}. Shorten the category's name.")
    return name


def _pair(low: float | None, high: float | None) -> list[float | int | None] | None:
    if low is None and high is None:
        return None
    return [one if one is None or isinstance(one, int) else rounded(float(one)) for one in (low, high)]


def _at_shape(known: OperatingStats) -> dict[str, Any]:
    shape = known.shape
    return {
        "size": shape and f"{shape.width}x{shape.height}",
        "seconds": shape and shape.seconds,
        "latency_s": {"p50": rounded(known.seconds), "p95": known.p95_s},
        "cost_usd": known.call_usd,
        "basis": known.basis,
        "said": known.said,
        "scored_at": str(known.scored_at),
    }


def _ends(ends: Expiry) -> dict[str, str]:
    return {"stale_after": stamp(ends.stale_after), "expires_at": stamp(ends.expires_at)}
