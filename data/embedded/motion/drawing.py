"""Scenes in motion to clips: courses drawn at random and rendered in torch, thousands at a time, on any device.

Coordinates are pixels of the 32 by 32 canvas, x to the right, y downwards. Everything random comes from the generator
that is passed in, so a seed gives the same clips again on the same device.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from data.embedded.drawing import GAP, MARGIN, outlines
from data.embedded.motion.world import ACTS, DIRECTIONS, SPEEDS, MovingScene
from data.embedded.world import BACKGROUNDS, COLOURS, GREYS, PALETTE, SHAPES, SIZE

SLOTS: Final = 2
NONE: Final = -1
_TRIES: Final = 48
_RADII: Final = ((4.5, 6.5), (3.8, 4.8))
"""Half extents in pixels, in a clip of one thing and of two."""
_SMALL: Final = ((3.8, 4.8), (3.5, 4.2))
_RATIOS: Final = ((1.7, 2.05), (1.55, 1.8))
"""The smaller end and the ratio of what grows or shrinks, in a clip of one thing and of two."""
_HALF_RATIO: Final = (1.5, 1.75)
_HALF_TRAVEL: Final = (6.0, 9.0)
_TRAVEL: Final = {None: (8.5, 11.0), "fast": (13.5, 16.0), "slow": (4.5, 7.5)}
_CHANGE: Final = (0.43, 0.57)
_LONE_EVENT: Final = (0.3, 0.7)
_LATE_EVENT: Final = (0.6, 0.8)
_ACT: Final = {act: index for index, act in enumerate(ACTS)}


class SceneTensors(NamedTuple):
    """Scenes as indices into the world's tables, `NONE` where there is nothing: all int64.

    `colour`, `shape` and `to` (n, 2) by actor; `acts` (n, 2, 2) by actor and action; `speed` (n, 2);
    `background` (n,).
    """

    colour: Tensor
    shape: Tensor
    acts: Tensor
    speed: Tensor
    to: Tensor
    background: Tensor

    def rows(self, index: Tensor) -> "SceneTensors":
        """The scenes at these rows."""
        return SceneTensors(*(each[index] for each in self))

    def on(self, device: torch.device | str) -> "SceneTensors":
        """The same scenes on a device."""
        return SceneTensors(*(each.to(device) for each in self))


class Course(NamedTuple):
    """What determines a clip: by clip, actor and frame (n, 2, frames) the centre, half extent, colour index and whether
    the thing is there; and the background's grey level (n,), 0 to 255.
    """

    x: Tensor
    y: Tensor
    radius: Tensor
    colour: Tensor
    there: Tensor
    shape: Tensor
    grey: Tensor


def tensors(scenes: Sequence[MovingScene]) -> SceneTensors:
    """Scenes as index tensors on the CPU."""
    rows = [_row(scene) for scene in scenes]
    made = torch.tensor(rows, dtype=torch.int64)
    colour, shape, speed, to = (made[:, at : at + 2] for at in (0, 2, 4, 6))
    return SceneTensors(colour, shape, made[:, 8:12].reshape(-1, SLOTS, 2), speed, to, made[:, 12])


def courses(scenes: SceneTensors, frames: int, generator: torch.Generator) -> Course:
    """A random course of each scene, on the scenes' device; what a scene leaves free is drawn too."""
    chance = _Chance(generator, scenes.colour.device)
    alone = scenes.acts[:, 1, 0] == NONE
    time = torch.linspace(0, 1, frames, device=scenes.colour.device)
    change = chance.between(*_CHANGE, scenes.colour.shape)[..., None]
    done = _done(scenes.acts, time, change)
    radius = _radii(scenes, alone, done, chance)
    travel = _travels(scenes, radius.amax(-1), done, chance)
    x, y = _placed(travel, radius, alone, chance)
    colour, there = _events(scenes, time, chance)
    return Course(x, y, radius, colour, there, scenes.shape, _greys(scenes.background, chance))


