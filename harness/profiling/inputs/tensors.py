"""Where inputs lie and of which kind they are: one small maker of tensors."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tensors:
    """Makes a call's tensors on one device: states in the network's dtype, times in float32, whole numbers in int64."""

    device: str
    dtype: Any

    def states(self, *sizes: int) -> Any:
        """Return latents or hidden states: standard normal."""
        import torch

        return torch.randn(*sizes, device=self.device, dtype=self.dtype)

    def pixels(self, *sizes: int) -> Any:
        """Return pixels from -1 to 1."""
        import torch

        return torch.rand(*sizes, device=self.device, dtype=self.dtype) * 2 - 1

    def floats(self, *sizes: int, value: float = 0.5) -> Any:
        """Return a constant in float32: times, guidance scales, coordinates."""
        import torch

        return torch.full(sizes, value, device=self.device, dtype=torch.float32)

    def whole(self, *sizes: int, value: int = 1) -> Any:
        """Return a constant in int64: token ids, time steps, masks of ones."""
        import torch

        return torch.full(sizes, value, device=self.device, dtype=torch.int64)

    def true(self, *sizes: int) -> Any:
        """Return a boolean mask that hides nothing."""
        import torch

        return torch.ones(*sizes, device=self.device, dtype=torch.bool)
