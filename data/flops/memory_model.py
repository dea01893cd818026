"""Peak memory of a call at any shape, from committed polynomials: torch is not needed to say whether a card will do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from data.flops.committed import read_models
from data.flops.memory_polynomial import MemoryPolynomial, memory_variables
from data.serialization import digest

MEMORY_MODEL: Final = Path(__file__).parent / "memory_model.json"
FORMAT: Final = 1
SEQUENTIAL: Final = frozenset({"wan", "wan-timestep-a-token", "qwen-image"})
"""Denoisers whose pipeline runs the guided and the unguided prompt one after the other; the others batch the two."""


@dataclass(frozen=True, slots=True)
class ComponentMemory:
    """Bytes of one component at work: its weights, and its activations at their peak (None without a polynomial).

    >>> ComponentMemory(30, 5).peak
    35
    """

    weights: int
    activations: int | None

    @property
    def peak(self) -> int | None:
        """Weights and activations; None where the activations are not known."""
        return None if self.activations is None else self.weights + self.activations


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMemory:
    """Bytes that one call of a pipeline allocates at its peak: bfloat16, eager, attention as a flash kernel.

    `denoiser` holds one forward of the batch, `guided` the forward as the pipeline runs it under classifier-free
    guidance, most of them with both prompts in one batch. Text encoders work one after the other. Where the activations
    of a component are not known, what it is part of is None.

    >>> denoiser, decoder = ComponentMemory(30, 5), ComponentMemory(1, 20)
    >>> peak = PeakMemory(text_encoders=(), denoiser=denoiser, guided=ComponentMemory(30, 9), decoders=(decoder,))
    >>> peak.weights, peak.resident, peak.offloaded
    (31, 51, 39)
    """

    text_encoders: tuple[ComponentMemory, ...]
    denoiser: ComponentMemory
    guided: ComponentMemory
    decoders: tuple[ComponentMemory, ...]
    waiting: int = 0

    @property
    def weights(self) -> int:
        """The weights of all components, denoisers that wait their turn (`waiting`) among them."""
        return sum(component.weights for component in self._components) + self.waiting

    @property
    def resident(self) -> int | None:
        """The peak with all weights on the device from beginning to end."""
        activations = _largest(component.activations for component in self._components)
        return None if activations is None else self.weights + activations

    @property
    def offloaded(self) -> int | None:
        """The peak with only the component on the device that is at work (diffusers' model offload)."""
        return _largest(component.peak for component in self._components)

    def as_json(self) -> dict[str, int]:
        """Return bytes by name, what is None left out; stages with their own weights, `peak` with all resident."""
        peaks = {
            "weights": self.weights,
            "text_encoders": combined(self.text_encoders).peak,
            "denoiser": self.denoiser.peak,
            "denoiser_guided": self.guided.peak,
            "vae_decode": combined(self.decoders).peak,
            "peak": self.resident,
            "peak_offloaded": self.offloaded,
        }
        return {name: value for name, value in peaks.items() if value is not None}

    @property
    def _components(self) -> tuple[ComponentMemory, ...]:
        return (*self.text_encoders, self.guided, *self.decoders)


class _Measured(NamedTuple):
    """A component's weights in bytes, and the polynomial of its activations where it has one."""

    weights: int
    polynomial: MemoryPolynomial | None


class MemoryModel:
    """The memory polynomials by architecture and component.

    >>> from data.architectures.library import architecture
    >>> sdxl = architecture("sdxl")
    >>> load_memory().peak(sdxl, sdxl.shape()).resident > 6 * 2**30
    True
    """

    def __init__(self, models: Mapping[str, Any]) -> None:
        self._models = models
        self._cache: dict[tuple[str, str], tuple[Architecture, _Measured | None]] = {}

    def peak(self, architecture: Architecture, shape: Shape) -> PeakMemory | None:
        """Return the peak memory of a call; None where a component has no entry, or its description changed since."""
        by_stage: dict[str, list[ComponentMemory]] = {"text_encoders": [], "denoiser": [], "vae_decode": []}
        for component in generating_components(architecture):
            memory = self._memory(architecture, component, shape)
            if memory is None:
                return None
            by_stage[component.stage].append(memory)
        (denoiser,) = by_stage["denoiser"]
        guided = self._memory(architecture, architecture.component("denoiser"), guided_shape(architecture, shape))
        return PeakMemory(
            text_encoders=tuple(by_stage["text_encoders"]),
            denoiser=denoiser,
            guided=guided or denoiser,
            decoders=tuple(by_stage["vae_decode"]),
            waiting=(architecture.denoisers - 1) * denoiser.weights,
        )

    def error(self, model: str) -> float:
        """Return the largest relative error of a model's polynomials. Raises KeyError where it has none."""
        components = self._models[model]["components"].values()
        return max(float(component["error"]) for component in components if "error" in component)

    def reasons(self, model: str) -> Mapping[str, str]:
        """Return why components of a model have no polynomial, by their names."""
        components = self._models.get(model, {}).get("components", {})
        return {name: content["reason"] for name, content in components.items() if "reason" in content}

    @property
    def models(self) -> tuple[str, ...]:
        """The ids of the architectures that have polynomials."""
        return tuple(sorted(self._models))

    def _memory(self, architecture: Architecture, component: Component, shape: Shape) -> ComponentMemory | None:
        key = architecture.id, component.name
        if key not in self._cache or self._cache[key][0] is not architecture:
            self._cache[key] = architecture, self._read(architecture, component)
        measured = self._cache[key][1]
        if measured is None:
            return None
        values = memory_variables(architecture, component, shape)
        return ComponentMemory(
            measured.weights, measured.polynomial.activations(values) if measured.polynomial else None
        )

    def _read(self, architecture: Architecture, component: Component) -> _Measured | None:
        content = self._models.get(architecture.id, {}).get("components", {}).get(component.name)
        if content is None or content["network"] != fingerprint(architecture, component):
            return None
        if "regimes" not in content:
            return _Measured(content["weights"], None)
        regimes = {name: tuple(sums) for name, sums in content["regimes"].items()}
        return _Measured(content["weights"], MemoryPolynomial(content["split"], regimes, content["error"]))


@cache
def load_memory(path: Path = MEMORY_MODEL) -> MemoryModel:
    """Return the committed memory model. Raises InputFileError where there is none, or one of another format."""
    return MemoryModel(read_models(path, "the memory model", FORMAT))


def generating_components(architecture: Architecture) -> Iterator[Component]:
    """Yield the components of a call that makes media out of text: all but the VAE's encoder.

    >>> from data.architectures.library import architecture
    >>> [component.name for component in generating_components(architecture("dit-xl-2"))]
    ['denoiser', 'vae_decode']
    """
    return (component for component in architecture.components() if component.stage != "vae_encode")


def guided_shape(architecture: Architecture, shape: Shape) -> Shape:
    """Return the shape whose batch is what one forward of the denoiser holds, both prompts of guidance included.

    >>> from data.architectures.library import architecture
    >>> sdxl, wan = architecture("sdxl"), architecture("wan2.1-14b")
    >>> guided_shape(sdxl, sdxl.shape()).batch, guided_shape(wan, wan.shape()).batch
    (2, 1)
    """
    batched = architecture.denoiser.call not in SEQUENTIAL
    return replace(shape, batch=shape.batch * (architecture.doubled(shape) if batched else 1))


def fingerprint(architecture: Architecture, component: Component) -> str:
    """Return the digest of what a component's memory depends on: its network, and how pixels become latents.

    >>> from data.architectures.library import architecture
    >>> sdxl = architecture("sdxl")
    >>> len(fingerprint(sdxl, sdxl.component("denoiser")))
    64
    """
    network = component.network.model_dump(mode="json", exclude={"sources"})
    return digest(
        {
            "network": network,
            "tokens": component.tokens,
            "more": component.more,
            "latents": architecture.latents.model_dump(mode="json"),
        }
    )


def combined(components: Iterable[ComponentMemory]) -> ComponentMemory:
    """Return components that lie on the device at once and work one after the other, as one.

    >>> combined([ComponentMemory(10, 1), ComponentMemory(40, 2)])
    ComponentMemory(weights=50, activations=2)
    """
    members = tuple(components)
    weights = sum(component.weights for component in members)
    return ComponentMemory(weights, _largest(component.activations for component in members))


def _largest(values: Iterable[int | None]) -> int | None:
    """Return the largest value, 0 for none at all, None where one of them is not known."""
    candidates = list(values)
    known = [value for value in candidates if value is not None]
    return max(known, default=0) if len(known) == len(candidates) else None
