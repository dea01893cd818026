"""The atlas made again: every component counted at small shapes, its law fitted, and proved on others."""

from collections.abc import Iterator
from dataclasses import dataclass

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Asked, Shape
from data.atlas.law import Law
from data.atlas.variables import Values, monomials, variables
from harness.profiling.building import build
from harness.profiling.counting import count, parameters
from harness.profiling.fitting import Proof, choose, fit, prove

SIDES = ((8, 8), (8, 9), (9, 9), (7, 10), (11, 8), (10, 10), (13, 9), (12, 12), (9, 14), (15, 11), (16, 16), (17, 13))
LATER_FRAMES = (2, 3, 5, 4, 7, 6, 9, 10)
TEXT_SHARES = (1.0, 0.5, 0.75, 0.3, 0.9)


@dataclass(frozen=True, slots=True)
class Survey:
    """A component's parameters, its law, and the shapes that the law was proved on."""

    parameters: int
    law: Law
    proofs: tuple[Proof, ...]


def survey(architecture: Architecture, component: Component) -> Survey:
    """Return what a component computes at any shape: counted at the fewest shapes, fitted exactly, proved on others.

    Raises NotALawError where a residual is left, CountingError where the network cannot be counted.
    """
    network = build(architecture, component.name)

    def read(shape: Shape) -> Values:
        return variables(architecture, component, shape)

    offered = monomials(component, tuple(read(architecture.shape())))
    chosen = choose(shapes(architecture), read, offered)
    counts = [count(architecture, component.name, shape, network=network) for shape in chosen]
    law = fit([read(shape) for shape in chosen], counts, offered)
    held_out = [
        (shape, count(architecture, component.name, shape, network=network)) for shape in held_out_shapes(architecture)
    ]
    return Survey(parameters(network), law, tuple(prove(law, read, held_out)))


def shapes(architecture: Architecture) -> Iterator[Shape]:
    """Yield small shapes that the architecture takes, sides, frames and text varied, the cheapest first."""
    for index in range(len(SIDES) * len(LATER_FRAMES) * len(TEXT_SHARES)):
        sides = SIDES[index % len(SIDES)]
        frames = LATER_FRAMES[(index + index // len(SIDES)) % len(LATER_FRAMES)]
        share = TEXT_SHARES[index % len(TEXT_SHARES)]
        yield _taken(architecture, sides, frames, share=share)


def held_out_shapes(architecture: Architecture) -> list[Shape]:
    """Return the shapes that a law is proved on: the conventions', an oblong pair with other text, a single frame."""
    found = [architecture.shape(), _taken(architecture, (19, 12), 8, share=0.6, batch=2)]
    if architecture.limits.frame_step is not None:
        found.append(_taken(architecture, (14, 11), 0, share=1.0))
    return found


def _taken(
    architecture: Architecture, sides: tuple[int, int], later_frames: int, *, share: float, batch: int = 1
) -> Shape:
    limits, text = architecture.limits, architecture.conventions.text_tokens
    width, height = limits.nearest_size(*(side * limits.multiple for side in sides))
    return architecture.shape(
        Asked(
            width=width,
            height=height,
            frames=limits.nearest_frames(1 + later_frames * (limits.frame_step or 0)),
            batch=batch,
            text_tokens=limits.nearest_text(round(text * share)) if text else 0,
        )
    )
