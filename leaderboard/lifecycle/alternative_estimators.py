"""What stands beside the core, by lifelines: Kaplan and Meier's median, Weibull's, and the log-rank test.

They assume less, and need more: the median of a curve that never falls to one half does not exist.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from leaderboard.lifecycle.spell import Spell

FEWEST_FOR_SHAPE = 3
NEVER_SHORTER = 1e-3


class Median(NamedTuple):
    """A median in days with its interval, None where there is none, and a sentence where that needs one."""

    days: float | None
    low: float | None
    high: float | None
    sentence: str


def kaplan_meier(stays: Sequence[Spell], *, confidence: float) -> Median:
    """Return the age at which the Kaplan–Meier curve falls to one half; bracketed ends are taken in their middle."""
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    entry, ages, ended = _ages(stays)
    if not any(ended):
        return Median(None, None, None, "Nobody was overtaken: the curve never falls.")
    fitter = KaplanMeierFitter(alpha=1 - confidence)
    with _quiet():
        fitter.fit(ages, ended, entry=entry if entry.any() else None)
        low, high = median_survival_times(fitter.confidence_interval_).to_numpy().ravel()
    days = _finite(fitter.median_survival_time_)
    sentence = "No shape assumed." if days is not None else "No shape assumed; the curve does not fall to one half."
    return Median(days, _finite(low), _finite(high), sentence)


def weibull(stays: Sequence[Spell], *, confidence: float) -> Median:
    """Return the median of a Weibull distribution, whose hazard may rise or fall with age (ρ), by its likelihood."""
    from lifelines import WeibullFitter
    from lifelines.exceptions import ConvergenceError

    entry, ages, ended = _ages(stays)
    if sum(ended) < FEWEST_FOR_SHAPE:
        return Median(None, None, None, f"Fewer than {FEWEST_FOR_SHAPE} events: a shape cannot be told.")
    fitter = WeibullFitter(alpha=1 - confidence)
    try:
        with _quiet():
            _fit(fitter, stays, (entry, ages, ended))
    except (ConvergenceError, ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        return Median(None, None, None, f"Not fitted: {str(error).strip().splitlines()[0]}")
    rho = float(fitter.rho_)
    low, high = _delta(fitter, confidence)
    days = _finite(fitter.median_survival_time_)
    trend = "rises" if rho > 1 else "falls"
    return Median(days, low, high, f"ρ = {rho:.2f}: the risk of being overtaken {trend} with age.")


def log_rank(a: Sequence[Spell], b: Sequence[Spell]) -> float | None:
    """Return the p value of equal survival in two groups of stays, None where nobody was overtaken."""
    from lifelines.statistics import logrank_test

    (entry_a, ages_a, ended_a), (entry_b, ages_b, ended_b) = _ages(a), _ages(b)
    if not len(ages_a) or not len(ages_b) or not (ended_a.any() or ended_b.any()):
        return None
    with _quiet():
        tested = logrank_test(
            ages_a,
            ages_b,
            ended_a,
            ended_b,
            entry_A=entry_a if entry_a.any() else None,
            entry_B=entry_b if entry_b.any() else None,
        )
    return _finite(tested.p_value)


def _fit(fitter: Any, stays: Sequence[Spell], exact: tuple[Any, Any, Any]) -> None:
    """Fit brackets as brackets where there are any, else the exact ages."""
    entry, ages, ended = exact
    delayed = entry if entry.any() else None
    wide = [one.first_out - one.last_in if one.ended_by == "overtaken" else 0.0 for one in stays]
    if not any(wide):
        fitter.fit(ages, ended, entry=delayed)
        return
    held = [(one, stop) for one, stop in zip(stays, ages, strict=True) if stop > 0]
    lower = [max(one.last_in - one.entered, 0.0) if one.ended_by == "overtaken" else stop for one, stop in held]
    upper = [max(one.first_out - one.entered, 1e-3) if one.ended_by == "overtaken" else math.inf for one, stop in held]
    fitter.fit_interval_censoring(np.array(lower), np.array(upper), entry=delayed)


def _delta(fitter: Any, confidence: float) -> tuple[float | None, float | None]:
    """Return the interval of the median λ (ln 2)^(1/ρ) by the delta method on its logarithm."""
    from scipy import special

    scale, shape = float(fitter.lambda_), float(fitter.rho_)
    slope = np.array([1 / scale, -math.log(math.log(2)) / shape**2])
    variance = float(slope @ fitter.variance_matrix_.to_numpy() @ slope)
    if not math.isfinite(variance) or variance < 0:
        return None, None
    centre = math.log(scale) + math.log(math.log(2)) / shape
    reach = float(special.ndtri((1 + confidence) / 2)) * math.sqrt(variance)
    return _exp(centre - reach), _exp(centre + reach)


def _ages(stays: Sequence[Spell]) -> tuple[Any, Any, Any]:
    """Return the age at which each came at risk, its age at its end, and whether it was overtaken."""
    entry = np.array([one.at_risk_from - one.entered for one in stays], dtype=np.float64)
    ages = np.array([(one.last_in + one.first_out) / 2 - one.entered for one in stays], dtype=np.float64)
    ended = np.array([one.ended_by == "overtaken" for one in stays], dtype=np.bool_)
    return entry, np.maximum(ages, entry + NEVER_SHORTER), ended


def _exp(value: float) -> float | None:
    return math.exp(value) if value < 700 else None


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


class _quiet(warnings.catch_warnings):  # noqa: N801 - a context like the one it is
    """lifelines warns of curves without a median and of slow fits; both are answered here by what is returned."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.simplefilter("ignore")
