"""The axes that the charts share: vertical titles lie flat, where they can be read; logarithms get round numbers."""

import math
from collections.abc import Iterable
from typing import Any

import altair as alt


def upright(number_format: str | None = None, **more: Any) -> Any:
    """Return an axis with its title upright, above the drawing; of numbers about five ticks in a d3 format."""
    written = {"format": number_format, "tickCount": 5} if number_format else {}
    return alt.Axis(titleAngle=0, titleAlign="left", titleAnchor="start", titleY=-16, **written, **more)


def logarithmic(values: Iterable[float], number_format: str, *, title: str, flat: bool = False) -> dict[str, Any]:
    """Return title, scale and axis of a logarithmic channel that holds all values; `flat` for an upright title."""
    held = list(values)
    low, high = min(held), max(held)
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
    values = (float(f"{m}e{e}") for e in exponents for m in steps)
    return [value for value in values if low <= value <= high]
