"""The policy: everything that a routing table is decided by, besides the measurements."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from data.vocabulary import ALL_CATEGORIES
from leaderboard.routing.vocabulary import Objective, Tier

SHIPPED = "the shipped policy"
OVERALL = "overall"
MAX_UNSOUND_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredShape:
    """The shape that a tier asks for: the smallest width and height in pixels, the shortest video; None: any."""

    resolution: tuple[int, int] | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRule:
    """What a tier is for, and what it may cost, take and must be; None asks for nothing.

    `objective`: the best in quality; or the cheapest, or fastest, whose quality is at least `quality_share` of the
    hero's (of the leader's where the hero is not chosen by quality). `max_cost_usd` is of one call, `min_quality` in
    the unit of the suite's primary metric, `resolution` the smallest width and height in pixels, `seconds` the shortest
    video. `allow_cost_escalation`: the tier may fall back to one that costs more than it may itself.
    """

    objective: Objective = "best-quality"
    quality_share: float = 0.9
    max_cost_usd: float | None = None
    max_latency_p95_s: float | None = None
    min_quality: float | None = None
    resolution: tuple[int, int] | None = None
    seconds: float | None = None
    allow_cost_escalation: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.quality_share <= 1:
            raise ValueError(f"Expected a quality_share in (0, 1], got {self.quality_share:g}.")

    @property
    def wanted(self) -> RequiredShape:
        """The shape that the tier asks for."""
        return RequiredShape(resolution=self.resolution, seconds=self.seconds)

    def to_json(self) -> dict[str, Any]:
        """Return what the rule says, as it stands in a table: the objective, and what is asked for."""
        changed = {key.name: value for key in fields(self) if (value := getattr(self, key.name)) != key.default}
        shape = {"resolution": f"{self.resolution[0]}x{self.resolution[1]}"} if self.resolution else {}
        return {"objective": self.objective, "quality_share": self.quality_share, **changed, **shape}


HERO, WORKHORSE = TierRule(), TierRule(objective="cheapest-within-tolerance")
TIER_RULES: Mapping[Tier, TierRule] = {"hero": HERO, "workhorse": WORKHORSE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How leaders become routes; the defaults are measured in reference simulations of switching without flapping.

    `k` and `gap_days`: the protocol of tenure. `switch_margin`: how many standard errors of the paired difference a
    challenger must lead by (1.645: one-sided 5 %). `significance`: besides, the largest one-sided p of the paired t
    test, which is stricter where prompts are few. `min_dwell_days`: an incumbent in good health is not replaced sooner.
    `max_failure_share`: a model that surely fails more often is quarantined. `max_unsound_share`: a model of whose
    attempts a larger share came undecodable, blank, repeated or not as asked gets no route. For `canary_days` after a
    switch the new one gets `canary_weight` of 100. `budget_headroom`: a tier without a budget of its own may cost, and
    take, so many times what was measured. `categories` get a route, all without; `tiers` are the rules, `overrides`
    those of single categories. `source` says where the policy was read, for error messages.
    """

    k: int = 3
    gap_days: int = 7
    confidence: float = 0.95
    switch_margin: float = 1.645
    significance: float | None = None
    min_dwell_days: int = 7
    prior_half_life_days: float = 30.0
    max_failure_share: float = 0.1
    max_unsound_share: float = MAX_UNSOUND_SHARE
    canary_days: int = 2
    canary_weight: int = 10
    budget_headroom: float = 2.0
    poll_interval_s: int = 300
    categories: tuple[str, ...] | None = None
    tiers: Mapping[Tier, TierRule] = field(default_factory=lambda: TIER_RULES)
    overrides: Mapping[str, Mapping[Tier, TierRule]] = field(default_factory=dict)
    source: str = field(default=SHIPPED, compare=False)

    def __post_init__(self) -> None:
        shares = (self.confidence, self.max_failure_share, self.max_unsound_share or 1.0, self.significance or 1.0)
        counts = (self.k - 1, self.gap_days, self.min_dwell_days, self.canary_days, self.switch_margin)
        if not all(0 < share <= 1 for share in shares) or self.confidence == 1 or min(counts) < 0:
            raise ValueError(f"Expected shares in (0, 1], k of 1 or more, days and margin of 0 or more, got {self}.")
        if self.prior_half_life_days <= 0 or self.budget_headroom < 1 or not 1 <= self.canary_weight <= 99:
            raise ValueError(f"Expected a prior above 0 days, headroom of 1 or more, a weight of 1 to 99, got {self}.")

    def rule(self, category: str, tier: Tier) -> TierRule:
        """Return the rule of a tier in a category."""
        return self.overrides.get(category, self.tiers).get(tier, self.tiers[tier])

    def to_json(self) -> dict[str, Any]:
        """Return the policy as it stands in a table.

        What a table of schema 1.0 means without saying so is left out: the shipped policy reads there as it always did.
        """
        plain = {key.name: getattr(self, key.name) for key in fields(self) if key.name not in STRUCTURED}
        content: dict[str, Any] = {**plain, "workhorse_quality_share": self.tiers["workhorse"].quality_share}
        if self.significance is not None:
            content["significance"] = self.significance
        if self.max_unsound_share != MAX_UNSOUND_SHARE:
            content["max_unsound_share"] = self.max_unsound_share
        if self.categories is not None:
            content["categories"] = [OVERALL if name == ALL_CATEGORIES else name for name in self.categories]
        if self.tiers != TIER_RULES:
            content["tiers"] = _rules(self.tiers)
        if self.overrides:
            content["overrides"] = {
                OVERALL if name == ALL_CATEGORIES else name: _rules(rules)
                for name, rules in sorted(self.overrides.items())
            }
        return content


STRUCTURED = ("significance", "max_unsound_share", "categories", "tiers", "overrides", "source")


def _rules(rules: Mapping[Tier, TierRule]) -> dict[str, Any]:
    return {tier: rule.to_json() for tier, rule in sorted(rules.items())}
