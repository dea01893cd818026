"""A half-life in several ways from the same stays: the core first, what others make of it beside."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from leaderboard.lifecycle import alternative_estimators
from leaderboard.lifecycle.exponential import Rates, most_likely, posterior_half_life, rates
from leaderboard.lifecycle.half_life import JEFFREYS, PRIOR_SPEAKS_BELOW, SHORTEST_DAYS, Prior
from leaderboard.lifecycle.spell import Spell, exposures
from leaderboard.lifecycle.weeks import week_wise

HalfLifeKind = Literal["rank", "gap", "price"]
EstimationMethod = Literal[
    "exponential", "exponential-mle", "exponential-prior", "exponential-weeks", "kaplan-meier", "weibull", "hedonic"
]

THE_PRIOR: Final = Prior()
ALONE: Final[EstimationMethod] = "exponential-mle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A half-life by one method. `half_life_days` and the interval's ends are None where there is none.

    `subjects` counts distinct names, `tenures` their stays; `events` were overtaken (for a gap: closed), `withdrawn`
    by the provider, `censored` go on. `sentence` says in words what one has to know to read the number.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What every estimate of the same stays shares."""

    kind: HalfLifeKind
    confidence: float
    subjects: int
    tenures: int
    events: int
    withdrawn: int
    censored: int
    exposure_days: float
    scope: Mapping[str, str]


def core(
    stays: Sequence[Spell],
    *,
    kind: HalfLifeKind = "rank",
    scope: Mapping[str, str] | None = None,
    prior: Prior = THE_PRIOR,
    confidence: float = 0.95,
) -> Estimate:
    """Return the exponential: the most likely half-life, and the interval of Jeffreys' prior, which is calibrated.

    With known ends that is ln 2 · exposure / events. Below 8 events the sentence says what the prior makes of it, which
    is what routes go by; without an event the prior alone gives an estimate.
    """
    counts, held = _counts(stays, kind, confidence, scope or {}), rates(exposures(stays))
    days, speaks = most_likely(held), _prior_speaks(counts)
    if days is None:
        return _estimate(counts, "exponential", _posterior(held, prior, confidence), _sentence(counts, prior), True)
    _, low, high = posterior_half_life(held, JEFFREYS, (1 - confidence) / 2)
    sentence = _sentence(counts, prior)
    if speaks:
        mean, least, most = _posterior(held, prior, confidence)
        sentence = f"{sentence[:-1]}: with it {mean:.3g} days ({least:.3g} to {most:.3g})."
    return _estimate(counts, "exponential", (days, low, high), sentence, speaks)


def estimates(
    stays: Sequence[Spell],
    *,
    kind: HalfLifeKind = "rank",
    scope: Mapping[str, str] | None = None,
    prior: Prior = THE_PRIOR,
    confidence: float = 0.95,
    as_dated: Sequence[Spell] | None = None,
) -> tuple[Estimate, ...]:
    """Return all estimates of one group of stays, the core's `exponential` first.

    Then the likelihood alone with the dates as they are given (`as_dated`, else the middle of each bracket), the prior
    at full weight, the core with calendar weeks resampled, and by lifelines Kaplan–Meier and Weibull. Nobody at risk
    leaves the prior alone.
    """
    counts, held = _counts(stays, kind, confidence, scope or {}), rates(exposures(stays))
    first = core(stays, kind=kind, scope=scope, prior=prior, confidence=confidence)
    if not stays:
        return (first,)
    believed = _estimate(
        counts,
        "exponential-prior",
        _posterior(held, prior, confidence),
        f"The prior of {prior.mean_days:g} days at full weight.",
        True,
    )
    return (
        first,
        _likelihood_alone(counts, _middles(stays) if as_dated is None else as_dated),
        believed,
        _by_weeks(counts, held, stays),
        _beside(counts, "kaplan-meier", alternative_estimators.kaplan_meier(stays, confidence=confidence)),
        _beside(counts, "weibull", alternative_estimators.weibull(stays, confidence=confidence)),
    )


