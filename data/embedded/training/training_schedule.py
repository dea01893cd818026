"""How each embedded network is trained, phase by phase. A literal table, read by `diffusion_run`."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NoiseMix:
    """Where on the path from image (t = 0) to noise (t = 1) a phase trains: t = sigmoid(normal(mean, 1)).

    Each image takes `high` with probability `share_high`, else `low`. High noise decides the layout, low noise
    the clean edges. `cap` limits the weight 1 / t² of the squared error of the predicted image.
    """

    high: float
    low: float
    share_high: float
    cap: float


@dataclass(frozen=True, slots=True)
class TrainingPhase:
    """A stretch of training: how many images, the learning rate from start to end (linear), noise, share of pairs.

    `free` is the share of pairs that are described with "and" and no relation; `reading` is the weight of the
    auxiliary loss by which every token's state has to name what the caption says.
    """

    images: int
    rate_from: float
    rate_to: float
    noise: NoiseMix
    pairs: float
    reading: float = 0.0
    free: float = 0.15


@dataclass(frozen=True, slots=True)
class TrainingSchedule:
    """One training run of one architecture."""

    architecture: str
    seed: int
    phases: tuple[TrainingPhase, ...]
    batch: int = 48
    ema: float = 0.998
    caption_dropout: float = 0.1
    warm_up_steps: int = 100

    @property
    def images(self) -> int:
        """Training images in all."""
        return sum(phase.images for phase in self.phases)


_LAYOUT: Final = NoiseMix(high=1.2, low=-0.2, share_high=0.6, cap=5.0)
_WHOLE: Final = NoiseMix(high=1.2, low=0.0, share_high=0.3, cap=100.0)
_BOTH: Final = NoiseMix(high=1.2, low=0.0, share_high=0.5, cap=20.0)
_ORDER: Final = NoiseMix(high=2.0, low=0.0, share_high=0.55, cap=20.0)
_SHAPES: Final = NoiseMix(high=1.4, low=0.0, share_high=0.5, cap=20.0)
_POLISH: Final = NoiseMix(high=1.4, low=0.0, share_high=0.4, cap=100.0)
_EDGES: Final = NoiseMix(high=1.2, low=0.0, share_high=0.2, cap=400.0)

SCHEDULES: Final[dict[str, TrainingSchedule]] = {
    "main": TrainingSchedule(
        architecture="main",
        seed=20261120,
        phases=(
            TrainingPhase(50_000, 2e-3, 2e-3, _LAYOUT, pairs=0.75),
            TrainingPhase(60_000, 2e-3, 2e-3, _WHOLE, pairs=0.75),
            TrainingPhase(35_000, 2e-3, 2e-3, _BOTH, pairs=0.75, reading=0.2),
            TrainingPhase(40_000, 2e-3, 1.166e-3, _EDGES, pairs=0.75, reading=0.1),
            TrainingPhase(35_000, 8e-4, 6.833e-4, _BOTH, pairs=0.75, reading=0.1),
            TrainingPhase(60_000, 1e-3, 1e-3, _ORDER, pairs=0.9, reading=0.1),
            TrainingPhase(5_000, 1e-3, 9.175e-4, _ORDER, pairs=0.8, reading=0.1),
            TrainingPhase(80_000, 1e-3, 2.08e-4, _SHAPES, pairs=0.85, reading=0.1),
            TrainingPhase(45_000, 5e-4, 1.325e-4, _SHAPES, pairs=0.85, reading=0.1, free=0.3),
            TrainingPhase(75_000, 7e-4, 1e-5, _POLISH, pairs=0.85, reading=0.1, free=0.35),
            TrainingPhase(60_000, 7e-4, 5e-6, _POLISH, pairs=0.92, reading=0.1, free=0.45),
            TrainingPhase(160_000, 7e-4, 5e-6, _POLISH, pairs=0.95, reading=0.1, free=0.65),
        ),
    ),
    "nano": TrainingSchedule(
        architecture="nano",
        seed=20261121,
        phases=(
            TrainingPhase(80_000, 2.5e-3, 2.5e-3, _LAYOUT, pairs=0.75),
            TrainingPhase(40_000, 1e-3, 1e-3, _ORDER, pairs=0.8, reading=0.2),
            TrainingPhase(70_000, 1e-3, 1e-5, _SHAPES, pairs=0.85, reading=0.1),
        ),
    ),
}
