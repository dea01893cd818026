"""Summaries of measurements: percentiles with intervals, the FLOP/s that were reached, and calls to calibrate with.

numpy and the quantiles are imported where they are used: a price without measurements needs neither.
"""

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
    """One call as it was measured: the median of the steady seconds, their number, and joules where measured."""

    seconds: float
    calls: int
    joules: float | None
    measured_at: dt.datetime

    @property
    def label(self) -> str:
        """Where the seconds come from, in words."""
        return f"measured, {self.calls} call{'s' if self.calls > 1 else ''}"

    @classmethod
    def of(cls, measurement: Measurement) -> "Timed":
        """Return the timing of a measurement that is ok."""
        steady = measurement.seconds.steady
        return cls(
            seconds=median(steady),
            calls=len(steady),
            joules=measurement.energy.joules,
            measured_at=measurement.measured_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySummary:
    """The steady calls of a measurement in seconds: median and p95 with intervals, minimum, interquartile range.

    `text`, `step` and `vae` are medians of those phases where they were measured. `tflops` is the executed work over
    the median; `mfu` its share of the accelerator's dense bfloat16 peak, None where that is not known.
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


def summary(measurement: Measurement) -> LatencySummary | None:
    """Return the summary of a measurement's steady calls; None for one that is not ok."""
    import numpy as np

    from leaderboard.inference.quantiles import quantile

    steady = measurement.seconds.steady
    if measurement.status != "ok" or not steady:
        return None
    p50 = quantile(steady, 0.5)
    executed, peak = measurement.work.executed, peak_of(measurement)
    tflops = executed / median(steady) / TERA if executed else None
    return LatencySummary(
        p50=p50,
        p95=quantile(steady, 0.95),
        least=min(steady),
        quartiles=(float(np.quantile(steady, 0.25)), float(np.quantile(steady, 0.75))),
        text=_median(measurement.seconds.text),
        step=_median(step for call in measurement.seconds.steps for step in call),
        vae=_median(measurement.seconds.vae),
        tflops=tflops,
        mfu=tflops / peak.peak if tflops and peak else None,
    )


def cost_of(measurement: Measurement, architecture: Architecture, target: DeploymentTarget) -> CallCost:
    """Return the cost of a call of a measurement that is ok, at the prices of a target."""
    timed, shape = Timed.of(measurement), measurement.setup.shape
    return cost(
        timed.seconds,
        usd_per_hour=target.usd_per_hour,
        outputs=shape.batch,
        video_seconds=architecture.seconds(shape),
        joules=timed.joules,
        usd_per_kwh=target.usd_per_kwh,
    )


def peak_of(measurement: Measurement) -> Accelerator | None:
    """Return the accelerator whose peak a measurement's rate is compared with; None where it is not known."""
    return accelerators().get(measurement.setup.accelerator)


def calibration_cells(measured: Iterable[Measurement], flops_model: FlopsModel) -> tuple[calibration.TimedCall, ...]:
    """Return the measurements that are ok, of architectures with known FLOPs, as calls to calibrate with.

    FLOPs are the nominal ones, which a prediction knows; a cache that skips work is another level of software.
    """
    architectures = set(flops_model.models)
    return tuple(
        calibration.TimedCall(
            model=measurement.setup.model,
            network=network_of(flops_model.entry(measurement.setup.model).architecture),
            accelerator=measurement.setup.accelerator,
            software=measurement.setup.configuration.software,
            flops=round(measurement.work.nominal),
            seconds=median(measurement.seconds.steady),
        )
        for measurement in measured
        if measurement.status == "ok" and measurement.setup.model in architectures and measurement.work.nominal > 0
    )


def _median(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return median(numbers) if numbers else None
