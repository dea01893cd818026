"""Intervals of a rate (failures, refusals): Wilson, and the rule of three where nothing, or everything, happened."""

from scipy import special

from leaderboard.inference.intervals import Interval, unseen_share, without_interval


def rate_interval(events: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Return `events` out of `n` as a rate in [0, 1] with Wilson's score interval (Wilson 1927).

    Zero events, or n of n, get the exact rule of three: the other end is one-sided at `confidence`. Without trials the
    estimate is 0, with no interval and the reason. Raises ValueError unless 0 ≤ events ≤ n.

    >>> [(round(rate.low, 3), round(rate.high, 3)) for rate in (rate_interval(3, 20), rate_interval(0, 20))]
    [(0.052, 0.36), (0.0, 0.139)]
    """
    if not 0 <= events <= n:
        raise ValueError(f"Expected events between 0 and n, got {events} of {n}.")
    if n == 0:
        return without_interval(0.0, n=0, confidence=confidence, reason="Nothing was tried.")
    if events in (0, n):
        reach = unseen_share(n, confidence)
        low, high = (0.0, reach) if events == 0 else (1 - reach, 1.0)
        return Interval(estimate=events / n, low=low, high=high, n=n, method="rule of three", confidence=confidence)
    low, high = _wilson(events / n, n, confidence=confidence)
    return Interval(estimate=events / n, low=low, high=high, n=n, method="Wilson", confidence=confidence)


def _wilson(rate: float, n: int, *, confidence: float) -> tuple[float, float]:
    z = float(special.ndtri((1 + confidence) / 2))
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * (rate * (1 - rate) / n + z * z / (4 * n * n)) ** 0.5
    return max(centre - reach, 0.0), min(centre + reach, 1.0)
