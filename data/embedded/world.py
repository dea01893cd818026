"""The world of shapes: its words, its scenes, the captions that name them and what is unseen out of training.

Pure and light: no torch, no numpy. Pixels are made in `data.embedded.drawing` and read back in
`data.embedded.detector`.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final, Literal, get_args

Colour = Literal["red", "green", "blue", "yellow", "purple", "cyan"]
ShapeName = Literal["circle", "square", "triangle", "cross"]
Relation = Literal["left-of", "right-of", "above", "below"]
Background = Literal["dark", "light"]

COLOURS: Final[tuple[Colour, ...]] = get_args(Colour)
SHAPES: Final[tuple[ShapeName, ...]] = get_args(ShapeName)
RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)
BACKGROUNDS: Final[tuple[Background, ...]] = get_args(Background)

SIZE: Final = 32
"""Width and height of the world's images in pixels."""

PALETTE: Final[dict[Colour, tuple[int, int, int]]] = {
    "red": (220, 40, 40),
    "green": (40, 165, 60),
    "blue": (45, 75, 225),
    "yellow": (240, 205, 40),
    "purple": (150, 45, 185),
    "cyan": (40, 195, 205),
}
"""sRGB values, 0 to 255, at least 100 apart from each other and from every background grey."""

GREYS: Final[dict[Background, tuple[int, int]]] = {"dark": (15, 50), "light": (208, 240)}
"""The range of a background's grey level, 0 to 255."""

MIRRORED: Final[dict[Relation, Relation]] = {
    "left-of": "right-of",
    "right-of": "left-of",
    "above": "below",
    "below": "above",
}

HELD_OUT_ONE_IN: Final = 10


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """One drawn object."""

    colour: Colour
    shape: ShapeName

    def __str__(self) -> str:
        return f"{self.colour} {self.shape}"


@dataclass(frozen=True, slots=True)
class Scene:
    """What an image shows: one thing, or two with the relation from the first to the second.

    `relation` is None for one thing, and for two things "joined by and" whose layout is free.
    `background` is None where it is free.
    """

    things: tuple[Thing, ...]
    relation: Relation | None = None
    background: Background | None = None

    def __post_init__(self) -> None:
        if len(self.things) not in (1, 2):
            raise ValueError(f"Expected one or two things, got {len(self.things)}.")
        if len(self.things) == 1 and self.relation is not None:
            raise ValueError(f"Expected no relation for a single thing, got {self.relation!r}.")

    def mirrored(self) -> "Scene":
        """The same scene described from the other thing: a left of b becomes b right of a."""
        relation = None if self.relation is None else MIRRORED[self.relation]
        return Scene(self.things[::-1], relation, self.background)

    def canonical(self) -> "Scene":
        """The same form for both descriptions of a scene: left-of and above; free pairs in alphabetical order."""
        if self.relation in ("right-of", "below"):
            return self.mirrored()
        if self.relation is None:
            return Scene(tuple(sorted(self.things)), None, self.background)
        return self

    def expectation(self) -> dict[str, object]:
        """The scene as a suite's prompt states it, and as `detector.verdict` reads it."""
        things = [{"colour": thing.colour, "shape": thing.shape} for thing in self.things]
        return {"things": things, "relation": self.relation, "background": self.background}


def held_out(scene: Scene) -> bool:
    """Whether training never shows this scene, decided by a hash of what it holds.

    Pairs are held out by (colour, shape, relation, colour, shape), both descriptions together; free pairs ("and") by
    their two things: such an *and* caption is never shown; single things by (colour, shape, background), and a
    single thing without a stated background is unseen out only when it is on both.
    """
    if len(scene.things) == 1 and scene.background is None:
        return all(held_out(Scene(scene.things, None, background)) for background in BACKGROUNDS)
    canonical = scene.canonical()
    parts = [*map(str, canonical.things), str(canonical.relation)]
    if len(scene.things) == 1:
        parts.append(str(scene.background))
    digest = hashlib.sha256("|".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") % HELD_OUT_ONE_IN == 0


@cache
def things() -> tuple[Thing, ...]:
    """Every thing there is: 6 colours by 4 shapes."""
    return tuple(Thing(colour, shape) for colour, shape in product(COLOURS, SHAPES))


@cache
def single_scenes(*, unseen: bool) -> tuple[Scene, ...]:
    """All scenes of one thing on a stated background, held out or not."""
    scenes = (Scene((thing,), None, background) for thing, background in product(things(), BACKGROUNDS))
    return tuple(scene for scene in scenes if held_out(scene) is unseen)


@cache
def pair_scenes(*, unseen: bool) -> tuple[Scene, ...]:
    """All scenes of two things of different colours with a relation, background free, held out or not."""
    return tuple(
        scene
        for first, second, relation in product(things(), things(), RELATIONS)
        if first.colour != second.colour and held_out(scene := Scene((first, second), relation)) is unseen
    )


@cache
def free_pair_scenes(*, unseen: bool) -> tuple[Scene, ...]:
    """All scenes of two things of different colours joined by "and", held out or not."""
    return tuple(
        scene
        for first, second in product(things(), things())
        if first.colour != second.colour and held_out(scene := Scene((first, second))) is unseen
    )


_RELATION_WORDS: Final[dict[Relation, tuple[str, ...]]] = {
    "left-of": ("left of", "to the left of"),
    "right-of": ("right of", "to the right of"),
    "above": ("above",),
    "below": ("below",),
}
_FRAMES: Final = ("{}", "a picture of {}", "there is {}")
_BACKGROUND_CLAUSES: Final = ("on a {} background", "against a {} background")

WORDS: Final[tuple[str, ...]] = tuple(
    sorted(
        {*COLOURS, *SHAPES, *BACKGROUNDS, "a", "and", "one", "picture", "of", "there", "is", "to", "the", "left"}
        | {"right", "above", "below", "on", "against", "background"}
    )
)
"""Every word that a caption can hold, in alphabetical order."""


def captions(scene: Scene) -> tuple[str, ...]:
    """Every caption of a scene, shortest form first; the background is named if and only if the scene states one.

    >>> captions(Scene((Thing("red", "circle"), Thing("blue", "square")), "above"))[0]
    'a red circle above a blue square'
    """
    bodies = [frame.format(core) for frame, core in product(_FRAMES, _cores(scene))]
    if scene.background is None:
        return tuple(bodies)
    clauses = [clause.format(scene.background) for clause in _BACKGROUND_CLAUSES]
    return tuple(f"{body} {clause}" for body, clause in product(bodies, clauses))


def _cores(scene: Scene) -> tuple[str, ...]:
    first = scene.things[0]
    if len(scene.things) == 1:
        return (f"a {first}", f"one {first}")
    second = scene.things[1]
    words = ("and",) if scene.relation is None else _RELATION_WORDS[scene.relation]
    return tuple(f"a {first} {word} a {second}" for word in words)
