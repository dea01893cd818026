"""The FLOPs of every architecture: its committed polynomials, and what they say of a shape without torch."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.architectures import library
from data.architectures.architecture import Architecture, Component, Stage
from data.architectures.shape import Shape, ShapeRequest
from data.errors import InputFileError, UnknownNameError
from data.flops.committed import read_models
from data.flops.cost_polynomial import CostPolynomial
from data.flops.memory_model import load_memory
from data.flops.profile import ComponentCalls, Profile
from data.flops.variables import BATCH, variables
from data.serialization import digest

FLOPS_MODEL: Final = Path(__file__).parent / "flops_model.json"
FORMAT: Final = 1
GUIDED: Final[frozenset[Stage]] = frozenset({"text_encoders", "denoiser"})
"""Stages where classifier-free guidance runs two halves side by side: the prompt and the negative prompt."""


@dataclass(frozen=True, slots=True)
class CountedComponent:
    """One component: its parameters and its polynomial, or the reason why it could not be counted."""

    component: Component
    parameters: int
    polynomial: CostPolynomial | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ArchitectureFlops:
    """One architecture: its counted components, and the versions of the libraries that were counted."""

    architecture: Architecture
    components: tuple[CountedComponent, ...]
    versions: Mapping[str, str]


class FlopsModel:
    """The polynomials by architecture. Names are ids or aliases, letters of any case.

    >>> model = load_flops_model()
    >>> shape = model.shape("flux.1-dev", ShapeRequest(width=512, height=512))
    >>> (shape.width, shape.steps), model.totals("flux.1-dev", [shape])
    ((512, 28), [609445797629952])
    >>> model.profile("flux.1-dev", shape).total.total
    609445797629952
    """

    def __init__(self, models: Mapping[str, Any], path: Path = FLOPS_MODEL) -> None:
        self._models, self._path = models, path
        self._entries: dict[str, ArchitectureFlops] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """The ids of the architectures that have polynomials, in alphabetical order."""
        return tuple(sorted(self._models))

    def entry(self, model: str) -> ArchitectureFlops:
        """Return the counted components of an architecture.

        Raises UnknownNameError with the nearest name, InputFileError where the architecture's file was changed since.
        """
        if model not in self._entries:
            self._entries[model] = self._read(model)
        return self._entries[model]

    def shape(self, model: str, asked: ShapeRequest | None = None) -> Shape:
        """Return the shape that is asked for, conventions filled in. Raises ShapeError with the nearest one taken."""
        return self.entry(model).architecture.shape(asked)

    def profile(self, model: str, shape: Shape) -> Profile:
        """Return what one call of a model at a shape computes, exactly. Raises as `entry` does."""
        entry = self.entry(model)
        architecture = entry.architecture
        calls = tuple(_calls(architecture, counted, shape) for counted in entry.components)
        memory_model = load_memory()
        peak = memory_model.peak(architecture, shape)
        reasons = memory_model.reasons(architecture.id)
        return Profile(architecture, shape, calls, entry.versions, peak.as_json() if peak else None, reasons)

    def totals(self, model: str, shapes: Iterable[Shape]) -> list[int]:
        """Return the FLOPs of one call at each shape: text encoders, denoiser, VAE decode; 0 for what is not counted.

        Ten thousand shapes take under a tenth of a second.
        """
        entry, asked = self.entry(model), list(shapes)
        totals = [0] * len(asked)
        for counted in entry.components:
            if counted.polynomial is not None and counted.component.stage != "vae_encode":
                flops = _totals(entry.architecture, counted.component, counted.polynomial, asked)
                totals = [total + more for total, more in zip(totals, flops, strict=True)]
        return totals

    def _read(self, model: str) -> ArchitectureFlops:
        architecture = library.architecture(model)
        if architecture.id not in self._models:
            raise UnknownNameError("architecture in the FLOPs model", model, self._models)
        content = self._models[architecture.id]
        if content["architecture"] != fingerprint(architecture):
            raise InputFileError(
                self._path,
                f"Expected polynomials of the architecture file of {architecture.id}, got those of an earlier one. "
                f"Run: halflife profile --rebuild-atlas --only {architecture.id}",
            )
        components = content["components"]
        return ArchitectureFlops(
            architecture,
            tuple(_counted(component, components[component.name]) for component in architecture.components()),
            content["versions"],
        )


@cache
def load_flops_model(path: Path = FLOPS_MODEL) -> FlopsModel:
    """Return the committed FLOPs model. Raises InputFileError where there is none, or one of another format."""
    return FlopsModel(read_models(path, "the FLOPs model", FORMAT), path)


def fingerprint(architecture: Architecture) -> str:
    """Return the digest of what an architecture's polynomials depend on: its networks and its latents.

    >>> fingerprint(library.architecture("sdxl")) == fingerprint(library.architecture("SDXL"))
    True
    """
    content = architecture.model_dump(mode="json", include={"latents", "text_encoders", "denoiser", "vae", "sound"})
    return digest(_without_sources(content))


def _calls(architecture: Architecture, counted: CountedComponent, shape: Shape) -> ComponentCalls:
    """Return a component's share of one call of the pipeline, guidance's two halves side by side in its batch."""
    stage, polynomial = counted.component.stage, counted.polynomial
    doubled = architecture.doubled(shape) if stage in GUIDED else 1
    run = replace(shape, batch=shape.batch * doubled)
    media = polynomial.media(run.batch) if polynomial else run.batch
    return ComponentCalls(
        name=counted.component.name,
        stage=stage,
        calls=(run.steps if stage == "denoiser" else 1) * media,
        parameters=counted.parameters,
        polynomial=polynomial,
        values=variables(architecture, counted.component, run),
        reason=counted.reason,
    )


def _totals(
    architecture: Architecture, component: Component, polynomial: CostPolynomial, shapes: Iterable[Shape]
) -> Iterator[int]:
    """Yield the FLOPs of a component in one call of the pipeline at each shape, alike shapes computed once."""
    stage, batched = component.stage, BATCH in polynomial.variables
    computed: dict[tuple[int, ...], int] = {}
    for shape in shapes:
        media = shape.batch * (architecture.doubled(shape) if stage in GUIDED else 1)
        if stage == "text_encoders":
            key: tuple[int, ...] = (shape.text_tokens,)
        else:
            key = (shape.width, shape.height, shape.frames, shape.text_tokens, media if batched else 1)
        if key not in computed:
            run = replace(shape, batch=media) if batched else shape
            computed[key] = polynomial.total(variables(architecture, component, run))
        yield computed[key] * (1 if batched else media) * (shape.steps if stage == "denoiser" else 1)


def _counted(component: Component, content: Mapping[str, Any]) -> CountedComponent:
    polynomial = CostPolynomial.from_json(content["law"]) if "law" in content else None
    return CountedComponent(component, content["parameters"], polynomial, content.get("reason"))


def _without_sources(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_sources(value) for key, value in content.items() if key != "sources"}
    return [_without_sources(value) for value in content] if isinstance(content, list) else content
