"""Scenes to pixels: shapes drawn by signed distance functions, a batch at a time, antialiased over one pixel.

Coordinates are pixels of the 32 by 32 canvas, x to the right, y downwards; pixel (i, j) has its centre at +0.5.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from data.embedded.world import BACKGROUNDS, GREYS, PALETTE, RELATIONS, SHAPES, SIZE, Scene, Thing

MARGIN: Final = 1.0
GAP: Final = 1.5
"""Least free space in pixels to the edge, and between two things along their axis."""

_PALETTE: Final = torch.tensor([PALETTE[colour] for colour in PALETTE], dtype=torch.float32) / 127.5 - 1
_COLOUR_INDEX: Final = {colour: index for index, colour in enumerate(PALETTE)}
_SHAPE_INDEX: Final = {shape: index for index, shape in enumerate(SHAPES)}


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing with its centre and its half extent, in pixels."""

    thing: Thing
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Layout:
    """All that determines an image: the placed things and the grey level of the background (0 to 255)."""

    placed: tuple[Placed, ...]
    grey: float


def layout(scene: Scene, rng: random.Random) -> Layout:
    """A random layout that shows the scene; what the scene leaves free is drawn too."""
    background = scene.background if scene.background is not None else rng.choice(BACKGROUNDS)
    grey = rng.uniform(*GREYS[background])
    if len(scene.things) == 1:
        radius = rng.uniform(5.0, 9.5)
        low, high = radius + MARGIN, SIZE - radius - MARGIN
        return Layout((Placed(scene.things[0], rng.uniform(low, high), rng.uniform(low, high), radius),), grey)
    return Layout(_pair(scene, rng), grey)


def _pair(scene: Scene, rng: random.Random) -> tuple[Placed, Placed]:
    relation = scene.relation or rng.choice(RELATIONS)
    radii = (rng.uniform(4.0, 6.3), rng.uniform(4.0, 6.3))
    first_is_near = relation in ("left-of", "above")
    near, far = radii if first_is_near else radii[::-1]
    slack = SIZE - 2 * (MARGIN + near + far) - GAP
    before, until = sorted((rng.uniform(0, slack), rng.uniform(0, slack)))
    along_near = MARGIN + near + before
    along_far = along_near + near + GAP + (until - before) + far
    along = (along_near, along_far) if first_is_near else (along_far, along_near)
    middle = SIZE / 2 + rng.uniform(-5.0, 5.0)
    placed = []
    for thing, radius, position in zip(scene.things, radii, along, strict=True):
        across = min(max(middle + rng.uniform(-1.8, 1.8), radius + MARGIN), SIZE - radius - MARGIN)
        x, y = (position, across) if relation in ("left-of", "right-of") else (across, position)
        placed.append(Placed(thing, x, y, radius))
    return placed[0], placed[1]


def draw(layouts: Sequence[Layout]) -> Tensor:
    """Pixels of the layouts: float32, shape (n, 3, 32, 32), range -1 to 1."""
    grey = torch.tensor([layout.grey for layout in layouts]) / 127.5 - 1
    canvas = grey[:, None, None, None].expand(-1, 3, SIZE, SIZE).clone()
    for slot in range(max(len(layout.placed) for layout in layouts)):
        rows = [index for index, layout in enumerate(layouts) if len(layout.placed) > slot]
        placed = [layouts[index].placed[slot] for index in rows]
        alpha = (0.5 - _distance(placed)).clamp(0, 1)[:, None]
        colour = _PALETTE[[_COLOUR_INDEX[thing.thing.colour] for thing in placed]][:, :, None, None]
        canvas[rows] = canvas[rows] * (1 - alpha) + colour * alpha
    return canvas


def to_uint8(pixels: Tensor) -> Tensor:
    """Images as uint8 of shape (n, 32, 32, 3) from floats of shape (n, 3, 32, 32) in -1 to 1."""
    return ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def _distance(placed: Sequence[Placed]) -> Tensor:
    """Signed distance in pixels to each thing's outline, negative inside: shape (n, 32, 32)."""
    centre = torch.tensor([(thing.x, thing.y, thing.radius) for thing in placed])
    axis = torch.arange(SIZE) + 0.5
    x = axis[None, None, :] - centre[:, 0, None, None]
    y = axis[None, :, None] - centre[:, 1, None, None]
    r = centre[:, 2, None, None]
    kinds = outlines(x, y, r)
    chosen = torch.tensor([_SHAPE_INDEX[thing.thing.shape] for thing in placed])
    return kinds[chosen, torch.arange(len(placed))]


def outlines(x: Tensor, y: Tensor, radius: Tensor) -> Tensor:
    """Signed distance in pixels to the outline of each shape, in the order of ``SHAPES``: (4, ...).

    ``x`` and ``y`` are measured from the thing's centre; all three broadcast.
    """
    return torch.stack([_circle(x, y, radius), _square(x, y, radius), _triangle(x, y, radius), _cross(x, y, radius)])


def _circle(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    return torch.sqrt(x * x + y * y) - r


def _square(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    return torch.maximum(x.abs(), y.abs()) - 0.88 * r


def _triangle(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    # Apex (0, -r), base from (-r, 0.85 r) to (r, 0.85 r): the larger of the distances to the base and to a side.
    length = (1.0 + 1.85**2) ** 0.5
    side = (1.85 * x.abs() - y - r) / length
    return torch.maximum(side, y - 0.85 * r)


def _cross(x: Tensor, y: Tensor, r: Tensor) -> Tensor:
    arm = 0.36 * r
    upright = torch.maximum(x.abs() - arm, y.abs() - r)
    level = torch.maximum(x.abs() - r, y.abs() - arm)
    return torch.minimum(upright, level)
