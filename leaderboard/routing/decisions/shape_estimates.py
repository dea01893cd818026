"""What a local model takes and costs at a shape that its runs were not made at: as measured, else as predicted.

A prediction is FLOPs over the rate of calls that were measured on the same processor, of the same weights' type and
without compiling or caches, as runs are made: the run's own calls and profiler measurements.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.architectures.architecture import Architecture
from data.architectures.library import architecture
from data.architectures.shape import Shape, ShapeRequest
from data.errors import ShapeError, UnknownNameError
from data.flops.flops_model import load_flops_model
from data.measurements import Measurement
from data.vocabulary import Machine, Settings
from leaderboard.cost_model.calibration import TimedCall, calibrate, network_of
from leaderboard.cost_model.measurements import calibration_cells
from leaderboard.cost_model.prediction import Prediction, predict
from leaderboard.inference.quantiles import MEDIAN_ERROR, quantile
from leaderboard.routing.decisions.decision_window import CostBasis, OperatingStats, OutputShape
from leaderboard.routing.policy.rules import RequiredShape
from leaderboard.routing.rounding import rounded

PLAIN = "eager"
ONE_IN_TWENTY_ABOVE = 0.9
"""The confidence of a two-sided interval whose upper end one call in twenty passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTiming:
    """A local model as a run measured it; `seconds` is the median of its steady calls."""

    revision: str
    dtype: str
    settings: Settings
    seconds: float
    machine: Machine

    @property
    def processor(self) -> str:
        """What computed: the accelerator's name, else the CPU's."""
        return self.machine.gpu or self.machine.cpu


@dataclass(frozen=True)
class ShapeEstimates:
    """Statistics of one model at other shapes than its run's; `measurements` are all there are, the oldest first."""

    run: RunTiming
    architecture: Architecture
    measurements: Sequence[Measurement]

    def at(self, wanted: RequiredShape) -> OperatingStats | None:
        """Return what the model takes and costs at the smallest shape that it takes and that gives what is wanted.

        None where it takes no such shape, and where the newest measurement there ran out of memory or failed.
        """
        call = self._call(wanted)
        if call is None:
            return None
        at_shape = [each for each in self._of_model if each.setup.shape == call]
        if not at_shape:
            return self._predicted(call)
        return self._measured(at_shape[-1]) if at_shape[-1].status == "ok" else None

    def _call(self, wanted: RequiredShape) -> Shape | None:
        """Return the call that gives what is wanted, the run's own steps and guidance; None where there is none."""
        settings, limits = self.run.settings, self.architecture.limits
        width, height = (_up(side, limits.multiple) for side in wanted.resolution or (settings.width, settings.height))
        if limits.square:
            width = height = max(width, height)
        frames = settings.frames
        if wanted.seconds is not None:
            if self._fps is None or limits.frame_step is None:
                return None
            first = limits.first_frames
            frames = first + _up(max(0, math.ceil(wanted.seconds * self._fps) - first), limits.frame_step)
        steps, guidance = settings.steps, settings.guidance
        request = ShapeRequest(width=width, height=height, frames=frames, steps=steps, guidance=guidance)
        try:
            return self.architecture.shape(request)
        except ShapeError:
            return None

    def _measured(self, measurement: Measurement) -> OperatingStats:
        shape, steady = measurement.setup.shape, np.asarray(measurement.seconds.steady, dtype=np.float64)
        spread = float(steady.std(ddof=1)) if len(steady) > 1 else math.inf
        tail, predicted = quantile(steady, 0.95).estimate, self._prediction(shape)
        if tail is None and predicted is not None and predicted.high is not None:
            tail = max(float(steady.max()), predicted.high)
        calls = f"{len(steady)} call{'s' if len(steady) > 1 else ''}"
        return self._stats(
            shape,
            float(np.median(steady)),
            error=MEDIAN_ERROR * spread / len(steady) ** 0.5,
            tail=tail,
            basis="measured",
            note=f"measured, {calls} on {measurement.measured_at:%Y-%m-%d}",
        )

    def _predicted(self, call: Shape) -> OperatingStats | None:
        predicted = self._prediction(call)
        if predicted is None:
            return None
        seconds, spread = predicted.seconds, predicted.calibration.spread
        factor = math.inf if spread is None else spread * math.sqrt(1 + 1 / predicted.calibration.cells)
        return self._stats(
            call, seconds, error=seconds * factor, tail=predicted.high, basis="predicted", note=predicted.label
        )

    def _prediction(self, call: Shape) -> Prediction | None:
        rate = calibrate(self._timed, model=self.architecture.id)
        flops = load_flops_model().totals(self.architecture.id, [call])[0]
        return predict(flops, rate, confidence=ONE_IN_TWENTY_ABOVE) if rate and flops else None

    def _stats(
        self, call: Shape, seconds: float, *, error: float, tail: float | None, basis: CostBasis, note: str
    ) -> OperatingStats:
        usd_per_second = self.run.machine.usd_per_hour / 3600
        return OperatingStats(
            cost_usd=seconds * usd_per_second,
            cost_error=error * usd_per_second,
            call_usd=rounded(seconds * usd_per_second),
            seconds=seconds,
            seconds_error=error,
            p95_s=rounded(tail),
            shape=OutputShape(call.width, call.height, self._length(call)),
            basis=basis,
            basis_note=note,
        )

    @property
    def _fps(self) -> float | None:
        return self.run.settings.fps or self.architecture.conventions.fps

    def _length(self, call: Shape) -> float | None:
        return rounded(call.frames / self._fps) if self._fps and call.frames > 1 else None

    @cached_property
    def _comparable(self) -> list[Measurement]:
        return [
            each
            for each in self.measurements
            if each.setup.processor == self.run.processor
            and each.setup.configuration.software == PLAIN
            and each.setup.configuration.dtype == self.run.dtype
        ]

    @cached_property
    def _of_model(self) -> list[Measurement]:
        """The measurements of this very model; random weights take as long as trained ones."""
        revisions = (self.run.revision, "random")
        setups = [(each, each.setup) for each in self._comparable]
        return [each for each, setup in setups if setup.model == self._id and setup.revision in revisions]

    @cached_property
    def _timed(self) -> list[TimedCall]:
        """What to calibrate with: the run's own calls, and comparable measurements of the same kind of network."""
        flops_model, network = load_flops_model(), network_of(self.architecture)
        call = self._call(RequiredShape())
        flops = flops_model.totals(self._id, [call])[0] if call else 0
        run = TimedCall(
            model=self._id,
            network=network,
            accelerator=self.run.processor,
            software=PLAIN,
            flops=flops,
            seconds=self.run.seconds,
        )
        others = [each for each in calibration_cells(self._comparable, flops_model) if each.network == network]
        return [run, *others] if flops else others

    @property
    def _id(self) -> str:
        return self.architecture.id


def described(model: str) -> Architecture | None:
    """Return the architecture of a candidate; None where there is none of that name."""
    try:
        return architecture(model)
    except UnknownNameError:
        return None


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
