"""Seconds that a call will take: FLOPs over the calibrated rate, with an interval for one more call of the group."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.cost_model.calibration import Calibration, TimedCall, calibrate
from leaderboard.inference.student import t_quantile

BEYOND = 1.5
"""So many times outside the FLOPs of the cells a prediction is an extrapolation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Predicted end-to-end seconds of one steady call; the ends are None where one cell alone says nothing of them.

    `extrapolated` where the FLOPs lie beyond those of the cells.
    """

    seconds: float
    low: float | None
    high: float | None
    confidence: float
    extrapolated: bool
    calibration: Calibration

    @property
    def label(self) -> str:
        """What the prediction rests on, in words."""
        number, basis = self.calibration.cells, self.calibration.basis
        of = "" if basis != "measured" or number == 1 else "its own " if self.calibration.of_model else "all "
        words = f"predicted from {of}{number} {basis} cell{'s' if number > 1 else ''}"
        return f"{words}, extrapolated" if self.extrapolated else words


def predict(flops: int, calibration: Calibration, *, confidence: float = 0.95) -> Prediction:
    """Return the seconds of a call of so many FLOPs, with a t interval on the logarithm of the rate.

    The interval is that of one new observation: t(n − 1) · s · √(1 + 1/n), s the spread of the group's cells.
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
    """A cell that was left out: what was measured, what the other cells of its group predicted."""

    cell: TimedCall
    prediction: Prediction

    @property
    def error(self) -> float:
        """Predicted over measured seconds, minus 1."""
        return self.prediction.seconds / self.cell.seconds - 1

    @property
    def covered(self) -> bool | None:
        """Whether the interval held the measurement; None without an interval."""
        low, high = self.prediction.low, self.prediction.high
        return None if low is None or high is None else low <= self.cell.seconds <= high


def held_out(cells: Sequence[TimedCall]) -> tuple[Residual, ...]:
    """Return each cell's residual when it alone is left out of its group; groups of one cell have none."""
    found = []
    for index, cell in enumerate(cells):
        others = [one for at, one in enumerate(cells) if at != index and _same_group(one, cell)]
        calibration = calibrate(others, model=cell.model)
        if calibration is not None:
            found.append(Residual(cell=cell, prediction=predict(cell.flops, calibration)))
    return tuple(found)


def _same_group(one: TimedCall, other: TimedCall) -> bool:
    return (one.accelerator, one.software, one.network) == (other.accelerator, other.software, other.network)
