"""The committed laws of every architecture, and the answers that they give without torch."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.architectures.architecture import Architecture, Component, Stage
from data.architectures.library import architecture
from data.architectures.shape import Shape, ShapeRequest
from data.errors import InputFileError, UnknownNameError
from data.flops.committed import models_in
from data.flops.cost_polynomial import CostPolynomial
from data.flops.memory_model import load_memory
from data.flops.profile import Piece, Profile
from data.flops.variables import BATCH, variables
from data.serialization import digest

FLOPS_MODEL: Final = Path(__file__).parent / "flops_model.json"
FORMAT: Final = 1
GUIDED: Final[frozenset[Stage]] = frozenset({"text_encoders", "denoiser"})
"""Stages where classifier-free guidance runs two halves side by side: the prompt and the negative prompt."""


@dataclass(frozen=True, slots=True)
class CountedComponent:
    """One component in the atlas: its parameters and its law, or the reason why it has none."""

    component: Component
    parameters: int
    law: CostPolynomial | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ArchitectureFlops:
    """One architecture in the atlas: its components, and the versions of the libraries that were counted."""

    architecture: Architecture
    components: tuple[CountedComponent, ...]
    versions: Mapping[str, str]


class FlopsModel:
    """The laws by architecture. Names are ids or aliases, letters of any case."""

    def __init__(self, models: Mapping[str, Any], path: Path = FLOPS_MODEL) -> None:
        self._models, self._path = models, path
        self._entries: dict[str, ArchitectureFlops] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """The ids of the architectures that the atlas holds, in alphabetical order."""
        return tuple(sorted(self._models))

    def entry(self, model: str) -> ArchitectureFlops:
        """Return what the atlas knows of an architecture.

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
        together = replace(shape, batch=shape.batch * entry.architecture.doubled(shape))
        pieces = []
        for known in entry.components:
            stage = known.component.stage
            run = together if stage in GUIDED else shape
            pieces.append(
                Piece(
                    name=known.component.name,
                    stage=stage,
                    calls=_calls(stage, run, known.law),
                    parameters=known.parameters,
                    law=known.law,
                    values=variables(entry.architecture, known.component, run),
                    reason=known.reason,
                )
            )
        laws = load_memory()
        memory = laws.peak(entry.architecture, shape)
        held = memory.as_json() if memory else None
        unknown = laws.reasons(entry.architecture.id)
        return Profile(entry.architecture, shape, tuple(pieces), entry.versions, held, unknown)

    def totals(self, model: str, shapes: Iterable[Shape]) -> list[int]:
        """Return the FLOPs of one call at each shape: text encoders, denoiser and VAE decode; what has no law is 0.

        Ten thousand shapes take under a tenth of a second.
        """
        entry, asked = self.entry(model), list(shapes)
        totals = [0] * len(asked)
        for known in entry.components:
            if known.law is not None and known.component.stage != "vae_encode":
                each = _each(entry.architecture, known.component, known.law, asked)
                totals = [total + flops for total, flops in zip(totals, each, strict=True)]
        return totals

    def _read(self, model: str) -> ArchitectureFlops:
        found = architecture(model)
        if found.id not in self._models:
            raise UnknownNameError("architecture in the atlas", model, self._models)
        written = self._models[found.id]
        if written["architecture"] != fingerprint(found):
            raise InputFileError(
                self._path,
                f"Expected laws of the architecture file of {found.id}, got those of an earlier one. "
                f"Run: halflife profile --rebuild-atlas --only {found.id}",
            )
        return ArchitectureFlops(
            found,
            tuple(_surveyed(component, written["components"][component.name]) for component in found.components()),
            written["versions"],
        )


def _each(described: Architecture, component: Component, law: CostPolynomial, shapes: Iterable[Shape]) -> Iterator[int]:
    """Yield the FLOPs of a component in one call of the pipeline at each shape, alike shapes looked up once."""
    stage, batched = component.stage, BATCH in law.variables
    known: dict[tuple[int, ...], int] = {}
    for shape in shapes:
        media = shape.batch * (described.doubled(shape) if stage in GUIDED else 1)
        if stage == "text_encoders":
            key: tuple[int, ...] = (shape.text_tokens,)
        else:
            key = (shape.width, shape.height, shape.frames, shape.text_tokens, media if batched else 1)
        if key not in known:
            run = replace(shape, batch=media) if batched else shape
            known[key] = law.total(variables(described, component, run))
        yield known[key] * (1 if batched else media) * (shape.steps if stage == "denoiser" else 1)


@cache
def load_flops_model(path: Path = FLOPS_MODEL) -> FlopsModel:
    """Return the committed atlas. Raises InputFileError where there is none, or one of another format."""
    return FlopsModel(models_in(path, "the atlas", FORMAT), path)


def fingerprint(described: Architecture) -> str:
    """Return the digest of what an architecture's laws depend on: its networks and its latents."""
    content = described.model_dump(mode="json", include={"latents", "text_encoders", "denoiser", "vae", "sound"})
    return digest(_without_sources(content))


def _calls(stage: Stage, run: Shape, law: CostPolynomial | None) -> int:
    """Return how often a law counts in one call of the pipeline, `run` holding guidance's halves side by side."""
    return (run.steps if stage == "denoiser" else 1) * (law.media(run.batch) if law else run.batch)


def _surveyed(component: Component, written: Mapping[str, Any]) -> CountedComponent:
    law = CostPolynomial.from_json(written["law"]) if "law" in written else None
    return CountedComponent(component, written["parameters"], law, written.get("reason"))


def _without_sources(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_sources(value) for key, value in content.items() if key != "sources"}
    return [_without_sources(value) for value in content] if isinstance(content, list) else content
