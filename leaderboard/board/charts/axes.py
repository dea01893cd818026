"""The axes that the charts share: a vertical axis has its title above it, a logarithmic one has round numbers."""

import math
from collections.abc import Iterable
from typing import Any

import altair as alt

from leaderboard.board.charts.drawable import LARGEST


def upright(number_format: str | None = None, **more: Any) -> Any:
    """Return a vertical axis with its title above the drawing; with `number_format` (d3) about five ticks."""
    ticks = {"format": number_format, "tickCount": 5} if number_format else {}
    return alt.Axis(titleAngle=0, titleAlign="left", titleAnchor="start", titleY=-16, **ticks, **more)


def logarithmic(values: Iterable[float], number_format: str, *, title: str, flat: bool = False) -> dict[str, Any]:
    """Return title, scale and axis of a logarithmic channel with all values above 0; `flat` puts the title above it."""
    values = [value for value in values if 1 / LARGEST <= value <= LARGEST] or [1.0]
    low, high = min(values), max(values)
    low, high = (low / 1.3, high * 1.3) if low == high else (low, high)
    marks = {"values": round_numbers(low, high), "labelOverlap": True}
    axis = upright(number_format, **marks) if flat else alt.Axis(format=number_format, titleAnchor="end", **marks)
    return {"title": title, "scale": alt.Scale(type="log", domain=[low, high], nice=False), "axis": axis}


def round_numbers(low: float, high: float) -> list[float]:
    """Return the round numbers of a logarithmic axis: 1, 2, 5 of each power where they are few, else powers of ten.

    >>> round_numbers(0.08, 3.0), round_numbers(0.5, 5000.0)
    ([0.1, 0.2, 0.5, 1.0, 2.0], [1.0, 10.0, 100.0, 1000.0])
    """
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1,) if math.log10(high / low) > 3 else (1, 2, 5)
    candidates = (float(f"{step}e{exponent}") for exponent in exponents for step in steps)
    return [value for value in candidates if low <= value <= high]
