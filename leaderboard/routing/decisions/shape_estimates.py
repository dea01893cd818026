"""What a local model takes and costs at a shape that its runs were not made at: measured cells, else a prediction.

A prediction is FLOPs over the rate of calls that were measured on the same processor, of the same weights' type and
without compiling or caches, as runs are made: the run's own calls and measured cells.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.architectures.architecture import Architecture
from data.architectures.library import architecture
from data.architectures.shape import Shape as Call
from data.architectures.shape import ShapeRequest
from data.errors import ShapeError, UnknownNameError
from data.flops.flops_model import load_flops_model
from data.measurements import Measurement
from data.vocabulary import Machine, Settings
from leaderboard.cost_model.calibration import TimedCall as Timed
from leaderboard.cost_model.calibration import calibrate, network_of
from leaderboard.cost_model.measurements import calibration_cells
from leaderboard.cost_model.prediction import Prediction, predict
from leaderboard.inference.quantiles import MEDIAN_ERROR, quantile
from leaderboard.routing.decisions.decision_window import CostBasis, OperatingStats, OutputShape
from leaderboard.routing.policy.policy import RequiredShape
from leaderboard.routing.rounding import rounded

PLAIN = "eager"
ONE_IN_TWENTY_ABOVE = 0.9
"""The confidence of a two-sided interval whose upper end one call in twenty passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
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
class OtherShapes:
    """What is known of one architecture beside its run; `cells` are all that were measured, the oldest first."""

    ran: Ran
    described: Architecture
    cells: Sequence[Measurement]

    def at(self, wanted: RequiredShape) -> OperatingStats | None:
        """Return what the model takes and costs at the smallest shape that it takes and that gives what is wanted.

        None where it takes no such shape, and where the newest cell there ran out of memory or failed.
        """
        call = self._call(wanted)
        if call is None:
            return None
        there = [one for one in self._own if one.setup.shape == call]
        if not there:
            return self._predicted(call)
        return self._measured(there[-1]) if there[-1].status == "ok" else None

    def _call(self, wanted: RequiredShape) -> Call | None:
        """Return the call that gives what is wanted, the run's own steps and guidance; None where there is none."""
        own, limits = self.ran.settings, self.described.limits
        width, height = (_up(side, limits.multiple) for side in wanted.resolution or (own.width, own.height))
        if limits.square:
            width = height = max(width, height)
        frames = own.frames
        if wanted.seconds is not None:
            if self._fps is None or limits.frame_step is None:
                return None
            frames = 1 + _up(math.ceil(wanted.seconds * self._fps) - 1, limits.frame_step)
        asked = ShapeRequest(width=width, height=height, frames=frames, steps=own.steps, guidance=own.guidance)
        try:
            return self.described.shape(asked)
        except ShapeError:
            return None

    def _measured(self, cell: Measurement) -> OperatingStats:
        steady = np.asarray(cell.seconds.steady, dtype=np.float64)
        spread = float(steady.std(ddof=1)) if len(steady) > 1 else math.inf
        tail, predicted = quantile(steady, 0.95).estimate, self._prediction(cell.setup.shape)
        if tail is None and predicted is not None and predicted.high is not None:
            tail = max(float(steady.max()), predicted.high)
        calls = f"{len(steady)} call{'s' if len(steady) > 1 else ''}"
        return self._standby(
            cell.setup.shape,
            float(np.median(steady)),
            error=MEDIAN_ERROR * spread / len(steady) ** 0.5,
            tail=tail,
            basis="measured",
            said=f"measured, {calls} on {cell.measured_at:%Y-%m-%d}",
        )

    def _predicted(self, call: Call) -> OperatingStats | None:
        found = self._prediction(call)
        if found is None:
            return None
        spread = found.calibration.spread
        factor = math.inf if spread is None else spread * math.sqrt(1 + 1 / found.calibration.cells)
        return self._standby(
            call, found.seconds, error=found.seconds * factor, tail=found.high, basis="predicted", said=found.label
        )

    def _prediction(self, call: Call) -> Prediction | None:
        rate = calibrate(self._timed, model=self.described.id)
        flops = load_flops_model().totals(self.described.id, [call])[0]
        return predict(flops, rate, confidence=ONE_IN_TWENTY_ABOVE) if rate and flops else None

    def _standby(
        self, call: Call, seconds: float, *, error: float, tail: float | None, basis: CostBasis, said: str
    ) -> OperatingStats:
        usd_per_second = self.ran.machine.usd_per_hour / 3600
        return OperatingStats(
            cost_usd=seconds * usd_per_second,
            cost_error=error * usd_per_second,
            call_usd=rounded(seconds * usd_per_second),
            seconds=seconds,
            seconds_error=error,
            p95_s=rounded(tail),
            shape=OutputShape(call.width, call.height, self._length(call)),
            basis=basis,
            said=said,
        )

    @property
    def _fps(self) -> float | None:
        return self.ran.settings.fps or self.described.conventions.fps

    def _length(self, call: Call) -> float | None:
        return rounded(call.frames / self._fps) if self._fps and call.frames > 1 else None

    @cached_property
    def _comparable(self) -> list[Measurement]:
        return [
            one
            for one in self.cells
            if one.setup.processor == self.ran.processor
            and one.setup.configuration.software == PLAIN
            and one.setup.configuration.dtype == self.ran.dtype
        ]

    @cached_property
    def _own(self) -> list[Measurement]:
        """The cells of this very model; random weights take as long as trained ones."""
        known = (self.ran.revision, "random")
        return [one for one in self._comparable if (one.setup.model, one.setup.revision in known) == (self._id, True)]

    @cached_property
    def _timed(self) -> list[Timed]:
        """What there is to calibrate with: the run's own calls, and comparable cells of the same kind of network."""
        atlas, network = load_flops_model(), network_of(self.described)
        own = self._call(RequiredShape())
        flops = atlas.totals(self._id, [own])[0] if own else 0
        ran = Timed(
            model=self._id,
            network=network,
            accelerator=self.ran.processor,
            software=PLAIN,
            flops=flops,
            seconds=self.ran.seconds,
        )
        others = [one for one in calibration_cells(self._comparable, atlas) if one.network == network]
        return [ran, *others] if flops else others

    @property
    def _id(self) -> str:
        return self.described.id


def described(model: str) -> Architecture | None:
    """Return the architecture of a contender; None where none is known by that name."""
    try:
        return architecture(model)
    except UnknownNameError:
        return None


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
