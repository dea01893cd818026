"""The exact motion check: whether a clip shows what it was asked for, part by part. Nothing is learned.

Each told thing is matched with a track (`tracks`) and what the track does is compared with what was told. A thing
moves when it travels steadily along one axis, grows or shrinks when its size changes steadily while its centre stays,
and stays still when it does neither; anything else is no act of this world.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from data.embedded.motion.tracks import Floats, Reading, Track
from data.embedded.motion.world import ACTS, FAST_FROM, SPEEDS, Act
from data.embedded.world import BACKGROUNDS, COLOURS, SHAPES, Colour, ShapeName

VERSION: Final = "1"
"""Rises whenever a reading or a verdict can change."""

LEAST_TRAVEL: Final = 0.1
LEAST_HALF_TRAVEL: Final = 0.07
"""As shares of the side, over the whole clip and over one of two actions."""
LEAST_GROWTH: Final = 0.26
LEAST_HALF_GROWTH: Final = 0.17
"""As natural logarithms of the ratio of sizes."""
STILL_TRAVEL: Final = 0.075
STILL_GROWTH: Final = 0.2
"""The most that the centre and the size of a still thing may stray."""
STEADY: Final = 0.75
"""The least share of the way along the axis that is progress."""
SAME_SHAPE: Final = 0.75
"""The least share of a track's frames that show its shape."""


@dataclass(frozen=True, slots=True)
class MotionVerdict:
    """Whether a clip meets an expectation, part by part.

    `count`: the number of things, in every frame. `colour` and `shape`: the sets regardless of pairing;
    `bound`: the pairs. `motions`: of each told thing, whether it does what was told, in any order; `motion`: all
    of them. `speed`: None where none was told; `order`: None where nothing comes after another;
    `identity`: each thing stays itself, without gaps, and turns into a colour only where that was told;
    `background`: None where none was told. `correct`: all of these together.
    """

    count: bool
    colour: bool
    shape: bool
    bound: bool
    motion: bool
    motions: tuple[bool, ...]
    speed: bool | None
    order: bool | None
    identity: bool
    background: bool | None
    correct: bool


class _Stated(NamedTuple):
    act: Act
    speed: str | None
    to: Colour | None


class _Thing(NamedTuple):
    colour: Colour
    shape: ShapeName
    actions: tuple[_Stated, ...]

    @property
    def ends(self) -> bool:
        return any(each.act == "vanish" for each in self.actions)

    @property
    def turn(self) -> Colour | None:
        return next((each.to for each in self.actions if each.act == "turn"), None)


class _Done(NamedTuple):
    """What one thing did of what was told: all acts in any order, the speed, the order."""

    acts: bool
    speed: bool | None
    order: bool | None


def verdict(expectation: Mapping[str, Any], reading: Reading) -> MotionVerdict:
    """Whether a reading meets an expectation as `MovingScene.expectation` states it.

    Raises ValueError for words that are not of the world.
    """
    things = _things(expectation)
    matched = _matched(things, reading.tracks)
    colours = Counter(track.colours[0] for track in reading.tracks)
    shapes = Counter(track.shape for track in reading.tracks)
    pairs = Counter((track.colours[0], track.shape) for track in reading.tracks)
    count = _count(things, reading.counts)
    bound = Counter((thing.colour, thing.shape) for thing in things) == pairs
    frames = len(reading.detections)
    done = [_done(thing, track, frames) for thing, track in zip(things, matched, strict=True)]
    motion = all(each.acts for each in done)
    speed, order = _together(each.speed for each in done), _together(each.order for each in done)
    identity = len(reading.tracks) == len(things) and all(map(_itself, things, matched))
    asked = _word(expectation.get("background"), BACKGROUNDS, "background")
    background = None if asked is None else reading.background == asked
    verdicts = (count, bound, motion, identity, speed is not False, order is not False, background is not False)
    return MotionVerdict(
        count=count,
        colour=Counter(thing.colour for thing in things) == colours,
        shape=Counter(thing.shape for thing in things) == shapes,
        bound=bound,
        motion=motion,
        motions=tuple(each.acts for each in done),
        speed=speed,
        order=order,
        identity=identity,
        background=background,
        correct=all(verdicts),
    )


def act_of(x: Floats, y: Floats, size: Floats, *, half: bool = False) -> Act | None:
    """What a thing does over these frames, or None; shares of the side and logarithms of size, `half` of a clip.

    >>> import numpy as np
    >>> act_of(np.array([0.2, 0.3, 0.4]), np.full(3, 0.5), np.zeros(3))
    'right'
    >>> act_of(np.array([0.2, 0.4, 0.3]), np.full(3, 0.5), np.zeros(3)) is None
    True
    """
    if len(x) < 2:
        return None
    across, along, growth = (float(values[-1] - values[0]) for values in (x, y, size))
    travel = LEAST_HALF_TRAVEL if half else LEAST_TRAVEL
    if abs(growth) >= (LEAST_HALF_GROWTH if half else LEAST_GROWTH):
        stays = max(abs(across), abs(along)) <= STILL_TRAVEL
        return ("grow" if growth > 0 else "shrink") if stays and _steady(size) else None
    if abs(across) >= travel and abs(across) >= 2 * abs(along):
        return ("right" if across > 0 else "left") if _steady(x) else None
    if abs(along) >= travel and abs(along) >= 2 * abs(across):
        return ("down" if along > 0 else "up") if _steady(y) else None
    strays = max(float(np.ptp(x)), float(np.ptp(y)))
    return "still" if strays <= STILL_TRAVEL and float(np.ptp(size)) <= STILL_GROWTH else None


