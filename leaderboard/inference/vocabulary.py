"""What the statistics are about: arrays of numbers, and the bounds that a metric declares."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bounds: TypeAlias = tuple[float | None, float | None]
Array: TypeAlias = npt.NDArray[np.float64]

UNBOUNDED: Bounds = (None, None)


def mirrored(bounds: Bounds) -> Bounds:
    """Return the bounds of the negative values.

    >>> mirrored((0.0, None))
    (None, 0.0)
    """
    floor, ceiling = bounds
    return None if ceiling is None else 0.0 - ceiling, None if floor is None else 0.0 - floor


def difference_bounds(bounds: Bounds) -> Bounds:
    """Return the bounds of a difference of two values; none where a value has only one.

    >>> difference_bounds((0.0, 1.0)), difference_bounds((0.0, None))
    ((-1.0, 1.0), (None, None))
    """
    floor, ceiling = bounds
    return UNBOUNDED if floor is None or ceiling is None else (floor - ceiling, ceiling - floor)
