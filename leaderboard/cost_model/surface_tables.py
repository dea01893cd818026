"""Tables of a cost surface for charts: curves, heat maps, crossings and measurements, as frames."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from data.architectures.architecture import Architecture
from data.errors import ShapeError
from data.measurements import Measurement
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.measurements import TERA
from leaderboard.cost_model.surface import (
    OWN_STEPS,
    RESOLUTIONS,
    NamedResolution,
    Surface,
    SurfaceQuery,
    accepted,
)

if TYPE_CHECKING:
    import pandas as pd

CURVE_SIDES: Final = (256, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 4096)
CURVE_SECONDS: Final = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
HEAT_SECONDS: Final = (1, 2, 5, 10, 20)
HEAT_STEPS: Final = (1, 4, 8, 20, 28, 50)
CURVE_STEPS: Final = (1, 2, 4, 8, 12, 16, 20, 28, 40, 50, 75, 100)


def table(estimates: Sequence[CostEstimate]) -> "pd.DataFrame":
    """Return estimates as a frame for charts, one row each.

    Its columns: model, title, shape, megapixels, duration (seconds of video), steps, tokens, tflop, seconds, usd.
    """
    import pandas as pd

    columns: dict[str, Callable[[CostEstimate], Any]] = {
        "model": lambda estimate: estimate.model,
        "title": lambda estimate: estimate.title,
        "shape": lambda estimate: estimate.words,
        "megapixels": lambda estimate: estimate.shape.width * estimate.shape.height / 1e6,
        "duration": lambda estimate: estimate.video_seconds or 0.0,
        "steps": lambda estimate: estimate.shape.steps,
        "tokens": lambda estimate: estimate.tokens,
        "tflop": lambda estimate: estimate.flops / TERA,
        "seconds": lambda estimate: estimate.seconds,
        "usd": lambda estimate: estimate.usd,
    }
    return pd.DataFrame(
        {name: [read(estimate) for estimate in estimates] for name, read in columns.items()}, columns=list(columns)
    )


def crossings(surface: Surface, model: str, query: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return where along `by` ("megapixels" or "duration") attention overtakes the rest of a model; or no row."""
    line = surface.along(model, _along(query, by))
    crossover = surface.flops_model.profile(model, line[0].shape).crossover_tokens if line else None
    first = next((estimate for estimate in line if crossover and estimate.tokens >= crossover), None)
    return table([first] if first and first is not line[0] else [])


def measured(surface: Surface, model: str, query: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return the measurements of a model that lie on its curve: equal to the query in all but `by`; or no row."""
    architecture = surface.architecture(model)
    on_curve = [cell for cell in surface.cells if _on_curve(cell, architecture, query, by)]
    return table([surface.measured_at(cell, query.place) for cell in on_curve])


def _on_curve(cell: Measurement, architecture: Architecture, query: SurfaceQuery, by: str) -> bool:
    setup, shape = cell.setup, cell.setup.shape
    where = (architecture.id, query.place.accelerator.name, query.place.software)
    if (setup.model, setup.accelerator, setup.configuration.software) != where:
        return False
    if by == "duration":
        query = replace(query, seconds=architecture.seconds(shape) or 0.0)
    elif by == "steps":
        query = replace(query, steps=shape.steps)
    else:
        query = replace(query, resolution=NamedResolution("", shape.width, shape.height))
    return shape in accepted(architecture, query)


def curves(surface: Surface, models: Sequence[str], query: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return models' estimates along `by`: "megapixels", "duration" (videos alone) or "steps"."""
    lines = [surface.along(model, _along(query, by)) for model in models if by != "duration" or surface.is_video(model)]
    return table([estimate for line in lines if len(line) > 1 for estimate in line])


def heat(surface: Surface, model: str, query: SurfaceQuery) -> "pd.DataFrame":
    """Return a video model over resolution × seconds, a picture model over resolution × steps.

    With the columns of `table`, and `resolution` and `across` in words.
    """
    video = surface.is_video(model)
    estimates, names = list[CostEstimate](), list[tuple[str, str]]()
    for resolution in RESOLUTIONS:
        for number in HEAT_SECONDS if video else HEAT_STEPS:
            other = {"seconds": float(number)} if video else {"steps": number}
            try:
                estimates.append(surface.answer(model, replace(query, resolution=resolution, **other)))
            except ShapeError:
                continue
            names.append((resolution.name, f"{number} s" if video else f"{number}"))
    return table(estimates).assign(resolution=[row for row, _ in names], across=[column for _, column in names])


def claims(surface: Surface, models: Sequence[str], query: SurfaceQuery) -> list[CostEstimate]:
    """Return each model at its own conventions: what it means by an image or a video."""
    estimates = []
    for model in models:
        architecture = surface.architecture(model)
        defaults = architecture.conventions
        resolution = NamedResolution(f"{defaults.width}×{defaults.height}", defaults.width, defaults.height)
        seconds = (defaults.frames / defaults.fps) if defaults.fps else 0.0
        estimates.append(surface.answer(model, replace(query, resolution=resolution, seconds=seconds, steps=OWN_STEPS)))
    return estimates


def _along(query: SurfaceQuery, by: str) -> list[SurfaceQuery]:
    if by == "duration":
        return [replace(query, seconds=seconds) for seconds in CURVE_SECONDS]
    if by == "steps":
        return [replace(query, steps=steps) for steps in CURVE_STEPS]
    ratio = (query.resolution.width / query.resolution.height) ** 0.5
    sides = [NamedResolution(f"{side}", round(side * ratio), round(side / ratio)) for side in CURVE_SIDES]
    return [replace(query, resolution=side) for side in sides]
