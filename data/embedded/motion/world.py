"""The world in motion: what things do in a clip, and which combinations training never shows. Pure: no torch, no numpy.

A clip lasts from time 0 to time 1, whatever its number of frames: sixteen frames show the same course as eight, in
finer steps. Distances are shares of the picture's side, and *fast* and *slow* are distances covered in a clip.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final, Literal, get_args

from data.embedded.world import COLOURS, HELD_OUT_ONE_IN, Background, Colour, Thing, things

Move = Literal["left", "right", "up", "down", "grow", "shrink"]
Act = Literal["left", "right", "up", "down", "grow", "shrink", "still", "turn", "vanish"]
Speed = Literal["fast", "slow"]

MOVES: Final[tuple[Move, ...]] = get_args(Move)
ACTS: Final[tuple[Act, ...]] = get_args(Act)
SPEEDS: Final[tuple[Speed, ...]] = get_args(Speed)
DIRECTIONS: Final = ("left", "right", "up", "down")

FRAMES: Final = (8, 16)
"""The numbers of frames that a clip can have."""

FAST_FROM: Final = 0.335
"""The share of the side from which on a clip's travel is fast; below it is slow."""


@dataclass(frozen=True, slots=True, order=True)
class MotionAction:
    """One thing that an actor does: `speed` with the four directions alone, `to` (a colour) with "turn" alone."""

    act: Act
    speed: Speed | None = None
    to: Colour | None = None

    def __post_init__(self) -> None:
        if self.speed is not None and self.act not in DIRECTIONS:
            raise ValueError(
                f"Expected a speed with {', '.join(DIRECTIONS)} alone, got {self.speed!r} with {self.act!r}."
            )
        if (self.to is not None) != (self.act == "turn"):
            raise ValueError(f"Expected a colour with 'turn' and only there, got {self.to!r} with {self.act!r}.")


@dataclass(frozen=True, slots=True, order=True)
class Actor:
    """A thing and what it does: one action that lasts the whole clip, or two, one after the other."""

    thing: Thing
    actions: tuple[MotionAction, ...]

    def __post_init__(self) -> None:
        if len(self.actions) not in (1, 2):
            raise ValueError(f"Expected one or two actions, got {len(self.actions)}.")
        if any(action.to == self.thing.colour for action in self.actions):
            raise ValueError(f"Expected another colour to turn to, got {self.thing.colour!r} twice.")


@dataclass(frozen=True, slots=True)
class MovingScene:
    """What a clip shows: one actor, or two of different colours with one action each; `background` None is free."""

    actors: tuple[Actor, ...]
    background: Background | None = None

    def __post_init__(self) -> None:
        if len(self.actors) not in (1, 2):
            raise ValueError(f"Expected one or two actors, got {len(self.actors)}.")
        if len(self.actors) == 2 and any(len(actor.actions) > 1 for actor in self.actors):
            raise ValueError("Expected one action for each of two actors, got two for one of them.")

    def expectation(self) -> dict[str, object]:
        """The scene as a suite's prompt states it, and as `check.verdict` reads it.

        `each_frame` are the words for what every single frame shows, None where a thing turns or vanishes.
        """
        stated = [
            {
                "colour": actor.thing.colour,
                "shape": actor.thing.shape,
                "actions": [{"act": each.act, "speed": each.speed, "to": each.to} for each in actor.actions],
            }
            for actor in self.actors
        ]
        return {"things": stated, "background": self.background, "each_frame": self._each_frame()}

    def _each_frame(self) -> str | None:
        if any(action.act in ("turn", "vanish") for actor in self.actors for action in actor.actions):
            return None
        words = " and ".join(f"a {actor.thing}" for actor in self.actors)
        return words if self.background is None else f"{words} on a {self.background} background"


def held_out(scene: MovingScene) -> bool:
    """Whether training never shows this scene, decided by a hash of things and acts.

    Order of telling, speed and background do not count: a pair is held out in both tellings and at every speed.
    """
    parts = sorted(
        f"{actor.thing}:{'>'.join(action.act + (action.to or '') for action in actor.actions)}"
        for actor in scene.actors
    )
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") % HELD_OUT_ONE_IN == 0


@cache
def single_scenes(*, unseen: bool) -> tuple[MovingScene, ...]:
    """All scenes of one thing with one action, background free, held out or not."""
    scenes = (
        MovingScene((Actor(thing, (action,)),))
        for thing in things()
        for action in (*_moves(), MotionAction("still"), *_endings(thing))
    )
    return tuple(scene for scene in scenes if held_out(scene) is unseen)


@cache
def story_scenes(*, unseen: bool) -> tuple[MovingScene, ...]:
    """All scenes of one thing that first makes one move and then does something else, held out or not."""
    scenes = (
        MovingScene((Actor(thing, (MotionAction(first), second)),))
        for thing in things()
        for first in MOVES
        for second in (*(MotionAction(move) for move in MOVES if move != first), *_endings(thing))
    )
    return tuple(scene for scene in scenes if held_out(scene) is unseen)


@cache
def pair_scenes(*, unseen: bool) -> tuple[MovingScene, ...]:
    """All scenes of two things of different colours with a move each (or still), no speed told, held out or not."""
    acts = (*(MotionAction(move) for move in MOVES), MotionAction("still"))
    scenes = (
        MovingScene((Actor(first, (first_act,)), Actor(second, (second_act,))))
        for first, second in product(things(), things())
        if first.colour != second.colour
        for first_act, second_act in product(acts, acts)
    )
    return tuple(scene for scene in scenes if held_out(scene) is unseen)


def _moves() -> tuple[MotionAction, ...]:
    paced = (MotionAction(move, speed) for move in MOVES if move in DIRECTIONS for speed in SPEEDS)
    return (*(MotionAction(move) for move in MOVES), *paced)


def _endings(thing: Thing) -> tuple[MotionAction, ...]:
    return (*(MotionAction("turn", to=colour) for colour in COLOURS if colour != thing.colour), MotionAction("vanish"))
