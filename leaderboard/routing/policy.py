"""The policy: everything that a routing table was decided by, besides the measurements."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How leaders become routes; the defaults are measured in reference simulations of switching without flapping.

    `k` and `gap_days`: the protocol of tenure. `switch_margin`: how many standard errors of the paired difference a
    challenger must lead by (1.645: one-sided 5 %). `min_dwell_days`: an incumbent in good health is not replaced
    sooner. `workhorse_quality_share`: the share of the hero's quality that a workhorse needs. `max_failure_share`: a
    model that surely fails more often is quarantined. For `canary_days` after a switch the new one gets
    `canary_weight` of 100. `budget_headroom`: a tier may cost, and take, so many times what was measured.
    """

    k: int = 3
    gap_days: int = 7
    confidence: float = 0.95
    switch_margin: float = 1.645
    min_dwell_days: int = 7
    prior_half_life_days: float = 30.0
    workhorse_quality_share: float = 0.9
    max_failure_share: float = 0.1
    canary_days: int = 2
    canary_weight: int = 10
    budget_headroom: float = 2.0
    poll_interval_s: int = 300

    def __post_init__(self) -> None:
        shares = (self.confidence, self.workhorse_quality_share, self.max_failure_share)
        counts = (self.k - 1, self.gap_days, self.min_dwell_days, self.canary_days, self.switch_margin)
        if not all(0 < share <= 1 for share in shares) or self.confidence == 1 or min(counts) < 0:
            raise ValueError(f"Expected shares in (0, 1], k of 1 or more, days and margin of 0 or more, got {self}.")
        if self.prior_half_life_days <= 0 or self.budget_headroom < 1 or not 1 <= self.canary_weight <= 99:
            raise ValueError(f"Expected a prior above 0 days, headroom of 1 or more, a weight of 1 to 99, got {self}.")

    def to_json(self) -> dict[str, float]:
        """Return the policy as it stands in a table."""
        return asdict(self)
