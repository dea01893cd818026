"""What is known of one call of one model at one shape, on one place: its work, its seconds, its price."""

from dataclasses import dataclass

from data.architectures.shape import Shape
from leaderboard.cost_model.cost import CallCost
from leaderboard.cost_model.measurements import Timed
from leaderboard.cost_model.prediction import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """What one model does at a shape on a place: FLOPs, what a call is predicted to take and was seen to, its cost.

    `cost` is of the predicted seconds, with the energy that was measured at that very shape; without a prediction it is
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
        held = self.prediction or self.measured
        return held.seconds if held else None

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
        """What the seconds rest on, in words, or why there are none."""
        held = self.prediction or self.measured
        return held.label if held else self.reason

    @property
    def words(self) -> str:
        """The shape in words."""
        frames = f", {self.shape.frames} frames" if self.shape.frames > 1 else ""
        return f"{self.shape.width}×{self.shape.height}{frames}, {self.shape.steps} steps"
