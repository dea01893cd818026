"""The estimate for one call of one model at one shape on one deployment target: its FLOPs, seconds and price."""

from dataclasses import dataclass

from data.architectures.shape import Shape
from leaderboard.cost_model.cost import CallCost
from leaderboard.cost_model.measurements import Timed
from leaderboard.cost_model.prediction import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """One model at a shape on a deployment target: FLOPs, predicted and measured seconds of a call, and its cost.

    `cost` is that of the predicted seconds, with the energy measured at the same shape; without a prediction it is
    `measured_cost`, that of the measured seconds. `reason` says why there is neither.
    """

    model: str
    title: str
    shape: Shape
    tokens: int
    flops: int
    video_seconds: float | None
    prediction: Prediction | None
    measured: Timed | None
    cost: CallCost | None
    measured_cost: CallCost | None = None
    reason: str = ""

    @property
    def seconds(self) -> float | None:
        """End-to-end seconds of one call: predicted, else measured."""
        timing = self.prediction or self.measured
        return timing.seconds if timing else None

    @property
    def low(self) -> float | None:
        """The lower end of the prediction's interval."""
        return self.prediction.low if self.prediction else None

    @property
    def high(self) -> float | None:
        """The upper end of the prediction's interval."""
        return self.prediction.high if self.prediction else None

    @property
    def usd(self) -> float | None:
        """The price of one image or clip."""
        return self.cost.usd_an_output if self.cost else None

    @property
    def basis(self) -> str:
        """What the seconds are estimated from, in words, or why there are none."""
        timing = self.prediction or self.measured
        return timing.label if timing else self.reason

    @property
    def words(self) -> str:
        """The shape in words."""
        frames = f", {self.shape.frames} frames" if self.shape.frames > 1 else ""
        return f"{self.shape.width}×{self.shape.height}{frames}, {self.shape.steps} steps"
