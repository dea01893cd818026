"""The half-life of a place at the top: a right-censored exponential with a Gamma prior, in closed form.

Time in the top k is modelled as exponential with rate λ; exposure adds up over tenures, censored ones included, and
events are tenures that ended by being overtaken. Below 8 events the prior is used: with λ ~ Gamma(shape, rate) the
posterior is Gamma(shape + events, rate + exposure), and half-life = ln 2 / λ has its mean and quantiles in closed form,
without any event too. From 8 events on it is ln 2 · exposure / events, with the interval of Jeffreys' prior, whose
coverage holds at half-lives far from the prior's (docs/decisions/008). Without the censored tenures, or with those
counted as ended, a half-life of 30 days would look like 22.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from leaderboard.lifecycle.tenure import Tenure

PRIOR_USED_BELOW = 8
STALE_AT = 0.8
EXPIRED_AT = 0.5
SHORTEST_DAYS = 1e-6
"""Less exposure than this is none."""
JEFFREYS = (0.5, 0.0)
"""Shape and rate of the prior λ^(−1/2): its interval at a fixed count lies between Garwood's two ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The belief about the half-life before any data: a Gamma of this shape whose mean half-life is `mean_days`.

    30 days is what fal reported for the top five video models in the middle of 2025: a prior, not the answer.
    """

    shape: float = 2.0
    mean_days: float = 30.0

    def __post_init__(self) -> None:
        if self.shape <= 1 or self.mean_days <= 0:
            raise ValueError(
                f"Expected a shape above 1 and a mean above 0 days, got {self.shape} and {self.mean_days}."
            )

    @property
    def rate_days(self) -> float:
        """The Gamma's rate in days: E[ln 2 / λ] = ln 2 · rate / (shape − 1) is the mean half-life."""
        return self.mean_days * (self.shape - 1) / math.log(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfLife:
    """Days after which a place in the top k is lost with probability one half, with its interval.

    `days` and `high` are None where there is neither an event nor a prior. `sentence` says when the prior is used.
    """

    days: float | None
    low: float | None
    high: float | None
    confidence: float
    events: int
    subjects: int
    exposure_days: float
    prior: Prior | None
    prior_speaks: bool
    method: str
    sentence: str


def half_life(
    durations: Sequence[float], events: Sequence[bool], *, prior: Prior | None = None, confidence: float = 0.95
) -> HalfLife:
    """Return the half-life from days of exposure and whether each ended by the event (False: censored).

    Without a prior: ln 2 · exposure / events, with the Poisson interval of the event count (Garwood 1936). With one:
    the posterior mean ln 2 · (rate + exposure) / (shape + events − 1) and posterior quantiles below 8 events; from 8 on
    the estimate without a prior and the interval of Jeffreys' prior. Raises ValueError on negative durations or unequal
    lengths.

    >>> round(half_life([30.0, 30.0, 40.0], [True, True, False]).days, 1)
    34.7
    >>> round(half_life([], [], prior=Prior()).days, 1)
    30.0
    """
    if len(durations) != len(events) or any(not math.isfinite(days) or days < 0 for days in durations):
        raise ValueError("Expected as many durations of 0 or more days as events, got something else.")
    exposure, count = math.fsum(durations), sum(map(bool, events))
    days, low, high = _interval(exposure, count, (1 - confidence) / 2, prior)
    uses_prior = prior is not None and (count < PRIOR_USED_BELOW or exposure < SHORTEST_DAYS)
    return HalfLife(
        days=days,
        low=low,
        high=high,
        confidence=confidence,
        events=count,
        subjects=len(durations),
        exposure_days=exposure,
        prior=prior,
        prior_speaks=uses_prior,
        method="right-censored exponential" + (", Gamma prior" if prior else ""),
        sentence=_sentence(count, exposure, prior),
    )


def half_life_of_tenures(
    tenures: Sequence[Tenure], *, prior: Prior | None = None, confidence: float = 0.95
) -> HalfLife:
    """Return the half-life of tenures; only tenures that were at risk count, and only "overtaken" is an event.

    The exponential has no memory, so a tenure whose beginning was not observed counts from the first day it was (left
    truncation).

    >>> import datetime as dt
    >>> from leaderboard.lifecycle.tenure import TenureProtocol, tenures
    >>> ranks = {dt.date(2026, 1, day): {"a": rank, "b": 3 - rank} for day, rank in ((1, 1), (4, 1), (8, 2))}
    >>> top = tenures(ranks, protocol=TenureProtocol(k=1, gap_days=0))
    >>> estimate = half_life_of_tenures(top)
    >>> estimate.events, estimate.exposure_days
    (1, 5.5)
    """
    at_risk = [tenure for tenure in tenures if tenure.observed_from is not None]
    return half_life(
        [tenure.exposure_days for tenure in at_risk],
        [tenure.ended_by == "overtaken" for tenure in at_risk],
        prior=prior,
        confidence=confidence,
    )


def age_at(probability: float, half_life_days: float) -> float:
    """Return the age in days at which the probability to be still in the top k has fallen to `probability`.

    0.8, where a route turns stale, is 0.32 half-lives; 0.5, where it expires, is one.

    >>> age_at(0.5, 30.0), round(age_at(0.8, 30.0), 2)
    (30.0, 9.66)
    """
    return -half_life_days * math.log2(probability)


def _interval(exposure: float, events: int, tail: float, prior: Prior | None) -> tuple[float | None, ...]:
    """Return the half-life and the ends of its interval."""
    if prior is None:
        return _without_prior(exposure, events, tail)
    uses_prior = events < PRIOR_USED_BELOW or exposure < SHORTEST_DAYS
    shape, rate = (prior.shape, prior.rate_days) if uses_prior else JEFFREYS
    shape, rate = shape + events, rate + exposure
    low, high = (math.log(2) * rate / float(special.gammaincinv(shape, q)) for q in (1 - tail, tail))
    return math.log(2) * rate / (shape - 1 if uses_prior else events), low, high


def _without_prior(exposure: float, events: int, tail: float) -> tuple[float | None, float | None, float | None]:
    if exposure == 0:
        return None, None, None
    scale = exposure * math.log(2)
    low = scale / float(special.gammaincinv(events + 1, 1 - tail))
    if events == 0:
        return None, low, None
    return scale / events, low, scale / float(special.gammaincinv(events, tail))


def _sentence(events: int, exposure: float, prior: Prior | None) -> str:
    observed = f"{events} model{'' if events == 1 else 's'} overtaken in {exposure:.0f} days at the top"
    if prior is None:
        return f"{observed}, no prior." if events else f"{observed}: without an event there is only a lower end."
    if events < PRIOR_USED_BELOW or exposure < SHORTEST_DAYS:
        return f"{observed}: fewer than {PRIOR_USED_BELOW}, so the prior of {prior.mean_days:g} days still counts."
    return f"{observed}; the prior of {prior.mean_days:g} days is not used."
