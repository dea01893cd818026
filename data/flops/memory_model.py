"""Peak memory of a call at any shape, from committed laws: torch is not needed to say whether a card will do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from data.flops.committed import models_in
from data.flops.memory_polynomial import MemoryPolynomial, held
from data.serialization import digest

MEMORY_MODEL: Final = Path(__file__).parent / "memory_model.json"
FORMAT: Final = 1
SEQUENTIAL: Final = frozenset({"wan", "wan-timestep-a-token", "qwen-image"})
"""Denoisers whose pipeline runs the guided and the unguided prompt one after the other; the others batch the two."""


@dataclass(frozen=True, slots=True)
class ComponentMemory:
    """Bytes of one component at work: its weights, and what it holds beside them at its peak (None without a law)."""

    weights: int
    activations: int | None

    @property
    def peak(self) -> int | None:
        """Weights and activations; None where the component has no law."""
        return None if self.activations is None else self.weights + self.activations


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMemory:
    """Bytes that one call of a pipeline allocates at its peak: bfloat16, eager, attention as a flash kernel.

    `denoiser` holds one forward of the batch, `guided` the forward as the pipeline runs it under classifier-free
    guidance, most of them with both prompts in one batch. Text encoders work one after the other. Where a component
    has no law, what it is part of is None.
    """

    text_encoders: tuple[ComponentMemory, ...]
    denoiser: ComponentMemory
    guided: ComponentMemory
    decoders: tuple[ComponentMemory, ...]
    waiting: int = 0

    @property
    def weights(self) -> int:
        """The weights of all components, denoisers that wait their turn (`waiting`) among them."""
        return sum(held.weights for held in self._working) + self.waiting

    @property
    def resident(self) -> int | None:
        """The peak with all weights on the device from beginning to end."""
        most = _largest(held.activations for held in self._working)
        return None if most is None else self.weights + most

    @property
    def offloaded(self) -> int | None:
        """The peak with only the component on the device that is at work (diffusers' model offload)."""
        return _largest(held.peak for held in self._working)

    def as_json(self) -> dict[str, int]:
        """Return bytes by name, what is None left out; stages with their own weights, `peak` with all resident."""
        known = {
            "weights": self.weights,
            "text_encoders": together(self.text_encoders).peak,
            "denoiser": self.denoiser.peak,
            "denoiser_guided": self.guided.peak,
            "vae_decode": together(self.decoders).peak,
            "peak": self.resident,
            "peak_offloaded": self.offloaded,
        }
        return {name: value for name, value in known.items() if value is not None}

    @property
    def _working(self) -> tuple[ComponentMemory, ...]:
        return (*self.text_encoders, self.guided, *self.decoders)


class MemoryModel:
    """The laws of memory by architecture and component."""

    def __init__(self, models: Mapping[str, Any]) -> None:
        self._models = models
        self._laws: dict[tuple[str, str], tuple[Architecture, tuple[int, MemoryPolynomial | None] | None]] = {}

    def peak(self, architecture: Architecture, shape: Shape) -> PeakMemory | None:
        """Return the peak memory of a call; None where a component was not followed, or was described anew since."""
        by_stage: dict[str, list[ComponentMemory]] = {"text_encoders": [], "denoiser": [], "vae_decode": []}
        for component in working(architecture):
            found = self._held(architecture, component, shape)
            if found is None:
                return None
            by_stage[component.stage].append(found)
        (denoiser,) = by_stage["denoiser"]
        guided = self._held(architecture, architecture.component("denoiser"), guided_shape(architecture, shape))
        return PeakMemory(
            text_encoders=tuple(by_stage["text_encoders"]),
            denoiser=denoiser,
            guided=guided or denoiser,
            decoders=tuple(by_stage["vae_decode"]),
            waiting=(architecture.denoisers - 1) * denoiser.weights,
        )

    def error(self, model: str) -> float:
        """Return the largest relative error of a model's laws. Raises KeyError where it has none."""
        components = self._models[model]["components"].values()
        return max(float(component["error"]) for component in components if "error" in component)

    def reasons(self, model: str) -> Mapping[str, str]:
        """Return why components of a model have no law, by their names."""
        components = self._models.get(model, {}).get("components", {})
        return {name: one["reason"] for name, one in components.items() if "reason" in one}

    @property
    def models(self) -> tuple[str, ...]:
        """The ids of the architectures that have laws."""
        return tuple(sorted(self._models))

    def _held(self, architecture: Architecture, component: Component, shape: Shape) -> ComponentMemory | None:
        key = architecture.id, component.name
        if key not in self._laws or self._laws[key][0] is not architecture:
            self._laws[key] = architecture, self._read(architecture, component)
        known = self._laws[key][1]
        if known is None:
            return None
        weights, law = known
        return ComponentMemory(weights, law.activations(held(architecture, component, shape)) if law else None)

    def _read(self, architecture: Architecture, component: Component) -> tuple[int, MemoryPolynomial | None] | None:
        written = self._models.get(architecture.id, {}).get("components", {}).get(component.name)
        if written is None or written["network"] != fingerprint(architecture, component):
            return None
        if "regimes" not in written:
            return written["weights"], None
        regimes = {name: tuple(pieces) for name, pieces in written["regimes"].items()}
        return written["weights"], MemoryPolynomial(written["split"], regimes, written["error"])


@cache
def load_memory(path: Path = MEMORY_MODEL) -> MemoryModel:
    """Return the committed laws of memory. Raises InputFileError where there are none, or of another format."""
    return MemoryModel(models_in(path, "the laws of memory", FORMAT))


def working(architecture: Architecture) -> Iterator[Component]:
    """Yield the components of a call that makes media out of text: all but the VAE's encoder."""
    return (component for component in architecture.components() if component.stage != "vae_encode")


def guided_shape(architecture: Architecture, shape: Shape) -> Shape:
    """Return the shape whose batch is what one forward of the denoiser holds, both prompts of guidance included."""
    together = architecture.denoiser.call not in SEQUENTIAL
    return replace(shape, batch=shape.batch * (architecture.doubled(shape) if together else 1))


def fingerprint(architecture: Architecture, component: Component) -> str:
    """Return the digest of what a component's memory depends on: its network, and how pixels become latents."""
    network = component.network.model_dump(mode="json", exclude={"sources"})
    return digest(
        {
            "network": network,
            "tokens": component.tokens,
            "more": component.more,
            "latents": architecture.latents.model_dump(mode="json"),
        }
    )


def together(components: Iterable[ComponentMemory]) -> ComponentMemory:
    """Return components that lie on the device at once and work one after the other, as one."""
    held = tuple(components)
    return ComponentMemory(sum(one.weights for one in held), _largest(one.activations for one in held))


def _largest(values: Iterable[int | None]) -> int | None:
    found = list(values)
    known = [value for value in found if value is not None]
    return max(known, default=0) if len(known) == len(found) else None