def alone(
    stays: Sequence[Spell], *, kind: HalfLifeKind = "rank", scope: Mapping[str, str] | None = None
) -> tuple[Estimate, ...]:
    """Return the core's `exponential` of one group of stays, and nothing beside it: for a page, in milliseconds."""
    return (core(stays, kind=kind, scope=scope),)


def _prior_speaks(counts: Counts) -> bool:
    return counts.events < PRIOR_SPEAKS_BELOW or counts.exposure_days < SHORTEST_DAYS


def _posterior(held: Rates, prior: Prior, confidence: float) -> tuple[float, float, float]:
    return posterior_half_life(held, (prior.shape, prior.rate_days), (1 - confidence) / 2)


def _middles(stays: Sequence[Spell]) -> list[Spell]:
    middles = [(one.last_in + one.first_out) / 2 for one in stays]
    return [replace(one, last_in=middle, first_out=middle) for one, middle in zip(stays, middles, strict=True)]


def _likelihood_alone(counts: Counts, stays: Sequence[Spell]) -> Estimate:
    """Without an event there is only a lower end."""
    held, tail = rates(exposures(stays)), (1 - counts.confidence) / 2
    days = most_likely(held)
    if held.exposure < SHORTEST_DAYS:
        return _estimate(counts, ALONE, (None, None, None), "Nobody was at risk for any time.")
    if days is None:
        low = math.log(2) * held.exposure / -math.log(tail)
        return _estimate(counts, ALONE, (None, low, None), "Without an event there is only a lower end.")
    _, low, high = posterior_half_life(held, JEFFREYS, tail)
    return _estimate(counts, ALONE, (days, low, high), "The likelihood alone, the dates taken as they are.")


def _beside(counts: Counts, method: EstimationMethod, found: alternative_estimators.Median) -> Estimate:
    return _estimate(counts, method, found[:3], found.sentence)


def _by_weeks(counts: Counts, held: Rates, stays: Sequence[Spell]) -> Estimate:
    days = most_likely(held)
    if days is None:
        return _estimate(counts, "exponential-weeks", (None, None, None), "No event to resample.")
    found = week_wise(stays, days, confidence=counts.confidence)
    words = f"{found.weeks} calendar weeks resampled"
    short = ": too few for an interval." if found.low is None else "."
    return _estimate(counts, "exponential-weeks", (days, found.low, found.high), words + short)


def _estimate(
    counts: Counts, method: EstimationMethod, found: tuple[float | None, ...], sentence: str, speaks: bool = False
) -> Estimate:
    days, low, high = (one if one is not None and math.isfinite(one) else None for one in found)
    return Estimate(
        kind=counts.kind,
        method=method,
        half_life_days=days,
        low=low,
        high=high,
        confidence=counts.confidence,
        subjects=counts.subjects,
        tenures=counts.tenures,
        events=counts.events,
        withdrawn=counts.withdrawn,
        censored=counts.censored,
        exposure_days=counts.exposure_days,
        prior_speaks=speaks,
        sentence=sentence,
        scope=counts.scope,
    )


def _counts(stays: Sequence[Spell], kind: HalfLifeKind, confidence: float, scope: Mapping[str, str]) -> Counts:
    seen = exposures(stays)
    ends = [one.ended_by for one in stays]
    return Counts(
        kind=kind,
        confidence=confidence,
        subjects=len({one.subject for one in stays}),
        tenures=len(stays),
        events=seen.events,
        withdrawn=ends.count("withdrawn"),
        censored=ends.count("censored"),
        exposure_days=math.fsum((seen.low + seen.high) / 2),
        scope=scope,
    )


def _sentence(counts: Counts, prior: Prior) -> str:
    ended = "closed" if counts.kind == "gap" else "overtaken"
    seen = f"{counts.events} {ended} in {counts.exposure_days:.0f} days at the top"
    gone = f", {counts.withdrawn} withdrawn by their provider" if counts.withdrawn else ""
    if _prior_speaks(counts):
        return f"{seen}{gone}: fewer than {PRIOR_SPEAKS_BELOW}, so the prior of {prior.mean_days:g} days speaks."
    return f"{seen}{gone}; the prior of {prior.mean_days:g} days is silent."
