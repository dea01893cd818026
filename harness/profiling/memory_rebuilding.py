"""Fits the laws of memory: every component is traced on meta at spread shapes, fitted, and checked on other shapes."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any, Final

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape, ShapeRequest
from data.files import write_atomic
from data.flops.memory_model import FORMAT, MEMORY_MODEL, fingerprint, generating_components
from data.flops.memory_polynomial import WHOLE, MemoryPolynomial, memory_variables, monomials
from harness.profiling.building import build
from harness.profiling.counting import CountingError
from harness.profiling.fitting import FitError
from harness.profiling.live_memory import footprint, weights
from harness.profiling.memory_fitting import Peak, fit_memory
from harness.profiling.rebuilding import COUNTED_WITH, held_out_shapes

Sides = tuple[float, float]

SIDES: Final = ((1.0, 1.0), (0.5, 0.6), (0.75, 1.0), (1.5, 1.2), (0.4, 0.3), (1.0, 1.6), (2.0, 1.5))
TINY: Final = ((0.1, 0.15), (0.6, 0.55), (0.3, 0.25), (0.4, 0.5), (0.2, 0.2))
"""Shares of the conventions' sides; at tiny ones text outweighs the picture, and another moment is the fullest."""
IMAGE_TO_TEXT: Final = (0.5, 0.8, 1.1, 1.5, 2.0, 3.0)
"""Tokens of the picture over those of the text."""
TEXT_AND_BATCH: Final = ((1.0, 1), (1.0, 2), (0.5, 2), (0.75, 3))
FRAMES: Final = (1, 5, 0, 2, 3, 7, 4)
"""Latent frames after the first."""
TEXT: Final = (1.0, 0.5, 0.25, 0.75, 0.1)
BATCHES: Final = (1, 2, 1, 3)
SPREAD, SMALL = 14, 10


@dataclass(frozen=True, slots=True)
class MemorySurvey:
    """A component's weights in bytes, its law of memory, and how many shapes the law was proved on."""

    weights: int
    law: MemoryPolynomial
    proofs: int


def survey_memory(architecture: Architecture, component: Component) -> MemorySurvey:
    """Return the memory of a component at any shape, fitted at spread shapes and checked on others.

    Raises FitError where a peak differs from the law by more than 1 %.
    """
    network = build(architecture, component.name)

    def trace(chosen: Iterable[Shape]) -> Iterator[Peak]:
        for shape in chosen:
            # CogVideoX's decoder cuts large clips in pieces that its own convolutions may find too short.
            with contextlib.suppress(CountingError):
                traced = footprint(architecture, component.name, shape, network=network)
                yield Peak(memory_variables(architecture, component, shape), traced.activations)

    names = monomials(component, tuple(memory_variables(architecture, component, architecture.shape())))
    fitted, held_out = list(trace(shapes(architecture, component))), list(trace(proving_shapes(architecture)))
    return MemorySurvey(weights(network), fit_memory(fitted, held_out, names), len(held_out))


def rebuild_memory(architectures: Iterable[Architecture], path: Path = MEMORY_MODEL) -> Iterator[str]:
    """Trace those architectures anew and write their laws of memory to `path`; yield each component as it is done.

    Other architectures in the file keep their laws. A component without a law is written down with the reason.
    """
    written: dict[str, dict[str, Any]] = {}
    for architecture in architectures:
        components: dict[str, Any] = {}
        for component in generating_components(architecture):
            same = _same(architecture, component)
            if same not in written:
                written[same] = _written(architecture, component)
            components[component.name] = written[same]
            yield f"memory of {architecture.id} {component.name}"
        _write(path, architecture, components)


