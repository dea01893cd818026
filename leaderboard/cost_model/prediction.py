"""Seconds that a call will take: FLOPs over the calibrated rate, with an interval for one more call of the group."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.cost_model.calibration import Calibration, TimedCall, calibrate
from leaderboard.inference.student import t_quantile

BEYOND = 1.5
"""A prediction is an extrapolation from this factor outside the FLOPs of the calibration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Predicted end-to-end seconds of one steady call; the ends are None where the calibration has one call alone.

    `extrapolated` says that the FLOPs lie beyond those of the calibration.
    """

    seconds: float
    low: float | None
    high: float | None
    confidence: float
    extrapolated: bool
    calibration: Calibration

    @property
    def label(self) -> str:
        """What the prediction is estimated from, in words."""
        number, basis = self.calibration.cells, self.calibration.basis
        which = "" if basis != "measured" or number == 1 else "its own " if self.calibration.of_model else "all "
        words = f"predicted from {which}{number} {basis} cell{'s' if number > 1 else ''}"
        return f"{words}, extrapolated" if self.extrapolated else words


def predict(flops: int, calibration: Calibration, *, confidence: float = 0.95) -> Prediction:
    """Return the seconds of a call of so many FLOPs, with a t interval on the logarithm of the rate.

    The interval is that of one new observation: t(n − 1) · s · √(1 + 1/n), s the spread of the group's calls.
    """
    middle = math.log(flops) - calibration.log_rate
    low = high = None
    if calibration.spread is not None:
        t = t_quantile(calibration.cells - 1, confidence)
        reach = t * calibration.spread * math.sqrt(1 + 1 / calibration.cells)
        low, high = math.exp(middle - reach), math.exp(middle + reach)
    outside = flops > calibration.most * BEYOND or flops * BEYOND < calibration.least
    return Prediction(
        seconds=math.exp(middle),
        low=low,
        high=high,
        confidence=confidence,
        extrapolated=outside,
        calibration=calibration,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """A call that was left out: its measured seconds, and what the other calls of its group predict."""

    cell: TimedCall
    prediction: Prediction

    @property
    def error(self) -> float:
        """Predicted over measured seconds, minus 1."""
        return self.prediction.seconds / self.cell.seconds - 1

    @property
    def covered(self) -> bool | None:
        """Whether the interval covers the measurement; None without an interval."""
        low, high = self.prediction.low, self.prediction.high
        return None if low is None or high is None else low <= self.cell.seconds <= high


def held_out(calls: Sequence[TimedCall]) -> tuple[Residual, ...]:
    """Return each call's residual when it alone is left out of its group; groups of one call have none."""
    residuals = []
    for index, call in enumerate(calls):
        others = [other for at, other in enumerate(calls) if at != index and _same_group(other, call)]
        calibration = calibrate(others, model=call.model)
        if calibration is not None:
            residuals.append(Residual(cell=call, prediction=predict(call.flops, calibration)))
    return tuple(residuals)


def _same_group(a: TimedCall, b: TimedCall) -> bool:
    return (a.accelerator, a.software, a.network) == (b.accelerator, b.software, b.network)
