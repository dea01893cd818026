"""The interval of a rate (failures, refusals): Clopper and Pearson's exact one."""

from leaderboard.inference.intervals import Interval, method, without_interval
from leaderboard.inference.mean_ends import lower_end, share_moments, upper_end
from leaderboard.inference.vocabulary import Bounds

SHARE: Bounds = (0.0, 1.0)


def rate_interval(events: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Return `events` out of `n` as a rate in [0, 1] with its exact interval (Clopper and Pearson 1934).

    It is the interval of a mean of zeros and ones. Without trials the estimate is 0, with no interval and the reason.
    Raises ValueError unless 0 ≤ events ≤ n.

    >>> [(round(rate.low, 3), round(rate.high, 3)) for rate in (rate_interval(3, 20), rate_interval(0, 20))]
    [(0.032, 0.379), (0.0, 0.168)]
    """
    if not 0 <= events <= n:
        raise ValueError(f"Expected events between 0 and n, got {events} of {n}.")
    if n == 0:
        return without_interval(0.0, n=0, confidence=confidence, reason="Nothing was tried.")
    sample, tail = share_moments(events, n), (1 - confidence) / 2
    low, high = float(lower_end(sample, tail, SHARE)), float(upper_end(sample, tail, SHARE))
    return Interval(estimate=events / n, low=low, high=high, n=n, method=method(SHARE), confidence=confidence)
