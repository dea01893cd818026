"""Student's t without scipy, whose import takes longer than all else that the command line does for an answer."""

import functools
import math

HALVINGS = 60


@functools.lru_cache(maxsize=1024)
def t_quantile(freedom: int, confidence: float) -> float:
    """Return the two-sided quantile of Student's t: the t with P(|T| ≤ t) = `confidence`.

    The angle atan(t / √freedom) is found by halving on the finite series of whole degrees of freedom (Abramowitz and
    Stegun 1964, 26.7.3 and 26.7.4). Raises ValueError for less than 1 degree or a confidence that is not in (0, 1).
    """
    if freedom < 1 or not 0 < confidence < 1:
        raise ValueError(f"Expected 1 degree or more and a confidence in (0, 1), got {freedom} and {confidence}.")
    low, high = 0.0, math.pi / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return math.sqrt(freedom) * math.tan((low + high) / 2)


def _within(angle: float, freedom: int) -> float:
    """Return P(|T| ≤ √freedom · tan(angle))."""
    odd, sine, cosine = freedom % 2 == 1, math.sin(angle), math.cos(angle)
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for number in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine * cosine * ((number - 1) / number)
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
