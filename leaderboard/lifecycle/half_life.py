"""The half-life of a place at the top: a right-censored exponential with a Gamma prior, in closed form.

Time in the top k is taken as exponential with rate λ; exposure adds up over tenures, censored ones included, and events
are tenures that ended by being overtaken. Below 8 events the prior speaks: with λ ~ Gamma(shape, rate) the posterior is
Gamma(shape + events, rate + exposure), and half-life = ln 2 / λ has its mean and quantiles in closed form, without any
event too. From 8 events on the data speak alone: ln 2 · exposure / events, with the interval of Jeffreys' prior, which
covers what it says at half-lives far from the prior's (docs/decisions/008). Dropping the censored tenures, or counting
them as ended, makes a half-life of 30 days look like 22.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from leaderboard.lifecycle.tenure import Tenure

PRIOR_SPEAKS_BELOW = 8
STALE_AT = 0.8
EXPIRED_AT = 0.5
SHORTEST_DAYS = 1e-6
"""Less exposure than this is none."""
JEFFREYS = (0.5, 0.0)
"""Shape and rate of the prior λ^(−1/2): its interval at a fixed count lies between Garwood's two ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before any tenure is seen: a Gamma of this shape whose mean half-life is `mean_days`.

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

    `days` is None, and `high` None, where there is neither an event nor a prior. `sentence` says when the prior speaks.
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
    """
    if len(durations) != len(events) or any(not math.isfinite(days) or days < 0 for days in durations):
        raise ValueError("Expected as many durations of 0 or more days as events, got something else.")
    exposure, happened = math.fsum(durations), sum(map(bool, events))
    days, low, high = _bracket(exposure, happened, (1 - confidence) / 2, prior)
    speaks = prior is not None and (happened < PRIOR_SPEAKS_BELOW or exposure < SHORTEST_DAYS)
    return HalfLife(
        days=days,
        low=low,
        high=high,
        confidence=confidence,
        events=happened,
        subjects=len(durations),
        exposure_days=exposure,
        prior=prior,
        prior_speaks=speaks,
        method="right-censored exponential" + (", Gamma prior" if prior else ""),
        sentence=_sentence(happened, exposure, prior),
    )


def of_tenures(found: Sequence[Tenure], *, prior: Prior | None = None, confidence: float = 0.95) -> HalfLife:
    """Return the half-life of tenures; only tenures that were at risk count, and only "overtaken" is an event.

    The exponential has no memory, so a tenure seen from its middle on counts from there (left truncation).
    """
    at_risk = [one for one in found if one.observed_from is not None]
    return half_life(
        [one.exposure_days for one in at_risk],
        [one.ended_by == "overtaken" for one in at_risk],
        prior=prior,
        confidence=confidence,
    )


def age_at(probability: float, half_life_days: float) -> float:
    """Return the age in days at which the probability to be still in the top k has fallen to `probability`.

    0.8, where a route turns stale, is 0.32 half-lives; 0.5, where it expires, is one.
    """
    return -half_life_days * math.log2(probability)


def _bracket(exposure: float, events: int, tail: float, prior: Prior | None) -> tuple[float | None, ...]:
    """Return the half-life and the ends of its interval."""
    if prior is None:
        return _without_prior(exposure, events, tail)
    speaks = events < PRIOR_SPEAKS_BELOW or exposure < SHORTEST_DAYS
    shape, rate = (prior.shape, prior.rate_days) if speaks else JEFFREYS
    shape, rate = shape + events, rate + exposure
    low, high = (math.log(2) * rate / float(special.gammaincinv(shape, q)) for q in (1 - tail, tail))
    return math.log(2) * rate / (shape - 1 if speaks else events), low, high


def _without_prior(exposure: float, events: int, tail: float) -> tuple[float | None, float | None, float | None]:
    if exposure == 0:
        return None, None, None
    scale = exposure * math.log(2)
    low = scale / float(special.gammaincinv(events + 1, 1 - tail))
    if events == 0:
        return None, low, None
    return scale / events, low, scale / float(special.gammaincinv(events, tail))


def _sentence(events: int, exposure: float, prior: Prior | None) -> str:
    seen = f"{events} model{'' if events == 1 else 's'} overtaken in {exposure:.0f} days at the top"
    if prior is None:
        return f"{seen}, no prior." if events else f"{seen}: without an event there is only a lower end."
    if events < PRIOR_SPEAKS_BELOW or exposure < SHORTEST_DAYS:
        return f"{seen}: fewer than {PRIOR_SPEAKS_BELOW}, so the prior of {prior.mean_days:g} days still speaks."
    return f"{seen}; the prior of {prior.mean_days:g} days is silent."