def shapes(architecture: Architecture, component: Component) -> list[Shape]:
    """Return the shapes that a law is fitted at: spread for a network, every regime for a decoder of video."""
    if component.stage == "text_encoders":
        lengths = TEXT if component.tokens == "text" else TEXT[:1]
        chosen = [_taken(architecture, SIDES[0], 0, share=share, batch=b) for share in lengths for b in (1, 2, 3)]
    elif component.stage == "vae_decode" and architecture.limits.frame_step:
        chosen = [_taken(architecture, sides, later, batch=batch) for sides, later, batch in _clips()]
    else:
        spread = [*_spread(architecture, SIDES, FRAMES, SPREAD), *_spread(architecture, TINY, (0, 0, 1), SMALL)]
        chosen = [*spread, *_as_long_as_text(architecture)]
    return list(dict.fromkeys(chosen))


def proving_shapes(architecture: Architecture) -> tuple[Shape, ...]:
    """Return the shapes that a law is proved on: the conventions', small ones with other text, a large one."""
    return (*held_out_shapes(architecture), _taken(architecture, (0.9, 1.7), 6, share=0.4, batch=4))


def _spread(architecture: Architecture, sides: Sequence[Sides], frames: Sequence[int], count: int) -> Iterator[Shape]:
    for i in range(count):
        later, share = frames[i * 3 % len(frames)], TEXT[i % 3]
        yield _taken(architecture, sides[i % len(sides)], later, share=share, batch=BATCHES[(i + i // 4) % 4])


def _as_long_as_text(architecture: Architecture) -> Iterator[Shape]:
    """Yield pictures of about as many tokens as their text has: there the fullest moment changes several times."""
    shape, latents = architecture.shape(), architecture.latents
    text, image = shape.text_tokens, latents.tokens(shape) // latents.frames(shape)
    for ratio, (share, batch) in product(IMAGE_TO_TEXT if text and image else (), TEXT_AND_BATCH):
        side = (ratio * share * text / image) ** 0.5
        yield _taken(architecture, (side, side), 0, share=share, batch=batch)


def _clips() -> Iterator[tuple[Sides, int, int]]:
    """Yield sides, later frames and batch of clips in every regime of a decoder; few long ones, as they take long."""
    yield from product(SIDES[:1], range(WHOLE + 3), (1, 2, 3))
    yield from product((SIDES[1], TINY[2]), range(WHOLE + 3), (1, 2))
    yield from product(SIDES[:2], (20,), (1, 2))


def _taken(architecture: Architecture, sides: Sides, later: int, *, share: float = 1.0, batch: int = 1) -> Shape:
    limits, conventions = architecture.limits, architecture.conventions
    width, height = limits.nearest_size(round(conventions.width * sides[0]), round(conventions.height * sides[1]))
    return architecture.shape(
        ShapeRequest(
            width=width,
            height=height,
            frames=limits.nearest_frames(1 + later * (limits.frame_step or 0)),
            batch=batch,
            text_tokens=limits.nearest_text(round(conventions.text_tokens * share)) if conventions.text_tokens else 0,
        )
    )


def _same(architecture: Architecture, component: Component) -> str:
    chosen = (*shapes(architecture, component), *proving_shapes(architecture))
    return f"{component.stage} {fingerprint(architecture, component)} {chosen}"


def _written(architecture: Architecture, component: Component) -> dict[str, Any]:
    try:
        surveyed = survey_memory(architecture, component)
    except FitError as error:
        empty = weights(build(architecture, component.name))
        return {"network": fingerprint(architecture, component), "weights": empty, "reason": str(error)}
    return {
        "network": fingerprint(architecture, component),
        "weights": surveyed.weights,
        "split": surveyed.law.split,
        "regimes": {name: [dict(terms) for terms in pieces] for name, pieces in surveyed.law.regimes.items()},
        "error": float(f"{surveyed.law.error:.2e}"),
        "proofs": surveyed.proofs,
    }


def _write(path: Path, architecture: Architecture, components: dict[str, Any]) -> None:
    content: dict[str, Any] = {"format": FORMAT, "models": {}}
    if path.is_file():
        content = json.loads(path.read_text(encoding="utf-8"))
    content["models"][architecture.id] = {
        "components": components,
        "versions": {name: version(name) for name in COUNTED_WITH},
    }
    content["models"] = dict(sorted(content["models"].items()))
    write_atomic(path, (json.dumps(content, indent=1) + "\n").encode())
