"""Cost surfaces: what models compute, take and cost over resolution, duration and steps. All of it from the atlas.

A shape that a model does not take is replaced by the nearest that it does, and the tables say which one it was.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from data import measurements
from data.architectures.architecture import Architecture
from data.architectures.shape import Shape, ShapeRequest
from data.errors import ShapeError
from data.flops.flops_model import FlopsModel
from leaderboard.cost_model.calibration import Calibration, TimedCall, calibration_for, network_of
from leaderboard.cost_model.cost import cost
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.measurements import Timed, calibration_cells, cost_of
from leaderboard.cost_model.prediction import predict
from leaderboard.cost_model.target import DeploymentTarget

if TYPE_CHECKING:
    import pandas as pd

TERA: Final = 1e12
OWN_STEPS: Final = 0
"""Stands for each model's own number of steps."""
CURVE_SIDES: Final = (256, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 4096)
CURVE_SECONDS: Final = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
HEAT_SECONDS: Final = (1, 2, 5, 10, 20)
HEAT_STEPS: Final = (1, 4, 8, 20, 28, 50)
PROMPT_TFLOP: Final = 2 * 37e9 * 200 / 1e12
"""A prompt of 200 tokens through a language model with 37 billion active parameters: 2 FLOPs a parameter and token."""
CURVE_STEPS: Final = (1, 2, 4, 8, 12, 16, 20, 28, 40, 50, 75, 100)


class NamedResolution(NamedTuple):
    """A resolution that people name."""

    name: str
    width: int
    height: int


