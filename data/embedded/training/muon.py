"""Muon for many small matrices: momentum made orthogonal, all matrices of one shape at once.

Jordan et al. 2024 (kellerjordan.github.io/posts/muon): the update of a matrix is its momentum with all singular values
brought near 1 by five Newton-Schulz iterations. torch's own takes one matrix at a time, which for a hundred matrices of
128 by 128 is a thousand launches a step; here a shape is a batch.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import torch
from torch import Tensor

_COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)


class Muon:
    """The optimizer of hidden matrices; `rate` is set before every step, as a schedule asks."""

    def __init__(self, weights: Iterable[Tensor], momentum: float = 0.95, iterations: int = 5) -> None:
        groups: dict[tuple[int, ...], list[Tensor]] = defaultdict(list)
        for weight in weights:
            groups[tuple(weight.shape)].append(weight)
        self._groups = list(groups.values())
        self._momenta = [torch.zeros(len(group), *group[0].shape, device=group[0].device) for group in self._groups]
        self._momentum, self._iterations = momentum, iterations
        self.rate = 0.02

    @torch.no_grad()
    def step(self) -> None:
        """Take one step along the gradients of now."""
        for group, momenta in zip(self._groups, self._momenta, strict=True):
            gradients = torch.stack([weight.grad for weight in group if weight.grad is not None]).float()
            momenta.lerp_(gradients, 1 - self._momentum)
            update = orthogonal(torch.lerp(gradients, momenta, self._momentum), self._iterations)
            rows, columns = group[0].shape
            scale = self.rate * max(1.0, rows / columns) ** 0.5
            torch._foreach_add_(group, list(update.to(group[0].dtype).unbind()), alpha=-scale)

    def state_dict(self) -> dict[str, Any]:
        """The momenta, shape by shape."""
        return {"momenta": self._momenta}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from saved momenta."""
        for mine, saved in zip(self._momenta, state["momenta"], strict=True):
            mine.copy_(saved)


def orthogonal(matrices: Tensor, iterations: int = 5) -> Tensor:
    """Matrices (n, rows, columns) with their singular values brought near 1 (about 0.7 to 1.2), in bfloat16."""
    a, b, c = _COEFFICIENTS
    tall = matrices.shape[1] > matrices.shape[2]
    x: Tensor = (matrices.mT if tall else matrices).bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if tall else x
