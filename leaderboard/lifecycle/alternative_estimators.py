"""Estimators beside the exponential, by lifelines: the medians of Kaplan–Meier and Weibull, and the log-rank test.

They assume less and need more data: a curve that never falls to one half has no median. lifelines is imported where it
is used, for its import takes longer than all else here.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from leaderboard.lifecycle.spell import Spell

FEWEST_FOR_SHAPE = 3
NEVER_SHORTER = 1e-3


class MedianSurvival(NamedTuple):
    """A median in days with its interval, None where it is not available, and a sentence that explains it."""

    days: float | None
    low: float | None
    high: float | None
    sentence: str


def kaplan_meier(spells: Sequence[Spell], *, confidence: float) -> MedianSurvival:
    """Return the age at which the Kaplan–Meier curve falls to one half; an end between two moments is in the middle.

    >>> days = {"entered": 0.0, "at_risk_from": 0.0, "ended_by": "overtaken"}
    >>> spells = [Spell(subject=f"m{d}", last_in=d, first_out=d, **days) for d in (10.0, 20.0, 30.0)]
    >>> kaplan_meier(spells, confidence=0.95).days
    20.0
    """
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    entry, ages, ended = _ages(spells)
    if not any(ended):
        return MedianSurvival(None, None, None, "Nobody was overtaken: the curve never falls.")
    fitter = KaplanMeierFitter(alpha=1 - confidence)
    with _quiet():
        fitter.fit(ages, ended, entry=entry if entry.any() else None)
        low, high = median_survival_times(fitter.confidence_interval_).to_numpy().ravel()
    days = _finite(fitter.median_survival_time_)
    sentence = "No shape assumed." if days is not None else "No shape assumed; the curve does not fall to one half."
    return MedianSurvival(days, _finite(low), _finite(high), sentence)


def weibull(spells: Sequence[Spell], *, confidence: float) -> MedianSurvival:
    """Return the median of the most likely Weibull distribution, whose hazard rises (ρ > 1) or falls with age.

    >>> days = {"entered": 0.0, "at_risk_from": 0.0, "ended_by": "overtaken"}
    >>> spells = [Spell(subject=f"m{d}", last_in=d, first_out=d, **days) for d in (10.0, 20.0, 30.0)]
    >>> median = weibull(spells, confidence=0.95)
    >>> round(median.days, 1), median.sentence
    (19.8, 'ρ = 2.74: the risk of being overtaken rises with age.')
    """
    from lifelines import WeibullFitter
    from lifelines.exceptions import ConvergenceError

    entry, ages, ended = _ages(spells)
    if sum(ended) < FEWEST_FOR_SHAPE:
        return MedianSurvival(None, None, None, f"Fewer than {FEWEST_FOR_SHAPE} events: the shape cannot be estimated.")
    fitter = WeibullFitter(alpha=1 - confidence)
    try:
        with _quiet():
            _fit(fitter, spells, (entry, ages, ended))
    except (ConvergenceError, ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        return MedianSurvival(None, None, None, f"Not fitted: {str(error).strip().splitlines()[0]}")
    rho = float(fitter.rho_)
    low, high = _delta(fitter, confidence)
    days = _finite(fitter.median_survival_time_)
    trend = "rises" if rho > 1 else "falls"
    return MedianSurvival(days, low, high, f"ρ = {rho:.2f}: the risk of being overtaken {trend} with age.")


def log_rank(a: Sequence[Spell], b: Sequence[Spell]) -> float | None:
    """Return the p value of equal survival in two groups of spells, None where nobody was overtaken.

    >>> days = {"entered": 0.0, "at_risk_from": 0.0, "ended_by": "overtaken"}
    >>> short, long = ([Spell(subject="m", last_in=d, first_out=d, **days) for d in ends]
    ...     for ends in ((1.0, 2.0, 3.0, 4.0), (30.0, 40.0, 50.0, 60.0)))
    >>> log_rank(short, long) < 0.05
    True
    """
    from lifelines.statistics import logrank_test

    (entry_a, ages_a, ended_a), (entry_b, ages_b, ended_b) = _ages(a), _ages(b)
    if not len(ages_a) or not len(ages_b) or not (ended_a.any() or ended_b.any()):
        return None
    with _quiet():
        test = logrank_test(
            ages_a,
            ages_b,
            ended_a,
            ended_b,
            entry_A=entry_a if entry_a.any() else None,
            entry_B=entry_b if entry_b.any() else None,
        )
    return _finite(test.p_value)


def _fit(fitter: Any, spells: Sequence[Spell], exact: tuple[Any, Any, Any]) -> None:
    """Fit ends between two moments as intervals where there are any, else the exact ages."""
    entry, ages, ended = exact
    delayed = entry if entry.any() else None
    widths = [spell.first_out - spell.last_in if spell.ended_by == "overtaken" else 0.0 for spell in spells]
    if not any(widths):
        fitter.fit(ages, ended, entry=delayed)
        return
    ended = [(spell, age) for spell, age in zip(spells, ages, strict=True) if age > 0]
    lower = [max(spell.last_in - spell.entered, 0.0) if spell.ended_by == "overtaken" else age for spell, age in ended]
    upper = [
        max(spell.first_out - spell.entered, NEVER_SHORTER) if spell.ended_by == "overtaken" else math.inf
        for spell, _ in ended
    ]
    fitter.fit_interval_censoring(np.array(lower), np.array(upper), entry=delayed)


def _delta(fitter: Any, confidence: float) -> tuple[float | None, float | None]:
    """Return the interval of the median λ (ln 2)^(1/ρ) by the delta method on its logarithm."""
    scale, shape = float(fitter.lambda_), float(fitter.rho_)
    slope = np.array([1 / scale, -math.log(math.log(2)) / shape**2])
    variance = float(slope @ fitter.variance_matrix_.to_numpy() @ slope)
    if not math.isfinite(variance) or variance < 0:
        return None, None
    centre = math.log(scale) + math.log(math.log(2)) / shape
    reach = float(special.ndtri((1 + confidence) / 2)) * math.sqrt(variance)
    return _exp(centre - reach), _exp(centre + reach)


def _ages(spells: Sequence[Spell]) -> tuple[Any, Any, Any]:
    """Return the age at which each spell came at risk, its age at its end, and whether it was overtaken."""
    entry = np.array([spell.at_risk_from - spell.entered for spell in spells], dtype=np.float64)
    ages = np.array([(spell.last_in + spell.first_out) / 2 - spell.entered for spell in spells], dtype=np.float64)
    ended = np.array([spell.ended_by == "overtaken" for spell in spells], dtype=np.bool_)
    return entry, np.maximum(ages, entry + NEVER_SHORTER), ended


def _exp(value: float) -> float | None:
    return math.exp(value) if value < 700 else None


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


class _quiet(warnings.catch_warnings):  # noqa: N801 - named like the context manager it is
    """Silence lifelines' warnings of curves without a median and of slow fits: the result says so itself."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")
