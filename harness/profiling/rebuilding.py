"""Fits the FLOPs model: every component is counted at small shapes, its law is fitted, and checked on other shapes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape, ShapeRequest
from data.files import write_atomic
from data.flops.cost_polynomial import CostPolynomial
from data.flops.flops_model import FLOPS_MODEL, FORMAT, fingerprint
from data.flops.variables import BATCH, Values, monomials, variables
from harness.profiling.building import build
from harness.profiling.counting import CountingError, count, parameters
from harness.profiling.fitting import Proof, choose, fit, prove

SIDES = ((8, 8), (8, 9), (9, 9), (7, 10), (11, 8), (10, 10), (13, 9), (12, 12), (9, 14), (15, 11), (16, 16), (17, 13))
LATER_FRAMES = (2, 3, 5, 4, 7, 6, 9, 10)
COUNTED_WITH: Final = ("torch", "diffusers", "transformers")
TEXT_SHARES = (1.0, 0.5, 0.75, 0.3, 0.9)


@dataclass(frozen=True, slots=True)
class FlopsSurvey:
    """A component's parameters, its law, and the shapes that the law was proved on."""

    parameters: int
    law: CostPolynomial
    proofs: tuple[Proof, ...]


def survey(architecture: Architecture, component: Component) -> FlopsSurvey:
    """Return what a component computes at any shape: counted at the fewest shapes, fitted exactly, proved on others.

    Raises FitError where a residual is left, CountingError where the network cannot be counted.
    """
    network = build(architecture, component.name)

    def read(shape: Shape) -> Values:
        return variables(architecture, component, shape)

    names = tuple(read(architecture.shape()))
    offered = monomials(component, names)
    chosen = choose(shapes(architecture, batches=(1, 3) if BATCH in names else (1,)), read, offered)
    counts = [count(architecture, component.name, shape, network=network) for shape in chosen]
    law = fit([read(shape) for shape in chosen], counts, offered)
    held_out = [
        (shape, count(architecture, component.name, shape, network=network)) for shape in held_out_shapes(architecture)
    ]
    return FlopsSurvey(parameters(network), law, tuple(prove(law, read, held_out)))


def rebuild(architectures: Iterable[Architecture], path: Path = FLOPS_MODEL) -> Iterator[str]:
    """Count those architectures anew and write their laws to the FLOPs model at `path`; yield each component when done.

    Other architectures in the file keep their laws. Raises FitError where a law would have a residual: then that
    architecture keeps what it had.
    """
    for architecture in architectures:
        written: dict[str, Any] = {}
        for component in architecture.components():
            written[component.name] = _written(architecture, component)
            yield f"{architecture.id} {component.name}"
        _write(path, architecture, written)


def _written(architecture: Architecture, component: Component) -> dict[str, Any]:
    try:
        surveyed = survey(architecture, component)
    except CountingError as error:
        return {"parameters": parameters(build(architecture, component.name)), "reason": str(error)}
    return {
        "parameters": surveyed.parameters,
        "law": surveyed.law.as_json(),
        "proved_on": [_text(proof.shape) for proof in surveyed.proofs],
        "residual": sum(abs(proof.residual) for proof in surveyed.proofs),
    }


def _write(path: Path, architecture: Architecture, components: dict[str, Any]) -> None:
    content: dict[str, Any] = {"format": FORMAT, "models": {}}
    if path.is_file():
        content = json.loads(path.read_text(encoding="utf-8"))
    before = content["models"].get(architecture.id, {})
    content["models"][architecture.id] = before | {
        "architecture": fingerprint(architecture),
        "components": components,
        "versions": {name: version(name) for name in COUNTED_WITH},
    }
    content["models"] = dict(sorted(content["models"].items()))
    write_atomic(path, (json.dumps(content, indent=1) + "\n").encode())


def _text(shape: Shape) -> str:
    frames = f"x{shape.frames}" if shape.frames > 1 else ""
    batch = f", batch {shape.batch}" if shape.batch > 1 else ""
    return f"{shape.width}x{shape.height}{frames}, {shape.text_tokens} text tokens{batch}"


def shapes(architecture: Architecture, *, batches: tuple[int, ...] = (1,)) -> Iterator[Shape]:
    """Yield small shapes that the architecture takes, sides, frames, text and batch varied, the cheapest first."""
    for index in range(len(SIDES) * len(LATER_FRAMES) * len(TEXT_SHARES)):
        sides = SIDES[index % len(SIDES)]
        frames = LATER_FRAMES[(index + index // len(SIDES)) % len(LATER_FRAMES)]
        share = TEXT_SHARES[index % len(TEXT_SHARES)]
        yield _taken(architecture, sides, frames, share=share, batch=batches[index % len(batches)])


def held_out_shapes(architecture: Architecture) -> list[Shape]:
    """Return the shapes that a law is proved on: the conventions', an oblong pair with other text, a single frame."""
    shapes_held_out = [architecture.shape(), _taken(architecture, (19, 12), 8, share=0.6, batch=2)]
    if architecture.limits.frame_step is not None:
        shapes_held_out.append(_taken(architecture, (14, 11), 0, share=1.0))
    return shapes_held_out


def _taken(
    architecture: Architecture, sides: tuple[int, int], later_frames: int, *, share: float, batch: int = 1
) -> Shape:
    limits, text = architecture.limits, architecture.conventions.text_tokens
    width, height = limits.nearest_size(*(side * limits.multiple for side in sides))
    return architecture.shape(
        ShapeRequest(
            width=width,
            height=height,
            frames=limits.nearest_frames(1 + later_frames * (limits.frame_step or 0)),
            batch=batch,
            text_tokens=limits.nearest_text(round(text * share)) if text else 0,
        )
    )
