"""A law of peak memory: in each regime the largest of a few sums over tokens, areas, frames and batch.

What lives at one moment of a call is a sum of tensors, and each tensor's size a product of such lengths. Which moment
is the fullest changes with the shape, so the peak is the largest of a few sums; which moments there are changes where a
network works differently: at a video's first latent frames, and from a batch of two on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from data.flops.variables import Values, variables

WHOLE: Final = 5
"""Latent frames from which a video's decoder has filled its caches and its first tile; below, each number differs."""
LENGTHS: Final = frozenset({"n", "t", "s"})
AREAS: Final = frozenset({"a", *(f"a{level}" for level in range(8))})

Split = Literal["none", "frames", "frames and batch", "frames, batch and parity"]
VariableValues = Mapping[str, float]
"""Bytes before each product of variables, written `b*n`; the constant is `1`."""


@dataclass(frozen=True)
class MemoryPolynomial:
    """What a component holds at its peak beside its weights, in bytes: in each regime the largest of a few sums.

    `error` is the largest relative difference to any peak that was followed on meta, those of the proof included; most
    of it are the allocator's blocks of 512 bytes.
    """

    split: Split
    regimes: Mapping[str, tuple[VariableValues, ...]]
    error: float

    def activations(self, values: Values) -> int:
        """Return the bytes at those variables (`held`). Raises KeyError in a regime that has no law."""
        return max(round(total(terms, values)) for terms in self.regimes[regime(self.split, values)])


def held(architecture: Architecture, component: Component, shape: Shape) -> Values:
    """Return the variables of a component's law of memory: those of its FLOPs, and three of its own.

    Batch `b`, latent frames `f`, half the perimeter `p` in latents: video decoders pad their convolutions' inputs.
    """
    own, latents = variables(architecture, component, shape), architecture.latents
    return {name: own[name] for name in own if name in LENGTHS or name in AREAS} | {
        "b": shape.batch,
        "f": latents.frames(shape),
        "p": latents.height(shape) + latents.width(shape),
    }


def monomials(component: Component, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the products that a component's tensors may be made of; `names` are those of `held`."""
    sizes = ["1", *(name for name in names if name in LENGTHS or name in AREAS)]
    if component.stage == "text_encoders":
        sizes.append("t*t")
    if component.stage == "vae_decode" and "a" in names:
        sizes += ["p", "a*f", "p*f"]
    return (*sizes, *("b" if size == "1" else f"b*{size}" for size in sizes))


def product(monomial: str, values: Values) -> int:
    """Return the product that a monomial names."""
    found = 1
    for name in monomial.split("*"):
        found *= values[name] if name != "1" else 1
    return found


def total(terms: VariableValues, values: Values) -> float:
    """Return one sum, in bytes."""
    return sum(coefficient * product(monomial, values) for monomial, coefficient in terms.items())


def regime(split: Split, values: Values) -> str:
    """Return the name of the regime that a shape lies in: `f5+ b1`, `f1 b2+`, `all`."""
    frames = f"f{values['f']}" if values["f"] < WHOLE else f"f{WHOLE}+"
    batch = "b1" if values["b"] == 1 else "b2+"
    parity = "odd" if values["f"] % 2 else "even"
    parts = {"none": ["all"], "frames": [frames], "frames and batch": [frames, batch]}
    return " ".join(parts.get(split, [frames, batch, parity]))
