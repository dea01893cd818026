"""A component's peak memory at any shape: in each regime the largest of a few sums over tokens, areas, frames, batch.

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
ByteCoefficients = Mapping[str, float]
"""The coefficient in bytes of each product of variables, written `b*n`; the constant is `1`."""


@dataclass(frozen=True)
class MemoryPolynomial:
    """What a component holds at its peak beside its weights, in bytes: in each regime the largest of a few sums.

    `error` is the largest relative difference to any peak that was followed on meta, those of the proof included; most
    of it are the allocator's blocks of 512 bytes.

    >>> polynomial = MemoryPolynomial("none", {"all": ({"b*n": 2.0}, {"1": 90.0, "n": 1.0})}, error=0.0)
    >>> polynomial.activations({"n": 7, "b": 2, "f": 1}), polynomial.activations({"n": 70, "b": 3, "f": 1})
    (97, 420)
    """

    split: Split
    regimes: Mapping[str, tuple[ByteCoefficients, ...]]
    error: float

    def activations(self, values: Values) -> int:
        """Return the bytes at those variables (`memory_variables`). Raises KeyError in a regime that was not fitted."""
        return max(round(total(terms, values)) for terms in self.regimes[regime(self.split, values)])


def memory_variables(architecture: Architecture, component: Component, shape: Shape) -> Values:
    """Return the variables of a component's memory polynomial: those of its FLOPs, and three of its own.

    Batch `b`, latent frames `f`, half the perimeter `p` in latents: video decoders pad their convolutions' inputs.

    >>> from data.architectures.library import architecture
    >>> flux = architecture("flux.1-dev")
    >>> memory_variables(flux, flux.component("denoiser"), flux.shape())
    {'n': 4096, 't': 512, 'b': 1, 'f': 1, 'p': 256}
    """
    values, latents = variables(architecture, component, shape), architecture.latents
    return {name: values[name] for name in values if name in LENGTHS or name in AREAS} | {
        "b": shape.batch,
        "f": latents.frames(shape),
        "p": latents.height(shape) + latents.width(shape),
    }


def monomials(component: Component, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the products that a component's tensors may be made of; `names` are those of `memory_variables`.

    >>> from data.architectures.library import architecture
    >>> monomials(architecture("flux.1-dev").component("denoiser"), ("n", "t", "b", "f", "p"))
    ('1', 'n', 't', 'b', 'b*n', 'b*t')
    """
    sizes = ["1", *(name for name in names if name in LENGTHS or name in AREAS)]
    if component.stage == "text_encoders":
        sizes.append("t*t")
    if component.stage == "vae_decode" and "a" in names:
        sizes += ["p", "a*f", "p*f"]
    return (*sizes, *("b" if size == "1" else f"b*{size}" for size in sizes))


def product(monomial: str, values: Values) -> int:
    """Return the product that a monomial names.

    >>> product("b*n", {"b": 2, "n": 7}), product("1", {})
    (14, 1)
    """
    factors = 1
    for name in monomial.split("*"):
        factors *= values[name] if name != "1" else 1
    return factors


def total(terms: ByteCoefficients, values: Values) -> float:
    """Return one sum, in bytes.

    >>> total({"1": 90.0, "n": 1.5}, {"n": 10})
    105.0
    """
    return sum(coefficient * product(monomial, values) for monomial, coefficient in terms.items())


def regime(split: Split, values: Values) -> str:
    """Return the name of the regime that a shape lies in.

    >>> regime("none", {"f": 3, "b": 2}), regime("frames and batch", {"f": 12, "b": 1})
    ('all', 'f5+ b1')
    """
    frames = f"f{values['f']}" if values["f"] < WHOLE else f"f{WHOLE}+"
    batch = "b1" if values["b"] == 1 else "b2+"
    parity = "odd" if values["f"] % 2 else "even"
    parts = {"none": ["all"], "frames": [frames], "frames and batch": [frames, batch]}
    return " ".join(parts.get(split, [frames, batch, parity]))
