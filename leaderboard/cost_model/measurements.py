"""What measured cells say: percentiles with intervals, the FLOP/s that were reached, and cells to calibrate with."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from data.architectures.architecture import Architecture
from data.catalogue.accelerator import Accelerator, accelerators
from data.flops.flops_model import FlopsModel
from data.measurements import Measurement
from leaderboard.cost_model import calibration
from leaderboard.cost_model.calibration import network_of
from leaderboard.cost_model.cost import CallCost, cost
from leaderboard.cost_model.target import DeploymentTarget

if TYPE_CHECKING:
    from leaderboard.inference.quantiles import Quantile

TERA: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """What a cell says of one call: the median of its steady seconds, how many they were, joules where measured."""

    seconds: float
    calls: int
    joules: float | None
    measured_at: dt.datetime

    @property
    def label(self) -> str:
        """Where the seconds come from, in words."""
        return f"measured, {self.calls} call{'s' if self.calls > 1 else ''}"

    @classmethod
    def of(cls, cell: Measurement) -> "Timed":
        """Return the timing of a cell that is ok."""
        steady = cell.seconds.steady
        return cls(seconds=median(steady), calls=len(steady), joules=cell.energy.joules, measured_at=cell.measured_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySummary:
    """The steady calls of a cell in seconds: median and p95 with intervals, the quickest, the interquartile range.

    `text`, `step` and `vae` are medians of those phases where they were seen. `tflops` is what was executed over the
    median; `mfu` its share of the accelerator's dense bfloat16 peak, None where that is not known.
    """

    p50: "Quantile"
    p95: "Quantile"
    least: float
    quartiles: tuple[float, float]
    text: float | None
    step: float | None
    vae: float | None
    tflops: float | None
    mfu: float | None


def summary(cell: Measurement) -> LatencySummary | None:
    """Return what the steady calls of a cell say; None for one that is not ok."""
    import numpy as np

    from leaderboard.inference.quantiles import quantile

    steady = cell.seconds.steady
    if cell.status != "ok" or not steady:
        return None
    middle = quantile(steady, 0.5)
    executed, peak = cell.work.executed, peak_of(cell)
    tflops = executed / median(steady) / TERA if executed else None
    return LatencySummary(
        p50=middle,
        p95=quantile(steady, 0.95),
        least=min(steady),
        quartiles=(float(np.quantile(steady, 0.25)), float(np.quantile(steady, 0.75))),
        text=_median(cell.seconds.text),
        step=_median(one for call in cell.seconds.steps for one in call),
        vae=_median(cell.seconds.vae),
        tflops=tflops,
        mfu=tflops / peak.peak if tflops and peak else None,
    )


def cost_of(cell: Measurement, described: Architecture, place: DeploymentTarget) -> CallCost:
    """Return what a call of a cell that is ok costs at the prices of a place; `described` is its architecture."""
    held, shape = Timed.of(cell), cell.setup.shape
    return cost(
        held.seconds,
        usd_per_hour=place.usd_per_hour,
        outputs=shape.batch,
        video_seconds=described.seconds(shape),
        joules=held.joules,
        usd_per_kwh=place.usd_per_kwh,
    )


def peak_of(cell: Measurement) -> Accelerator | None:
    """Return the accelerator whose peak a cell's rate is held against; None where there is none known."""
    return accelerators().get(cell.setup.accelerator)


def calibration_cells(cells: Iterable[Measurement], atlas: FlopsModel) -> tuple[calibration.TimedCall, ...]:
    """Return the cells that are ok, of architectures that the atlas holds, as ones to calibrate with.

    FLOPs are the nominal ones, which a prediction knows; a cache that skips work is another level of software.
    """
    known = set(atlas.models)
    return tuple(
        calibration.TimedCall(
            model=one.setup.model,
            network=network_of(atlas.entry(one.setup.model).architecture),
            accelerator=one.setup.accelerator,
            software=one.setup.configuration.software,
            flops=round(one.work.nominal),
            seconds=median(one.seconds.steady),
        )
        for one in cells
        if one.status == "ok" and one.setup.model in known and one.work.nominal > 0
    )


def _median(values: Iterable[float]) -> float | None:
    held = list(values)
    return median(held) if held else None
