"""How much is computed, by kind."""

from dataclasses import dataclass
from typing import Final, Literal

FlopKind = Literal["attention", "linear", "convolution"]
KINDS: Final[tuple[FlopKind, ...]] = ("attention", "linear", "convolution")


@dataclass(frozen=True, slots=True)
class Flops:
    """Floating-point operations of matrix products and convolutions; one multiply-add is two.

    `attention` are products of activations with activations, `linear` products with weights. Norms, softmax,
    activations and rotations are not counted. Causal attention is counted in full.

    >>> Flops(attention=1, linear=2) * 3 + Flops(convolution=4)
    Flops(attention=3, linear=6, convolution=4)
    >>> Flops(1, 2, 4).total, Flops(1, 2, 4).of("linear")
    (7, 2)
    """

    attention: int = 0
    linear: int = 0
    convolution: int = 0

    @property
    def total(self) -> int:
        """All kinds together."""
        return self.attention + self.linear + self.convolution

    def __add__(self, other: "Flops") -> "Flops":
        return Flops(self.attention + other.attention, self.linear + other.linear, self.convolution + other.convolution)

    def __mul__(self, times: int) -> "Flops":
        return Flops(self.attention * times, self.linear * times, self.convolution * times)

    def of(self, kind: FlopKind) -> int:
        """Return one kind's count."""
        return int(getattr(self, kind))
