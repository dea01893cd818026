"""The committed laws of every architecture, and the answers that they give without torch."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.architectures.architecture import Architecture, Component, Stage
from data.architectures.library import architecture
from data.architectures.shape import Asked, Shape
from data.atlas.committed import models_in
from data.atlas.law import Law
from data.atlas.memory import load_memory
from data.atlas.profile import Piece, Profile
from data.atlas.variables import BATCH, variables
from data.errors import InputFileError, UnknownNameError
from data.identity import digest

ATLAS: Final = Path(__file__).parent / "atlas.json"
FORMAT: Final = 1
GUIDED: Final[frozenset[Stage]] = frozenset({"text_encoders", "denoiser"})
"""Stages where classifier-free guidance runs two halves side by side: the prompt and the negative prompt."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One component in the atlas: its parameters and its law, or the reason why it has none."""

    component: Component
    parameters: int
    law: Law | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One architecture in the atlas: its components, and the versions of the libraries that were counted."""

    architecture: Architecture
    components: tuple[Surveyed, ...]
    versions: Mapping[str, str]


class Atlas:
    """The laws by architecture. Names are ids or aliases, letters of any case."""

    def __init__(self, models: Mapping[str, Any], path: Path = ATLAS) -> None:
        self._models, self._path = models, path
        self._entries: dict[str, Entry] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """The ids of the architectures that the atlas holds, in alphabetical order."""
        return tuple(sorted(self._models))

    def entry(self, model: str) -> Entry:
        """Return what the atlas knows of an architecture.

        Raises UnknownNameError with the nearest name, InputFileError where the architecture's file was changed since.
        """
        if model not in self._entries:
            self._entries[model] = self._read(model)
        return self._entries[model]

    def shape(self, model: str, asked: Asked | None = None) -> Shape:
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

    def _read(self, model: str) -> Entry:
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
        return Entry(
            found,
            tuple(_surveyed(component, written["components"][component.name]) for component in found.components()),
            written["versions"],
        )


def _each(described: Architecture, component: Component, law: Law, shapes: Iterable[Shape]) -> Iterator[int]:
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
def load_atlas(path: Path = ATLAS) -> Atlas:
    """Return the committed atlas. Raises InputFileError where there is none, or one of another format."""
    return Atlas(models_in(path, "the atlas", FORMAT), path)


def fingerprint(described: Architecture) -> str:
    """Return the digest of what an architecture's laws depend on: its networks and its latents."""
    content = described.model_dump(mode="json", include={"latents", "text_encoders", "denoiser", "vae", "sound"})
    return digest(_without_sources(content))


def _calls(stage: Stage, run: Shape, law: Law | None) -> int:
    """Return how often a law counts in one call of the pipeline, `run` holding guidance's halves side by side."""
    return (run.steps if stage == "denoiser" else 1) * (law.media(run.batch) if law else run.batch)


def _surveyed(component: Component, written: Mapping[str, Any]) -> Surveyed:
    law = Law.from_json(written["law"]) if "law" in written else None
    return Surveyed(component, written["parameters"], law, written.get("reason"))


def _without_sources(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_sources(value) for key, value in content.items() if key != "sources"}
    return [_without_sources(value) for value in content] if isinstance(content, list) else content