def _steady(values: Floats) -> bool:
    steps = np.diff(values)
    return bool(abs(steps.sum()) >= STEADY * np.abs(steps).sum())


def _done(thing: _Thing, track: Track | None, frames: int) -> _Done:
    speed = next((each.speed for each in thing.actions if each.speed is not None), None)
    two = len(thing.actions) == 2
    if track is None:
        return _Done(False, None if speed is None else False, False if two else None)
    if two:
        return _in_order(thing, track, frames)
    acts = _alone(thing, track, frames)
    return _Done(acts, None if speed is None else acts and _pace(track) == speed, None)


def _alone(thing: _Thing, track: Track, frames: int) -> bool:
    act = thing.actions[0].act
    shown = act_of(track.x, track.y, track.size) if len(track.frames) > 1 else "still"
    if act == "turn":
        return shown == "still" and _turned(track, thing.turn) is not None
    if act == "vanish":
        return shown == "still" and track.frames[-1] < frames - 1
    return shown == act


def _in_order(thing: _Thing, track: Track, frames: int) -> _Done:
    first, second = (each.act for each in thing.actions)
    if second == "turn":
        at = _turned(track, thing.turn)
        moved = _moves_within(track, first, len(track.frames))
        return _Done(moved and at is not None, None, moved and at is not None and _moves_within(track, first, at))
    if second == "vanish":
        moved = _moves_within(track, first, len(track.frames))
        gone = track.frames[-1] < frames - 1
        return _Done(moved and gone, None, moved and gone)
    stated, swapped = _one_then_other(track, first, second), _one_then_other(track, second, first)
    return _Done(stated or swapped, None, stated)


def _moves_within(track: Track, act: Act, until: int) -> bool:
    """Whether the thing does this and then stays still, all but the last of it before frame `until` of the track."""
    x, y, size = track.x, track.y, track.size
    for split in range(2, len(x)):
        rest = slice(split, len(x))
        quiet = len(x) - split < 2 or act_of(x[rest], y[rest], size[rest], half=True) == "still"
        if quiet and split <= until and act_of(x[: split + 1], y[: split + 1], size[: split + 1], half=True) == act:
            return True
    return False


def _one_then_other(track: Track, first: Act, second: Act) -> bool:
    """Whether some moment splits the track into one act and then the other; the frame after it may belong to both."""
    x, y, size = track.x, track.y, track.size
    for split in range(1, len(x) - 2):
        if act_of(x[: split + 1], y[: split + 1], size[: split + 1], half=True) != first:
            continue
        for begin in (split, split + 1):
            if act_of(x[begin:], y[begin:], size[begin:], half=True) == second:
                return True
    return False


def _turned(track: Track, to: Colour | None) -> int | None:
    """The frame of the track at which the thing turns into that colour for good; None if it does anything else."""
    colours = track.colours
    at = next((index for index, colour in enumerate(colours) if colour == to), None)
    if at is None or at == 0 or len(set(colours[:at])) > 1 or set(colours[at:]) != {to}:
        return None
    return at


def _pace(track: Track) -> str:
    travel = max(abs(float(track.x[-1] - track.x[0])), abs(float(track.y[-1] - track.y[0])))
    return "fast" if travel >= FAST_FROM else "slow"


def _itself(thing: _Thing, track: Track | None) -> bool:
    if track is None or not track.unbroken or track.frames[0] != 0 or track.shape_share < SAME_SHAPE:
        return False
    changes = sum(before != after for before, after in pairwise(track.colours))
    return changes == 0 if thing.turn is None else changes <= 1


def _count(things: Sequence[_Thing], counts: Sequence[int]) -> bool:
    """Whether all things are there from the start and none leaves that was not told to."""
    least = len(things) - sum(thing.ends for thing in things)
    falling = all(before >= after for before, after in pairwise(counts))
    return counts[0] == len(things) and falling and counts[-1] == least


def _matched(things: Sequence[_Thing], tracks: Sequence[Track]) -> list[Track | None]:
    """For each thing the longest track of its colour and shape, else of its colour: what it does is apart."""
    matches: list[Track | None] = []
    for thing in things:
        of_colour = [track for track in tracks if track.colours[0] == thing.colour]
        exact = [track for track in of_colour if track.shape == thing.shape]
        matches.append(next(iter(exact + of_colour), None))
    return matches


def _together(parts: Any) -> bool | None:
    asked = [part for part in parts if part is not None]
    return all(asked) if asked else None


def _things(expectation: Mapping[str, Any]) -> list[_Thing]:
    stated = expectation.get("things")
    if not isinstance(stated, Sequence) or isinstance(stated, str) or not stated:
        raise ValueError(f"Expected a list of things, got {stated!r}.")
    return [
        _Thing(
            _needed(each.get("colour"), COLOURS, "colour"),
            _needed(each.get("shape"), SHAPES, "shape"),
            tuple(_told(action) for action in each["actions"]),
        )
        for each in stated
    ]


def _told(action: Mapping[str, Any]) -> _Stated:
    return _Stated(
        _needed(action.get("act"), ACTS, "act"),
        _word(action.get("speed"), SPEEDS, "speed"),
        _word(action.get("to"), COLOURS, "colour"),
    )


def _needed(value: Any, known: tuple[Any, ...], what: str) -> Any:
    if value is None:
        raise ValueError(f"Expected a {what} out of {', '.join(known)}, got none.")
    return _word(value, known, what)


def _word(value: Any, known: tuple[Any, ...], what: str) -> Any:
    if value is not None and value not in known:
        raise ValueError(f"Unknown {what} {value!r}. Known: {', '.join(known)}.")
    return value
