"""Cost surfaces: the FLOPs, seconds and cost of models at any resolution, duration and number of steps.

A shape that a model does not accept is replaced by the nearest that it does, and the estimate says which one it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from data.architectures.architecture import Architecture
from data.architectures.shape import Shape, ShapeRequest
from data.errors import ShapeError
from data.flops.flops_model import FlopsModel
from data.measurements import Measurement
from leaderboard.cost_model.calibration import Calibration, TimedCall, calibration_for, network_of
from leaderboard.cost_model.cost import cost as call_cost
from leaderboard.cost_model.estimate import CostEstimate
from leaderboard.cost_model.measurements import Timed, calibration_cells, cost_of
from leaderboard.cost_model.prediction import predict
from leaderboard.cost_model.target import DeploymentTarget

OWN_STEPS: Final = 0
"""Stands for each model's own number of steps."""
PROMPT_TFLOP: Final = 2 * 37e9 * 200 / 1e12
"""A prompt of 200 tokens through a language model with 37 billion active parameters: 2 FLOPs a parameter and token."""


class NamedResolution(NamedTuple):
    """A resolution with its usual name."""

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
    """A reader's choice: resolution, seconds of video, steps (`OWN_STEPS`: each model's), and the deployment target."""

    resolution: NamedResolution
    seconds: float
    steps: int
    place: DeploymentTarget


class Surface:
    """Cost estimates for any model, shape and deployment target, from FLOPs and measurements."""

    def __init__(self, flops_model: FlopsModel, cells: Sequence[Measurement] = ()) -> None:
        self.flops_model, self.cells = flops_model, tuple(cell for cell in cells if cell.status == "ok")
        self.measured: tuple[TimedCall, ...] = calibration_cells(self.cells, flops_model)
        self._timed = {_key(cell): Timed.of(cell) for cell in self.cells}
        self._rates: dict[tuple[str, str, str], Calibration | None] = {}

    def architecture(self, model: str) -> Architecture:
        """Return a model's architecture. Raises UnknownNameError."""
        return self.flops_model.entry(model).architecture

    def is_video(self, model: str) -> bool:
        """Whether a model makes video."""
        return self.architecture(model).limits.frame_step is not None

    def answer(self, model: str, query: SurfaceQuery) -> CostEstimate:
        """Return a model's estimate at the shape nearest to a query. Raises ShapeError where it has none near."""
        return self.at(model, nearest(self.architecture(model), query), query.place)

    def at(self, model: str, shape: Shape, target: DeploymentTarget) -> CostEstimate:
        """Return a model's estimate at a shape that it accepts, on a deployment target."""
        return self._estimate(self.architecture(model), shape, self.flops_model.totals(model, [shape])[0], target)

    def along(self, model: str, queries: Sequence[SurfaceQuery]) -> list[CostEstimate]:
        """Return a model's estimates for many queries, one for each distinct shape."""
        architecture = self.architecture(model)
        shapes = list(dict.fromkeys(shape for query in queries for shape in accepted(architecture, query)))
        totals = self.flops_model.totals(model, shapes)
        target = queries[0].place
        return [self._estimate(architecture, *work, target) for work in zip(shapes, totals, strict=True)]

    def measured_at(self, cell: Measurement, target: DeploymentTarget) -> CostEstimate:
        """Return a measurement as an estimate at the prices of a target, with its own seconds and no prediction."""
        estimate = self.at(cell.setup.model, cell.setup.shape, target)
        cost = cost_of(cell, self.architecture(cell.setup.model), target)
        return replace(estimate, prediction=None, measured=Timed.of(cell), cost=cost, measured_cost=cost)

    def _estimate(self, architecture: Architecture, shape: Shape, flops: int, target: DeploymentTarget) -> CostEstimate:
        rate, video = self._rate(architecture, target), architecture.seconds(shape)
        timed = self._timed.get((architecture.id, target.accelerator.name, target.software, shape))
        predicted = predict(flops, rate) if rate and flops else None
        measured_cost, predicted_cost = (
            call_cost(
                timing.seconds,
                usd_per_hour=target.usd_per_hour,
                outputs=shape.batch,
                video_seconds=video,
                joules=timed.joules if timed else None,
                usd_per_kwh=target.usd_per_kwh,
            )
            if timing
            else None
            for timing in (timed, predicted)
        )
        return CostEstimate(
            model=architecture.id,
            title=architecture.title,
            shape=shape,
            tokens=architecture.latents.tokens(shape),
            flops=flops,
            video_seconds=video,
            prediction=predicted,
            measured=timed,
            cost=predicted_cost or measured_cost,
            measured_cost=measured_cost,
            reason="" if predicted or timed else _reason(architecture, flops, target),
        )

    def _rate(self, architecture: Architecture, target: DeploymentTarget) -> Calibration | None:
        key = (architecture.id, target.accelerator.name, target.software)
        if key not in self._rates:
            self._rates[key] = calibration_for(
                target.accelerator,
                target.software,
                measured=self.measured,
                flops_model=self.flops_model,
                network=network_of(architecture),
                model=architecture.id,
            )
        return self._rates[key]


def _key(cell: Measurement) -> tuple[str, str, str, Shape]:
    setup = cell.setup
    return setup.model, setup.accelerator, setup.configuration.software, setup.shape


def _reason(architecture: Architecture, flops: int, target: DeploymentTarget) -> str:
    if not flops:
        return f"not predicted: {architecture.title} cannot be counted"
    network = network_of(architecture)
    return f"not predicted: no {network} was measured or published {target.software} on such an accelerator"


def nearest(architecture: Architecture, query: SurfaceQuery) -> Shape:
    """Return the shape nearest to a query that an architecture accepts. Raises ShapeError."""
    limits = architecture.limits
    width, height = limits.nearest_side(query.resolution.width), limits.nearest_side(query.resolution.height)
    steps = architecture.conventions.steps if query.steps == OWN_STEPS else query.steps
    frames = 1
    if limits.frame_step is not None and architecture.conventions.fps:
        frames = limits.nearest_frames(max(1, round(query.seconds * architecture.conventions.fps)))
    return architecture.shape(ShapeRequest(width=width, height=height, frames=frames, steps=steps))


def accepted(architecture: Architecture, query: SurfaceQuery) -> Iterator[Shape]:
    """Yield the shape nearest to a query, or nothing where an architecture has none near."""
    try:
        yield nearest(architecture, query)
    except ShapeError:
        return
