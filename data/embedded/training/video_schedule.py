"""What the training of the video models does phase by phase: rates, noise, and the shares of kinds of scenes."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Noise:
    """Times are sigmoid(N(high, spread)) for a share and sigmoid(N(low, spread)) else; the weight is min(1 / t², cap).

    Frames under noise tell a motion together until nearly everything is noise, so the text is needed only close to
    t = 1: there motion is learned.
    """

    high: float
    low: float
    share_high: float
    cap: float
    spread: float = 1.2


@dataclass(frozen=True, slots=True)
class Shares:
    """Parts of a batch: one thing with one action, one thing with two, two things; they add to 1."""

    single: float
    story: float
    pair: float


@dataclass(frozen=True, slots=True)
class VideoSchedule:
    """One training run of one architecture.

    `rate` is AdamW's, `matrix_rate` Muon's for the denoiser's matrices (0: AdamW for all), `text_rate` the text
    encoder's. Rates are constant after the warm-up and fall to 0 over the last `decay` of all clips.
    """

    architecture: str
    seed: int
    clips: int
    batch: int
    rate: float
    matrix_rate: float
    text_rate: float
    noise: Noise
    shares: Shares
    reading: float = 0.1
    ema: float = 0.998
    caption_dropout: float = 0.1
    warm_up_steps: int = 100
    decay: float = 0.4


_NOISE: Final = Noise(high=2.6, low=0.4, share_high=0.55, cap=20.0)
_SHARES: Final = Shares(single=0.3, story=0.25, pair=0.45)

SCHEDULES: Final[dict[str, VideoSchedule]] = {
    "wan": VideoSchedule("wan", 20261128, 2_000_000, 384, 2e-3, 0.02, 1e-3, _NOISE, _SHARES),
    "wan-fine": VideoSchedule("wan-fine", 20261128, 2_000_000, 384, 2e-3, 0.02, 1e-3, _NOISE, _SHARES),
    "wan-adam": VideoSchedule("wan", 20261128, 2_000_000, 384, 2e-3, 0.0, 1e-3, _NOISE, _SHARES),
    "latte": VideoSchedule("latte", 20261129, 500_000, 384, 2e-3, 0.02, 1e-3, _NOISE, _SHARES),
    "unet": VideoSchedule("unet", 20261130, 300_000, 128, 1e-3, 0.0, 1e-3, _NOISE, _SHARES),
}
