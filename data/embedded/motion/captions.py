"""The words of the world in motion: every caption of a scene, and every word that a caption can hold."""

from itertools import product
from typing import Final

from data.embedded.motion.world import Actor, MotionAction, MovingScene
from data.embedded.world import WORDS

MOTION_WORDS: Final[tuple[str, ...]] = tuple(
    sorted(
        {"moves", "goes", "up", "down", "stays", "stands", "still", "grows", "shrinks", "turns", "becomes", "vanishes"}
        | {"disappears", "fast", "slowly", "first", "then", "it", "while", "in", "this", "clip"}
    )
)
"""The words that pictures do not need, in alphabetical order."""

ALL_WORDS: Final = (*WORDS, *MOTION_WORDS)
"""Every word: those of the pictures first, so that a picture's text encoder keeps its token ids."""

_FRAMES: Final = ("{}", "in this clip {}")
_BACKGROUND_CLAUSES: Final = ("on a {} background", "against a {} background")
_STORIES: Final = ("a {thing} first {one} then {two}", "first a {thing} {one} then it {two}")
_SPEED_WORDS: Final = {"fast": "fast", "slow": "slowly"}


def captions(scene: MovingScene) -> tuple[str, ...]:
    """Every caption of a scene, shortest form first; the background is named if and only if the scene states one.

    >>> from data.embedded.world import Thing
    >>> red, blue = Thing("red", "circle"), Thing("blue", "square")
    >>> captions(MovingScene((Actor(red, (MotionAction("left", "fast"),)), Actor(blue, (MotionAction("still"),)))))[0]
    'a red circle moves left fast and a blue square stays still'
    >>> captions(MovingScene((Actor(red, (MotionAction("up"), MotionAction("turn", to="blue"))),), "dark"))[0]
    'a red circle first moves up then turns blue on a dark background'
    """
    bodies = [frame.format(core) for frame, core in product(_FRAMES, _cores(scene))]
    if scene.background is None:
        return tuple(bodies)
    clauses = [clause.format(scene.background) for clause in _BACKGROUND_CLAUSES]
    return tuple(f"{body} {clause}" for body, clause in product(bodies, clauses))


def _cores(scene: MovingScene) -> tuple[str, ...]:
    if len(scene.actors) == 2:
        first, second = (_told(actor) for actor in scene.actors)
        return tuple(
            f"{this} {word} {that}" for word in ("and", "while") for this, that in zip(first, second, strict=True)
        )
    actor = scene.actors[0]
    if len(actor.actions) == 1:
        return _told(actor)
    first, second = (_verbs(action) for action in actor.actions)
    return tuple(
        story.format(thing=actor.thing, one=labels, two=next_labels)
        for story in _STORIES
        for labels, next_labels in zip(first, second, strict=True)
    )


def _told(actor: Actor) -> tuple[str, str]:
    plain, other = _verbs(actor.actions[0])
    return f"a {actor.thing} {plain}", f"a {actor.thing} {other}"


def _verbs(action: MotionAction) -> tuple[str, str]:
    """Two ways to say what a thing does."""
    if action.act == "turn":
        return f"turns {action.to}", f"becomes {action.to}"
    if action.act in ("grow", "shrink"):
        return f"{action.act}s", f"{action.act}s"
    if action.act == "still":
        return "stays still", "stands still"
    if action.act == "vanish":
        return "vanishes", "disappears"
    pace = "" if action.speed is None else f" {_SPEED_WORDS[action.speed]}"
    return f"moves {action.act}{pace}", f"goes {action.act}{pace}"
