"""Grids of shapes: every combination of the axes that are named, each shape once, in a random but seeded order."""

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from data.architectures.architecture import Architecture
from data.architectures.shape import Shape, ShapeRequest
from data.errors import ShapeError, UnknownNameError

SIZE: Final = re.compile(r"(\d{1,6})\s*[x×]\s*(\d{1,6})", re.IGNORECASE)


def size(text: str) -> tuple[int, int]:
    """Return width and height in pixels of a text such as "1280x720". Raises ShapeError."""
    matched = SIZE.fullmatch(text.strip())
    if matched is None:
        raise ShapeError(f"Expected a resolution such as 1280x720, got {text!r}. Give width x height in pixels.")
    return int(matched[1]), int(matched[2])


def _integer(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 9:
        raise ShapeError(f"Expected a whole number on the grid, got {text!r}. Correct it.")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ShapeError(f"Expected a number on the grid, got {text!r}. Correct it.") from None


def _resolution(text: str) -> Mapping[str, Any]:
    width, height = size(text)
    return {"width": width, "height": height}


AXES: Final[Mapping[str, Callable[[str], Mapping[str, Any]]]] = {
    "resolution": _resolution,
    "seconds": lambda text: {"seconds": _number(text)},
    "frames": lambda text: {"frames": _integer(text)},
    "steps": lambda text: {"steps": _integer(text)},
    "batch": lambda text: {"batch": _integer(text)},
    "guidance": lambda text: {"guidance": _number(text)},
}


def combinations(text: str, base: ShapeRequest) -> Iterator[ShapeRequest]:
    """Yield every combination of a grid such as "resolution=512x512,1024x1024;steps=4,28", the rest as in `base`.

    Raises UnknownNameError for another axis, ShapeError for a value that is none.
    """
    axes = [_axis(part) for part in text.split(";") if part.strip()]
    for chosen in itertools.product(*axes):
        yield replace(base, **{name: value for values in chosen for name, value in values.items()})


def shapes(described: Architecture, text: str, base: ShapeRequest) -> tuple[Shape, ...]:
    """Return the shapes of a grid, each once. Raises ShapeError with the nearest where one is not taken."""
    return tuple(dict.fromkeys(described.shape(asked) for asked in combinations(text, base)))


def shuffled(shapes: tuple[Shape, ...], seed: int) -> list[Shape]:
    """Return the shapes in an order that only `seed` determines.

    Thus a drift of the machine is not taken for a trend in size.
    """
    order = list(shapes)
    random.Random(seed).shuffle(order)
    return order


def _axis(part: str) -> list[Mapping[str, Any]]:
    name, _, values = part.partition("=")
    if name.strip() not in AXES:
        raise UnknownNameError("axis of the grid", name.strip(), AXES)
    texts = [value.strip() for value in values.split(",") if value.strip()]
    if not texts:
        raise ShapeError(f"Expected values for the axis {name.strip()!r} of the grid, got none. Give {name.strip()}=….")
    return [AXES[name.strip()](value) for value in texts]
