"""The record of a half-life estimate: by which method, with its interval, and what it was estimated from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

HalfLifeKind = Literal["rank", "gap", "price"]
EstimationMethod = Literal[
    "exponential", "exponential-mle", "exponential-prior", "exponential-weeks", "kaplan-meier", "weibull", "hedonic"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A half-life by one method. `half_life_days` and the interval's ends are None where they are not available.

    `subjects` counts distinct names, `tenures` their spells; `events` were overtaken (for a gap: closed), `withdrawn`
    by the provider, `censored` go on. `sentence` explains the number in words.
    """

    kind: HalfLifeKind
    method: EstimationMethod
    half_life_days: float | None
    low: float | None
    high: float | None
    confidence: float
    subjects: int
    tenures: int
    events: int
    withdrawn: int
    censored: int
    exposure_days: float
    prior_speaks: bool
    sentence: str
    scope: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the estimate as JSON values; an end that does not exist is null."""
        return {
            "kind": self.kind,
            "method": self.method,
            "scope": dict(self.scope) or {"all": "*"},
            "half_life_days": self.half_life_days,
            "interval_days": [self.low, self.high],
            "confidence": self.confidence,
            "subjects": self.subjects,
            "tenures": self.tenures,
            "events": self.events,
            "withdrawn": self.withdrawn,
            "censored": self.censored,
            "exposure_days": self.exposure_days,
            "prior_speaks": self.prior_speaks,
            "sentence": self.sentence,
        }
