"""A half-life estimated in several ways from the same spells: the exponential first, then the alternatives."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from leaderboard.lifecycle import alternative_estimators
from leaderboard.lifecycle.exponential import Rates, most_likely, posterior_half_life, rates
from leaderboard.lifecycle.half_life import JEFFREYS, PRIOR_USED_BELOW, SHORTEST_DAYS, Prior
from leaderboard.lifecycle.half_life_estimate import Estimate, EstimationMethod, HalfLifeKind
from leaderboard.lifecycle.spell import Spell, exposures
from leaderboard.lifecycle.weeks import week_interval

DEFAULT_PRIOR: Final = Prior()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What all estimates of the same spells share."""

    kind: HalfLifeKind
    confidence: float
    subjects: int
    tenures: int
    events: int
    withdrawn: int
    censored: int
    exposure_days: float
    scope: Mapping[str, str]


def exponential_estimate(
    spells: Sequence[Spell],
    *,
    kind: HalfLifeKind = "rank",
    scope: Mapping[str, str] | None = None,
    prior: Prior = DEFAULT_PRIOR,
    confidence: float = 0.95,
) -> Estimate:
    """Return the exponential estimate: the most likely half-life, with the calibrated interval of Jeffreys' prior.

    With exact ends that is ln 2 · exposure / events. Below 8 events the sentence adds the estimate with the prior,
    which routes use; without an event the prior alone gives an estimate.

    >>> days = {"entered": 0.0, "at_risk_from": 0.0, "last_in": 30.0, "first_out": 30.0}
    >>> spells = [Spell(subject=f"m{i}", ended_by="overtaken" if i < 8 else "censored", **days) for i in range(10)]
    >>> estimate = exponential_estimate(spells)
    >>> round(estimate.half_life_days, 1), estimate.events, estimate.prior_speaks
    (26.0, 8, False)
    """
    counts, likelihood = _counts(spells, kind, confidence, scope or {}), rates(exposures(spells))
    days, uses_prior = most_likely(likelihood), _uses_prior(counts)
    sentence = _sentence(counts, prior)
    if days is None:
        return _estimate(counts, "exponential", _posterior(likelihood, prior, confidence), sentence, True)
    _, low, high = posterior_half_life(likelihood, JEFFREYS, (1 - confidence) / 2)
    if uses_prior:
        mean, least, most = _posterior(likelihood, prior, confidence)
        sentence = f"{sentence[:-1]}: with it {mean:.3g} days ({least:.3g} to {most:.3g})."
    return _estimate(counts, "exponential", (days, low, high), sentence, uses_prior)


def estimates(
    spells: Sequence[Spell],
    *,
    kind: HalfLifeKind = "rank",
    scope: Mapping[str, str] | None = None,
    prior: Prior = DEFAULT_PRIOR,
    confidence: float = 0.95,
    as_dated: Sequence[Spell] | None = None,
) -> tuple[Estimate, ...]:
    """Return all estimates of one group of spells, the `exponential` first.

    Then the likelihood without a prior and with the dates taken as exact (`as_dated`, else the middle of each bracket),
    the prior at full weight, the exponential with calendar weeks resampled, and by lifelines Kaplan–Meier and Weibull.
    Without any spell there is the prior's estimate alone.

    >>> days = {"entered": 0.0, "at_risk_from": 0.0, "last_in": 30.0, "first_out": 30.0}
    >>> [estimate.method for estimate in estimates([Spell(subject="a", ended_by="censored", **days)])]
    ['exponential', 'exponential-mle', 'exponential-prior', 'exponential-weeks', 'kaplan-meier', 'weibull']
    """
    counts, likelihood = _counts(spells, kind, confidence, scope or {}), rates(exposures(spells))
    first = exponential_estimate(spells, kind=kind, scope=scope, prior=prior, confidence=confidence)
    if not spells:
        return (first,)
    with_prior = _estimate(
        counts,
        "exponential-prior",
        _posterior(likelihood, prior, confidence),
        f"The prior of {prior.mean_days:g} days at full weight.",
        True,
    )
    return (
        first,
        _without_prior(counts, _middles(spells) if as_dated is None else as_dated),
        with_prior,
        _by_weeks(counts, likelihood, spells),
        _by_lifelines(counts, "kaplan-meier", alternative_estimators.kaplan_meier(spells, confidence=confidence)),
        _by_lifelines(counts, "weibull", alternative_estimators.weibull(spells, confidence=confidence)),
    )


