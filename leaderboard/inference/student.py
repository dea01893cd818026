"""Student's t quantile without scipy, whose import would take longer than a whole answer of the command line.

Modules that import scipy anyway call `scipy.special.stdtrit` themselves; the two agree to 13 digits.
"""

import functools
import math

BISECTIONS = 60


@functools.lru_cache(maxsize=1024)
def t_quantile(freedom: int, confidence: float) -> float:
    """Return the two-sided quantile of Student's t: the t with P(|T| ≤ t) = `confidence`.

    The angle atan(t / √freedom) is found by bisection on the finite series for integer degrees of freedom (Abramowitz
    and Stegun 1964, 26.7.3 and 26.7.4). Raises ValueError for less than 1 degree or a confidence outside (0, 1).

    >>> round(t_quantile(9, 0.95), 4)
    2.2622
    """
    if freedom < 1 or not 0 < confidence < 1:
        raise ValueError(f"Expected 1 degree or more and a confidence in (0, 1), got {freedom} and {confidence}.")
    low, high = 0.0, math.pi / 2
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if _probability(middle, freedom) < confidence else (low, middle)
    return math.sqrt(freedom) * math.tan((low + high) / 2)


def _probability(angle: float, freedom: int) -> float:
    """Return P(|T| ≤ √freedom · tan(angle))."""
    odd, sine, cosine = freedom % 2 == 1, math.sin(angle), math.cos(angle)
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for number in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine * cosine * ((number - 1) / number)
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
