"""The vertical axis that the charts share: its title lies flat above it, where it can be read."""

from typing import Any

import altair as alt


def upright(number_format: str, **more: Any) -> Any:
    """Return an axis with its title upright, above the drawing, and about five ticks in a d3 number format."""
    return alt.Axis(
        format=number_format, tickCount=5, titleAngle=0, titleAlign="left", titleAnchor="start", titleY=-16, **more
    )