def exponential_only(
    spells: Sequence[Spell], *, kind: HalfLifeKind = "rank", scope: Mapping[str, str] | None = None
) -> tuple[Estimate, ...]:
    """Return the `exponential` estimate alone, as `estimates` would first: for a page, in milliseconds.

    >>> days = {"entered": 0.0, "at_risk_from": 0.0, "last_in": 30.0, "first_out": 30.0}
    >>> [estimate.method for estimate in exponential_only([Spell(subject="a", ended_by="censored", **days)])]
    ['exponential']
    """
    return (exponential_estimate(spells, kind=kind, scope=scope),)


def _uses_prior(counts: Counts) -> bool:
    return counts.events < PRIOR_USED_BELOW or counts.exposure_days < SHORTEST_DAYS


def _posterior(likelihood: Rates, prior: Prior, confidence: float) -> tuple[float, float, float]:
    return posterior_half_life(likelihood, (prior.shape, prior.rate_days), (1 - confidence) / 2)


def _middles(spells: Sequence[Spell]) -> list[Spell]:
    middles = [(spell.last_in + spell.first_out) / 2 for spell in spells]
    return [replace(spell, last_in=middle, first_out=middle) for spell, middle in zip(spells, middles, strict=True)]


def _without_prior(counts: Counts, spells: Sequence[Spell]) -> Estimate:
    """Return the estimate of the likelihood alone; without an event it has only a lower end."""
    likelihood, tail = rates(exposures(spells)), (1 - counts.confidence) / 2
    days = most_likely(likelihood)
    if likelihood.exposure < SHORTEST_DAYS:
        return _estimate(counts, "exponential-mle", (None, None, None), "Nobody was at risk for any time.")
    if days is None:
        low = math.log(2) * likelihood.exposure / -math.log(tail)
        sentence = "Without an event there is only a lower end."
        return _estimate(counts, "exponential-mle", (None, low, None), sentence)
    _, low, high = posterior_half_life(likelihood, JEFFREYS, tail)
    sentence = "The likelihood alone, the dates taken as they are."
    return _estimate(counts, "exponential-mle", (days, low, high), sentence)


def _by_lifelines(counts: Counts, method: EstimationMethod, median: alternative_estimators.MedianSurvival) -> Estimate:
    return _estimate(counts, method, median[:3], median.sentence)


def _by_weeks(counts: Counts, likelihood: Rates, spells: Sequence[Spell]) -> Estimate:
    days = most_likely(likelihood)
    if days is None:
        return _estimate(counts, "exponential-weeks", (None, None, None), "No event to resample.")
    interval = week_interval(spells, days, confidence=counts.confidence)
    end = ": too few for an interval." if interval.low is None else "."
    sentence = f"{interval.weeks} calendar weeks resampled{end}"
    return _estimate(counts, "exponential-weeks", (days, interval.low, interval.high), sentence)


def _estimate(
    counts: Counts, method: EstimationMethod, days: tuple[float | None, ...], sentence: str, uses_prior: bool = False
) -> Estimate:
    """Return an estimate of `days`: the half-life and the ends of its interval; infinite ones are not available."""
    half_life, low, high = (end if end is not None and math.isfinite(end) else None for end in days)
    return Estimate(
        kind=counts.kind,
        method=method,
        half_life_days=half_life,
        low=low,
        high=high,
        confidence=counts.confidence,
        subjects=counts.subjects,
        tenures=counts.tenures,
        events=counts.events,
        withdrawn=counts.withdrawn,
        censored=counts.censored,
        exposure_days=counts.exposure_days,
        prior_speaks=uses_prior,
        sentence=sentence,
        scope=counts.scope,
    )


def _counts(spells: Sequence[Spell], kind: HalfLifeKind, confidence: float, scope: Mapping[str, str]) -> Counts:
    at_risk = exposures(spells)
    ends = [spell.ended_by for spell in spells]
    return Counts(
        kind=kind,
        confidence=confidence,
        subjects=len({spell.subject for spell in spells}),
        tenures=len(spells),
        events=at_risk.events,
        withdrawn=ends.count("withdrawn"),
        censored=ends.count("censored"),
        exposure_days=math.fsum((at_risk.low + at_risk.high) / 2),
        scope=scope,
    )


def _sentence(counts: Counts, prior: Prior) -> str:
    ended = "closed" if counts.kind == "gap" else "overtaken"
    observed = f"{counts.events} {ended} in {counts.exposure_days:.0f} days at the top"
    withdrawn = f", {counts.withdrawn} withdrawn by their provider" if counts.withdrawn else ""
    if _uses_prior(counts):
        return f"{observed}{withdrawn}: fewer than {PRIOR_USED_BELOW}, so the prior of {prior.mean_days:g} days counts."
    return f"{observed}{withdrawn}; the prior of {prior.mean_days:g} days is not used."
