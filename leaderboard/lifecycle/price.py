"""How fast the price of a given quality falls: list prices and dates of what is on or near the front.

The price of a model whose quality is q, read on day t, is 2^(a + b·q − t/H): the hedonic regression (Griliches 1961).
H, the half-life, is the number of days in which the price of the same quality halves. Only prices on or near the front
count: nobody need pay more than twice the price of the cheapest model that is as good on that day.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from leaderboard.inference.vocabulary import Array
from leaderboard.lifecycle.half_life_estimate import Estimate

NEAR = 2.0
FEWEST = 5


class PricePoint(NamedTuple):
    """A price in US dollars a unit, read on a day, of a model of a certain quality."""

    model: str
    day: dt.date
    usd: float
    quality: float


def price_half_life(
    points: Sequence[PricePoint], *, unit: str, scope: Mapping[str, str] | None = None, confidence: float = 0.95
) -> Estimate:
    """Return the days in which the price of a given quality halves, from prices of one unit.

    The interval is Student's t on the slope over days, inverted; `high` is None where prices may not be falling at all,
    and `half_life_days` where they are not. Free models have no price that could fall and are left out.

    >>> points = [
    ...     PricePoint(f"m{week}", dt.date.fromordinal(739000 + 7 * week), 0.08 / 2**week, 0.9) for week in range(6)
    ... ]
    >>> round(price_half_life(points, unit="image").half_life_days, 1)
    7.0
    """
    near = on_front(points)
    scope = {**(scope or {}), "unit": unit}
    days = np.array([point.day.toordinal() for point in near], dtype=np.float64)
    if len(near) < FEWEST or len(set(days)) < 2:
        sentence = f"{len(near)} prices a {unit} on or near the front: at least {FEWEST}, of two days, are needed."
        return _estimate(near, scope, (None, None, None), sentence, confidence)
    slope, error, freedom = _slope(near, days)
    reach = float(special.stdtrit(freedom, (1 + confidence) / 2)) * error
    days_to_halve = (_inverted(slope), _inverted(slope - reach), _inverted(slope + reach))
    trend = "fall" if slope < 0 else "do not fall"
    sentence = f"{len(near)} prices a {unit} on or near the front {trend}, at equal quality."
    return _estimate(near, scope, days_to_halve, sentence, confidence)


def on_front(points: Sequence[PricePoint], *, near: float = NEAR) -> list[PricePoint]:
    """Return the prices that were at most `near` times the cheapest of at least the same quality on their day.

    A price holds until the same model has a newer one.

    >>> day = dt.date(2026, 1, 1)
    >>> points = [PricePoint("good", day, 0.04, 0.9), PricePoint("poor and dear", day, 0.10, 0.8)]
    >>> [point.model for point in on_front(points)]
    ['good']
    """
    front = []
    for point in points:
        current: dict[str, PricePoint] = {}
        for other in sorted(points, key=lambda price: price.day):
            if other.day <= point.day:
                current[other.model] = other
        rivals = [price.usd for price in current.values() if price.quality >= point.quality]
        if point.usd > 0 and point.usd <= near * min([point.usd, *rivals]):
            front.append(point)
    return front


def _slope(points: Sequence[PricePoint], days: Array) -> tuple[float, float, int]:
    """Return the slope of log2 price over days at equal quality, its standard error, and the degrees of freedom."""
    quality = np.array([point.quality for point in points], dtype=np.float64)
    columns = [np.ones_like(days), days - days.mean()]
    if np.ptp(quality) > 1e-12 * max(1.0, float(np.abs(quality).max())):
        columns.append((quality - quality.mean()) / quality.std())
    design = np.stack(columns, axis=1)
    prices = np.log2([point.usd for point in points])
    solved, _, rank, _ = np.linalg.lstsq(design, prices, rcond=None)
    freedom = len(points) - int(rank)
    if rank < design.shape[1] or freedom < 1:
        return float(solved[1]), math.inf, max(freedom, 1)
    spread = float(((prices - design @ solved) ** 2).sum()) / freedom
    return float(solved[1]), math.sqrt(spread * float(np.linalg.inv(design.T @ design)[1, 1])), freedom


def _inverted(slope: float) -> float | None:
    if math.isinf(slope):
        return 0.0 if slope < 0 else None
    return -1 / slope if slope < 0 else None


def _estimate(
    points: Sequence[PricePoint],
    scope: Mapping[str, str],
    days_to_halve: tuple[float | None, float | None, float | None],
    sentence: str,
    confidence: float,
) -> Estimate:
    models = {point.model for point in points}
    half_life, low, high = days_to_halve
    read_on = [point.day for point in points]
    days = float((max(read_on) - min(read_on)).days) if read_on else 0.0
    return Estimate(
        kind="price",
        method="hedonic",
        half_life_days=half_life,
        low=low,
        high=high,
        confidence=confidence,
        subjects=len(models),
        tenures=len(points),
        events=len(points),
        withdrawn=0,
        censored=0,
        exposure_days=days,
        prior_speaks=False,
        sentence=sentence,
        scope=scope,
    )
