"""How fast the price of a given quality falls: list prices and dates of what is on or near the front.

The price of a model whose quality is q, read on day t, is 2^(a + b·q − t/H): the hedonic regression (Griliches 1961).
H, the half-life, is the number of days in which the same quality comes to cost half. Only prices on or near the front
say what quality costs: what is dearer than twice the cheapest as good on that day is what nobody need pay.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from leaderboard.inference.intervals import Array
from leaderboard.lifecycle.estimates import Estimate

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
    """Return the days in which a given quality comes to cost half, from prices of one unit.

    The interval is Student's t on the slope over days, turned over; `high` is None where prices may not be falling at
    all, and `half_life_days` where they are not. Free models have no price that could fall and are left out.
    """
    near = on_front(points)
    where = {**(scope or {}), "unit": unit}
    days = np.array([point.day.toordinal() for point in near], dtype=np.float64)
    if len(near) < FEWEST or len(set(days)) < 2:
        words = f"{len(near)} prices a {unit} on or near the front: at least {FEWEST}, of two days, are needed."
        return _estimate(near, where, (None, None, None), words, confidence)
    slope, error, freedom = _slope(near, days)
    reach = float(special.stdtrit(freedom, (1 + confidence) / 2)) * error
    found = (_turned(slope), _turned(slope - reach), _turned(slope + reach))
    trend = "fall" if slope < 0 else "do not fall"
    words = f"{len(near)} prices a {unit} on or near the front {trend}, at equal quality."
    return _estimate(near, where, found, words, confidence)


def on_front(points: Sequence[PricePoint], *, near: float = NEAR) -> list[PricePoint]:
    """Return the prices that were at most `near` times the cheapest of at least the same quality on their day.

    A price holds until the same model has a newer one.
    """
    found = []
    for point in points:
        known: dict[str, PricePoint] = {}
        for other in sorted(points, key=lambda one: one.day):
            if other.day <= point.day:
                known[other.model] = other
        rivals = [one.usd for one in known.values() if one.quality >= point.quality]
        if point.usd > 0 and point.usd <= near * min([point.usd, *rivals]):
            found.append(point)
    return found


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


def _turned(slope: float) -> float | None:
    if math.isinf(slope):
        return 0.0 if slope < 0 else None
    return -1 / slope if slope < 0 else None


def _estimate(
    points: Sequence[PricePoint],
    scope: Mapping[str, str],
    found: tuple[float | None, float | None, float | None],
    sentence: str,
    confidence: float,
) -> Estimate:
    models = {point.model for point in points}
    span = max((point.day for point in points), default=None), min((point.day for point in points), default=None)
    days = float((span[0] - span[1]).days) if span[0] and span[1] else 0.0
    return Estimate(
        kind="price",
        method="hedonic",
        half_life_days=found[0],
        low=found[1],
        high=found[2],
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
