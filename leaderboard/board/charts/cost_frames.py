"""What the charts of the cost surface are drawn from: the quantities, their axes, marks on the curves, map labels."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from leaderboard import formatting
from leaderboard.board.charts.compute import AxisScale
from leaderboard.board.charts.drawable import drawable
from leaderboard.cost_model import surface_tables as cost_surface
from leaderboard.cost_model.surface import Surface, SurfaceQuery

if TYPE_CHECKING:
    import pandas as pd


class Quantity(NamedTuple):
    """What is drawn: its name and its axis."""

    title: str
    scale: AxisScale


class CurveAxis(NamedTuple):
    """A horizontal axis of the curves, and the heading above its chart."""

    heading: str
    scale: AxisScale


QUANTITIES: Final[Mapping[str, Quantity]] = {
    "flops": Quantity("FLOPs", AxisScale("tflop", "TFLOP per call (log)", "~s")),
    "seconds": Quantity("Predicted seconds", AxisScale("seconds", "Predicted seconds per call (log)", "~g")),
    "usd": Quantity("US dollars", AxisScale("usd", "US dollars per image or clip (log)", "$~g")),
}
CURVE_AXES: Final[Mapping[str, CurveAxis]] = {
    "megapixels": CurveAxis("By resolution", AxisScale("megapixels", "Megapixels (log)", "~g")),
    "duration": CurveAxis("By duration", AxisScale("duration", "Seconds of video (log)", "~g")),
    "steps": CurveAxis("By steps", AxisScale("steps", "Steps (log)", "~g")),
}
MAP_ROWS: Final = AxisScale("resolution", "Resolution")


def map_columns(surface: Surface, model: str) -> AxisScale:
    """Return what a model's map varies beside the resolution: seconds of video, or steps."""
    return AxisScale("across", "Seconds of video" if surface.is_video(model) else "Steps")


def marks(surface: Surface, models: Sequence[str], query: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return the marks on the curves: the chosen shape, measured shapes, where attention overtakes the rest."""
    import pandas as pd

    models = [model for model in models if by != "duration" or surface.is_video(model)]
    chosen = cost_surface.table([surface.answer(model, query) for model in models]).assign(mark="this shape")
    crossings = [
        cost_surface.crossings(surface, model, query, by=by).assign(mark="attention overtakes the rest")
        for model in models
    ]
    measured = [cost_surface.measured(surface, model, query, by=by).assign(mark="measured") for model in models]
    parts = [chosen, *(part for part in (*measured, *crossings) if len(part))]
    frame = pd.concat(parts, ignore_index=True)
    return drawable(frame, [], logarithmic=[by])


def labelled(frame: "pd.DataFrame", quantity: Quantity) -> "pd.DataFrame":
    """Return a map's frame with the text of each cell (`label`), and which cells are `dark`."""
    column = quantity.scale.column
    cells = drawable(frame, [], logarithmic=[column])
    write = {"tflop": formatting.compact, "seconds": formatting.seconds, "usd": formatting.dollars}[column]
    middle = (cells[column].max() * cells[column].min()) ** 0.5 if len(cells) else 1.0
    return cells.assign(label=cells[column].map(write), dark=cells[column] > middle)
