"""What can be measured: something that is loaded on a device and called at any shape, each call timed by phase."""

from collections.abc import Callable
from typing import Protocol

from data.architectures.shape import Shape
from data.vocabulary import Timing
from harness.devices import Device

StageListener = Callable[[str], None]
"""Called with the name of each stage as it begins: text_encoders, denoiser, vae_decode."""


def ignore_stage(stage: str) -> None:
    """Do nothing."""


class BenchmarkTarget(Protocol):
    """A pipeline under measurement: the catalogue's own weights, or random ones of the full size."""

    device: Device

    def load(self) -> float:
        """Bring it to the device, configured; return the seconds it took."""

    def call(self, shape: Shape, seed: int, on_stage: StageListener = ignore_stage) -> Timing:
        """Make one batch of a shape, text to pixels; synchronised before and after."""

    def close(self) -> None:
        """Give its memory back."""