RESOLUTIONS: Final = (
    NamedResolution("256²", 256, 256),
    NamedResolution("512²", 512, 512),
    NamedResolution("480p", 832, 480),
    NamedResolution("768²", 768, 768),
    NamedResolution("1024²", 1024, 1024),
    NamedResolution("720p", 1280, 720),
    NamedResolution("1440²", 1440, 1440),
    NamedResolution("1080p", 1920, 1080),
    NamedResolution("2048²", 2048, 2048),
    NamedResolution("1440p", 2560, 1440),
    NamedResolution("4K", 3840, 2160),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceQuery:
    """What a reader chose: resolution, seconds of video, steps (`OWN_STEPS`: each model's), and where it would run."""

    resolution: NamedResolution
    seconds: float
    steps: int
    place: DeploymentTarget


class Surface:
    """Answers for any model, shape and place, by the atlas and what was measured there."""

    def __init__(self, atlas: FlopsModel, cells: Sequence[measurements.Measurement] = ()) -> None:
        self.atlas, self.cells = atlas, tuple(one for one in cells if one.status == "ok")
        self.measured: tuple[TimedCall, ...] = calibration_cells(self.cells, atlas)
        self._timed = {_key(one): Timed.of(one) for one in self.cells}
        self._rates: dict[tuple[str, str, str], Calibration | None] = {}

    def architecture(self, model: str) -> Architecture:
        """Return a model's architecture. Raises UnknownNameError."""
        return self.atlas.entry(model).architecture

    def is_video(self, model: str) -> bool:
        """Whether a model makes video."""
        return self.architecture(model).limits.frame_step is not None

    def answer(self, model: str, wish: SurfaceQuery) -> CostEstimate:
        """Return what a model does with a wish. Raises ShapeError where no shape of it is near."""
        return self.at(model, nearest(self.architecture(model), wish), wish.place)

    def at(self, model: str, shape: Shape, place: DeploymentTarget) -> CostEstimate:
        """Return what a model does at a shape that it takes, on a place."""
        return self._answer(self.architecture(model), shape, self.atlas.totals(model, [shape])[0], place)

    def along(self, model: str, wishes: Sequence[SurfaceQuery]) -> list[CostEstimate]:
        """Return what a model does with each of many wishes; shapes that are the same stand once."""
        described = self.architecture(model)
        shapes = list(dict.fromkeys(shape for one in wishes for shape in _taken(described, one)))
        totals = self.atlas.totals(model, shapes)
        return [self._answer(described, *held, wishes[0].place) for held in zip(shapes, totals, strict=True)]

    def measured_at(self, cell: measurements.Measurement, place: DeploymentTarget) -> CostEstimate:
        """Return a measured cell as an answer, at the prices of a place: no prediction, its own seconds and cost."""
        answer, described = self.at(cell.setup.model, cell.setup.shape, place), self.architecture(cell.setup.model)
        paid = cost_of(cell, described, place)
        return replace(answer, prediction=None, measured=Timed.of(cell), cost=paid, measured_cost=paid)

    def _answer(self, described: Architecture, shape: Shape, flops: int, place: DeploymentTarget) -> CostEstimate:
        rate, video = self._rate(described, place), described.seconds(shape)
        timed = self._timed.get((described.id, place.accelerator.name, place.software, shape))
        found = predict(flops, rate) if rate and flops else None
        seen, paid = (
            cost(
                held.seconds,
                usd_per_hour=place.usd_per_hour,
                outputs=shape.batch,
                video_seconds=video,
                joules=timed.joules if timed else None,
                usd_per_kwh=place.usd_per_kwh,
            )
            if held
            else None
            for held in (timed, found)
        )
        return CostEstimate(
            model=described.id,
            title=described.title,
            shape=shape,
            tokens=described.latents.tokens(shape),
            flops=flops,
            video_seconds=video,
            prediction=found,
            measured=timed,
            cost=paid or seen,
            measured_cost=seen,
            reason="" if found or timed else _unknown(described, flops, place),
        )

    def _rate(self, described: Architecture, place: DeploymentTarget) -> Calibration | None:
        key = (described.id, place.accelerator.name, place.software)
        if key not in self._rates:
            self._rates[key] = calibration_for(
                place.accelerator,
                place.software,
                measured=self.measured,
                atlas=self.atlas,
                network=network_of(described),
                model=described.id,
            )
        return self._rates[key]


def _key(cell: measurements.Measurement) -> tuple[str, str, str, Shape]:
    setup = cell.setup
    return setup.model, setup.accelerator, setup.configuration.software, setup.shape


def _unknown(described: Architecture, flops: int, place: DeploymentTarget) -> str:
    if not flops:
        return f"not predicted: {described.title} cannot be counted"
    return (
        f"not predicted: no {network_of(described)} was measured or published {place.software} on such an accelerator"
    )


def nearest(described: Architecture, wish: SurfaceQuery) -> Shape:
    """Return the shape nearest to a wish that an architecture takes."""
    limits = described.limits
    width, height = limits.nearest_side(wish.resolution.width), limits.nearest_side(wish.resolution.height)
    steps = described.conventions.steps if wish.steps == OWN_STEPS else wish.steps
    frames = 1
    if limits.frame_step is not None and described.conventions.fps:
        frames = limits.nearest_frames(max(1, round(wish.seconds * described.conventions.fps)))
    return described.shape(ShapeRequest(width=width, height=height, frames=frames, steps=steps))


def _taken(described: Architecture, wish: SurfaceQuery) -> Iterator[Shape]:
    try:
        yield nearest(described, wish)
    except ShapeError:
        return


def table(answers: Sequence[CostEstimate]) -> "pd.DataFrame":
    """Return answers as a frame for charts: model, title, shape (words), megapixels, duration, steps, tflop, ….

    Its columns: model, title, shape, megapixels, duration (seconds of video), steps, tokens, tflop, seconds, usd.
    """
    import pandas as pd

    columns: dict[str, Callable[[CostEstimate], Any]] = {
        "model": lambda one: one.model,
        "title": lambda one: one.title,
        "shape": lambda one: one.words,
        "megapixels": lambda one: one.shape.width * one.shape.height / 1e6,
        "duration": lambda one: one.video_seconds or 0.0,
        "steps": lambda one: one.shape.steps,
        "tokens": lambda one: one.tokens,
        "tflop": lambda one: one.flops / TERA,
        "seconds": lambda one: one.seconds,
        "usd": lambda one: one.usd,
    }
    return pd.DataFrame({name: [read(one) for one in answers] for name, read in columns.items()}, columns=list(columns))


def crossings(surface: Surface, model: str, wish: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return where along `by` ("megapixels" or "duration") attention overtakes the rest of a model; or no row."""
    answers = surface.along(model, _axis(wish, by))
    first = surface.atlas.profile(model, answers[0].shape).crossover_tokens if answers else None
    over = next((one for one in answers if first and one.tokens >= first), None)
    return table([over] if over and over is not answers[0] else [])


def measured(surface: Surface, model: str, wish: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return the measured cells of a model that lie on its curve: all but `by` is as in the wish; or no row."""
    described = surface.architecture(model)
    return table([surface.measured_at(one, wish.place) for one in surface.cells if _on_curve(one, described, wish, by)])


def _on_curve(cell: measurements.Measurement, described: Architecture, wish: SurfaceQuery, by: str) -> bool:
    setup, shape = cell.setup, cell.setup.shape
    where = (described.id, wish.place.accelerator.name, wish.place.software)
    if (setup.model, setup.accelerator, setup.configuration.software) != where:
        return False
    if by == "duration":
        wish = replace(wish, seconds=described.seconds(shape) or 0.0)
    elif by == "steps":
        wish = replace(wish, steps=shape.steps)
    else:
        wish = replace(wish, resolution=NamedResolution("", shape.width, shape.height))
    return any(shape == one for one in _taken(described, wish))


def curves(surface: Surface, models: Sequence[str], wish: SurfaceQuery, *, by: str) -> "pd.DataFrame":
    """Return what models do along `by`: "megapixels", "duration" (videos alone) or "steps"."""
    lines = [surface.along(model, _axis(wish, by)) for model in models if by != "duration" or surface.is_video(model)]
    return table([one for line in lines if len(line) > 1 for one in line])


def heat(surface: Surface, model: str, wish: SurfaceQuery) -> "pd.DataFrame":
    """Return a model over resolution × seconds, of a picture model × steps; with `resolution` and `across` as words."""
    video = surface.is_video(model)
    found, names = list[CostEstimate](), list[tuple[str, str]]()
    for resolution in RESOLUTIONS:
        for number in HEAT_SECONDS if video else HEAT_STEPS:
            held = {"seconds": float(number)} if video else {"steps": number}
            try:
                found.append(surface.answer(model, replace(wish, resolution=resolution, **held)))
            except ShapeError:
                continue
            names.append((resolution.name, f"{number} s" if video else f"{number}"))
    return table(found).assign(resolution=[one for one, _ in names], across=[one for _, one in names])


def claims(surface: Surface, models: Sequence[str], wish: SurfaceQuery) -> list[CostEstimate]:
    """Return each model at its own conventions: what "an image" and "a video" really are."""
    found = []
    for model in models:
        described = surface.architecture(model)
        own = described.conventions
        resolution = NamedResolution(f"{own.width}×{own.height}", own.width, own.height)
        seconds = (own.frames / own.fps) if own.fps else 0.0
        found.append(surface.answer(model, replace(wish, resolution=resolution, seconds=seconds, steps=OWN_STEPS)))
    return found


def _axis(wish: SurfaceQuery, by: str) -> list[SurfaceQuery]:
    if by == "duration":
        return [replace(wish, seconds=seconds) for seconds in CURVE_SECONDS]
    if by == "steps":
        return [replace(wish, steps=steps) for steps in CURVE_STEPS]
    ratio = (wish.resolution.width / wish.resolution.height) ** 0.5
    sides = [NamedResolution(f"{side}", round(side * ratio), round(side / ratio)) for side in CURVE_SIDES]
    return [replace(wish, resolution=one) for one in sides]