def draw(course: Course) -> Tensor:
    """Pixels of the courses: float32, shape (n, frames, 3, 32, 32), range -1 to 1."""
    n, _, frames = course.x.shape
    palette = torch.tensor([PALETTE[name] for name in COLOURS], device=course.x.device) / 127.5 - 1
    axis = torch.arange(SIZE, device=course.x.device) + 0.5
    canvas = (course.grey / 127.5 - 1)[:, None, None, None, None].expand(n, frames, 3, SIZE, SIZE)
    for slot in range(SLOTS):
        x = axis - course.x[:, slot, :, None, None]
        y = axis[:, None] - course.y[:, slot, :, None, None]
        kinds = outlines(x, y, course.radius[:, slot, :, None, None])
        shape = course.shape[:, slot].clamp(min=0)[None, :, None, None, None].expand(1, n, *kinds.shape[2:])
        cover = (0.5 - kinds.gather(0, shape)[0]).clamp(0, 1) * course.there[:, slot, :, None, None]
        paint = palette[course.colour[:, slot].clamp(min=0)][..., None, None]
        canvas = torch.lerp(canvas, paint, cover[:, :, None])
    return canvas


def to_uint8(clips: Tensor) -> Tensor:
    """Clips as uint8 of shape (n, frames, 32, 32, 3) from floats of shape (n, frames, 3, 32, 32) in -1 to 1."""
    return ((clips.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 1, 3, 4, 2).contiguous()


class _Chance:
    """Uniform draws from one generator on one device."""

    def __init__(self, generator: torch.Generator, device: torch.device) -> None:
        self._generator, self._device = generator, device

    def unit(self, shape: Sequence[int]) -> Tensor:
        return torch.rand(tuple(shape), generator=self._generator, device=self._device)

    def between(self, low: float, high: float, shape: Sequence[int]) -> Tensor:
        return low + (high - low) * self.unit(shape)


def _row(scene: MovingScene) -> list[int]:
    row = [NONE] * 13
    for slot, actor in enumerate(scene.actors):
        row[slot], row[2 + slot] = COLOURS.index(actor.thing.colour), SHAPES.index(actor.thing.shape)
        for number, action in enumerate(actor.actions):
            row[8 + 2 * slot + number] = _ACT[action.act]
            row[4 + slot] = NONE if action.speed is None else SPEEDS.index(action.speed)
            row[6 + slot] = NONE if action.to is None else COLOURS.index(action.to)
    row[12] = NONE if scene.background is None else BACKGROUNDS.index(scene.background)
    return row


def _done(acts: Tensor, time: Tensor, change: Tensor) -> Tensor:
    """How much of the first and the second action is done at each frame, 0 to 1: (n, 2 actors, 2 actions, frames)."""
    two = (acts[..., 1] != NONE)[..., None]
    first = torch.where(two, (time / change).clamp(max=1), time.expand(*acts.shape[:2], -1))
    second = torch.where(two, ((time - change) / (1 - change)).clamp(min=0), 0.0)
    return torch.stack([first, second], dim=2)


def _radii(scenes: SceneTensors, alone: Tensor, done: Tensor, chance: _Chance) -> Tensor:
    """Half extents (n, 2, frames): those that grow start small, those that shrink end small."""
    shape = scenes.colour.shape
    one = alone[:, None]
    steady = torch.where(one, chance.between(*_RADII[0], shape), chance.between(*_RADII[1], shape))
    small = torch.where(one, chance.between(*_SMALL[0], shape), chance.between(*_SMALL[1], shape))
    whole = torch.where(one, chance.between(*_RATIOS[0], shape), chance.between(*_RATIOS[1], shape))
    half = chance.between(*_HALF_RATIO, shape)
    growth = torch.where(scenes.acts[..., 1] == NONE, whole, half).log()[..., None]
    sign = (scenes.acts == _ACT["grow"]).float() - (scenes.acts == _ACT["shrink"]).float()
    log = (sign[..., None] * done).sum(dim=2) * growth
    changes = (sign != 0).any(-1, keepdim=True)
    return torch.where(changes, small[..., None] * (log - log.amin(-1, keepdim=True)).exp(), steady[..., None])


def _travels(scenes: SceneTensors, radius: Tensor, done: Tensor, chance: _Chance) -> Tensor:
    """Positions relative to the start: (n, 2 actors, 2 axes, frames) in pixels."""
    shape = scenes.colour.shape
    far = chance.between(*_TRAVEL[None], shape)
    for index, speed in enumerate(SPEEDS):
        far = torch.where(scenes.speed == index, chance.between(*_TRAVEL[speed], shape), far)
    far = torch.where(scenes.acts[..., 1] == NONE, far, chance.between(*_HALF_TRAVEL, shape))
    far = torch.minimum(far, SIZE - 2 * MARGIN - 2 * radius)
    way = {name: (scenes.acts == _ACT[name]).float() for name in DIRECTIONS}
    across, along = way["right"] - way["left"], way["down"] - way["up"]
    return torch.stack([(axis[..., None] * done).sum(dim=2) * far[..., None] for axis in (across, along)], dim=2)


def _placed(travel: Tensor, radius: Tensor, alone: Tensor, chance: _Chance) -> tuple[Tensor, Tensor]:
    """Centres (n, 2, frames) within the margins; two things of a clip are apart from each other at all times."""
    reach = (radius + MARGIN)[:, :, None]
    low, high = (reach - travel).amax(-1), (SIZE - reach - travel).amin(-1)
    starts = low + (high - low) * _spread(chance.unit((_TRIES, *low.shape)), chance)
    centres = starts[..., None] + travel
    between = (centres[:, :, 0] - centres[:, :, 1]).abs() - radius.sum(dim=1)[:, None]
    gap = between.amax(dim=2).amin(-1)
    fits = (gap >= GAP) | alone
    best = torch.where(fits, 1e3 + chance.unit(gap.shape), gap).argmax(dim=0)
    chosen = centres[best, torch.arange(len(best), device=best.device)]
    return chosen[:, :, 0], chosen[:, :, 1]


def _spread(share: Tensor, chance: _Chance) -> Tensor:
    """Shares of the free range, (tries, n, 2 actors, 2 axes); in three tries of four the actors go to opposite ends."""
    tries, n = share.shape[:2]
    near = share * 0.35
    swapped = (chance.unit((tries, n)) < 0.5)[..., None]
    first = torch.where(swapped, 1 - near[:, :, 0], near[:, :, 0])
    second = torch.where(swapped, near[:, :, 1], 1 - near[:, :, 1])
    ends = torch.stack([first, second], dim=2)
    number = torch.arange(tries, device=share.device)[:, None, None, None]
    axis = torch.arange(2, device=share.device)
    return torch.where((number % 4 > 0) & (number % 2 == axis), ends, share)


def _events(scenes: SceneTensors, time: Tensor, chance: _Chance) -> tuple[Tensor, Tensor]:
    """Colour index and presence at each frame: (n, 2, frames); events happen between two frames, at once."""
    shape = scenes.colour.shape
    late = scenes.acts[..., 1] != NONE
    moment = torch.where(late, chance.between(*_LATE_EVENT, shape), chance.between(*_LONE_EVENT, shape))
    after = time >= moment[..., None]
    turned = after & (scenes.to != NONE)[..., None]
    vanished = after & (scenes.acts == _ACT["vanish"]).any(-1)[..., None]
    colour = torch.where(turned, scenes.to[..., None], scenes.colour[..., None])
    return colour, (scenes.colour != NONE)[..., None] & ~vanished


def _greys(background: Tensor, chance: _Chance) -> Tensor:
    ground = torch.where(background == NONE, (chance.unit(background.shape) < 0.5).long(), background)
    spans = torch.tensor([GREYS[name] for name in BACKGROUNDS], device=background.device, dtype=torch.float32)[ground]
    return spans[:, 0] + (spans[:, 1] - spans[:, 0]) * chance.unit(background.shape)
