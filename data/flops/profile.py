"""What one call of a model at one shape computes, stage by stage and kind by kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from data.architectures.architecture import Architecture, Stage
from data.architectures.shape import Shape
from data.flops.cost_polynomial import CostPolynomial
from data.flops.flops import KINDS, Flops

STAGES: Final[tuple[Stage, ...]] = ("text_encoders", "denoiser", "vae_encode", "vae_decode")
COUNTED: Final[tuple[Stage, ...]] = ("text_encoders", "denoiser", "vae_decode")
"""The stages of a call that makes media out of text; encoding is what a call with a picture adds."""
BYTES_PER_WEIGHT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentCalls:
    """One component in a call: its polynomial and variables, and how often it counts (steps, guidance and batch).

    >>> polynomial = CostPolynomial.from_json({"n": [0, 3, 0]})
    >>> denoiser = ComponentCalls(
    ...     name="denoiser", stage="denoiser", calls=20, parameters=5, polynomial=polynomial, values={"n": 10}
    ... )
    >>> denoiser.flops()
    Flops(attention=0, linear=600, convolution=0)
    """

    name: str
    stage: Stage
    calls: int
    parameters: int
    polynomial: CostPolynomial | None
    values: Mapping[str, int]
    reason: str | None = None

    def flops(self) -> Flops:
        """Return the FLOPs of all its calls; none where it has no polynomial."""
        return self.polynomial.flops(self.values) * self.calls if self.polynomial else Flops()


@dataclass(frozen=True)
class Profile:
    """What one call computes: exact counts of matrix products and convolutions, batch and guidance included.

    A component that cannot be counted adds nothing, and `partial` says which and why. `peak_memory_bytes` is there
    where the memory model has the model; `memory_unknown` says of which components it knows nothing, and why.

    >>> from data.flops.flops_model import load_flops_model
    >>> model = load_flops_model()
    >>> profile = model.profile("dit-xl-2", model.shape("dit-xl-2"))
    >>> profile.tokens, profile.forwards, f"{profile.denoiser_forward.total / 2e9:.2f}"
    (256, 500, '118.64')
    """

    architecture: Architecture
    shape: Shape
    components: tuple[ComponentCalls, ...]
    versions: Mapping[str, str]
    peak_memory_bytes: Mapping[str, int] | None = None
    memory_unknown: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The architecture's id."""
        return self.architecture.id

    @property
    def tokens(self) -> int:
        """The denoiser's image or video tokens, for a UNet its latent positions."""
        return self.architecture.latents.tokens(self.shape)

    @property
    def forwards(self) -> int:
        """The denoiser's forwards for one medium: steps, twice with classifier-free guidance above 1."""
        return self.architecture.forwards(self.shape)

    @cached_property
    def stages(self) -> Mapping[Stage, Flops]:
        """The FLOPs of each stage by kind."""
        stages: dict[Stage, Flops] = dict.fromkeys(STAGES, Flops())
        for component in self.components:
            stages[component.stage] += component.flops()
        return stages

    @cached_property
    def total(self) -> Flops:
        """The FLOPs of the call: text encoders, denoiser and VAE decode; VAE encode is not part of it."""
        return sum((self.stages[stage] for stage in COUNTED), Flops())

    @cached_property
    def denoiser_forward(self) -> Flops:
        """The FLOPs of one forward of the denoiser, batch included: of guidance's two halves the mean."""
        denoiser = self.stages["denoiser"]
        return Flops(*(denoiser.of(kind) // self.forwards for kind in KINDS))

    @property
    def parameters(self) -> Mapping[str, int]:
        """Parameters by component; a VAE's once, of denoisers that take turns those of all."""
        times = {"denoiser": self.architecture.denoisers}
        return {
            component.name.replace("vae_decode", "vae"): component.parameters * times.get(component.name, 1)
            for component in self.components
            if component.stage != "vae_encode"
        }

    @property
    def arithmetic_intensity(self) -> float:
        """FLOPs of a denoiser forward for each byte of its weights, at two bytes a weight."""
        return self.denoiser_forward.total / (BYTES_PER_WEIGHT * self._denoiser.parameters)

    @property
    def crossover_tokens(self) -> int | None:
        """The tokens from which attention among them overtakes all that is linear in them; None where it never does.

        With F(n) = a + b·n + c·n² it is b / c, text as long as in this shape. A UNet's tokens are latent positions.
        """
        if self._denoiser.polynomial is None:
            return None
        linear, quadratic = _slopes(self._denoiser.polynomial, self._denoiser.values)
        return round(linear / quadratic) if quadratic else None

    @property
    def varies(self) -> bool:
        """Whether the denoiser's work depends on the shape at all: not where only one size is taken."""
        return self._denoiser.polynomial is not None and bool(self._denoiser.polynomial.variables)

    @property
    def partial(self) -> Mapping[str, str]:
        """Why components are missing from the counts, by name; empty where all were counted."""
        return {
            component.name: component.reason or "not counted"
            for component in self.components
            if component.polynomial is None
        }

    def as_json(self) -> dict[str, Any]:
        """Return the profile for machines: FLOPs are whole numbers, one multiply-add is two."""
        shape, parameters = self.shape, self.parameters
        seconds = self.architecture.seconds(shape)
        return {
            "model": self.model,
            "shape": {
                **{name: getattr(shape, name) for name in ("width", "height", "frames", "steps", "guidance", "batch")},
                "text_tokens": shape.text_tokens,
                "seconds": seconds,
            },
            "tokens": self.tokens,
            "forwards": self.forwards,
            "parameters": {"total": sum(parameters.values()), **parameters},
            "flops": self._flops(),
            "multiply_adds": {"denoiser_forward": self.denoiser_forward.total // 2, "total": self.total.total // 2},
            "peak_memory_bytes": dict(self.peak_memory_bytes) if self.peak_memory_bytes else None,
            "memory_unknown": dict(self.memory_unknown),
            "arithmetic_intensity": self.arithmetic_intensity,
            "crossover_tokens": self.crossover_tokens,
            "partial": dict(self.partial),
            "versions": dict(self.versions),
        }

    def _flops(self) -> dict[str, Any]:
        by_stage = {stage: self.stages[stage].total for stage in STAGES}
        kinds: dict[str, Flops] = {"denoiser_forward": self.denoiser_forward}
        kinds |= {stage: self.stages[stage] for stage in STAGES} | {"total": self.total}
        return {
            "denoiser_forward": self.denoiser_forward.total,
            "denoiser": by_stage["denoiser"],
            "text_encoders": by_stage["text_encoders"],
            "vae_encode": by_stage["vae_encode"],
            "vae_decode": by_stage["vae_decode"],
            "total": self.total.total,
            "by_kind": {stage: {kind: flops.of(kind) for kind in KINDS} for stage, flops in kinds.items()},
        }

    @property
    def _denoiser(self) -> ComponentCalls:
        return next(component for component in self.components if component.stage == "denoiser")


def _slopes(polynomial: CostPolynomial, values: Mapping[str, int]) -> tuple[Fraction, Fraction]:
    """Return b and c of F(n) = a + b·n + c·n², all other variables as they are; n is a UNet's first area."""
    slopes = [Fraction(0), Fraction(0), Fraction(0)]
    for monomial, coefficients in polynomial.terms.items():
        share, degree = sum(coefficients, Fraction(0)), 0
        for name in monomial:
            if name == "n":
                degree += 1
            elif name.startswith("a") and name[1:].isdigit():
                degree, share = degree + 1, share / 4 ** int(name[1:])
            else:
                share *= values[name]
        slopes[degree] += share
    return slopes[1], slopes[2]
