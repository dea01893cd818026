"""Writes `files/shapes.jsonl` out of the world of shapes: `python -m data.suites.make_shapes`; the same every time.

Each category has twelve prompts, six of them of scenes that training never shows.
"""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from data.embedded.world import (
    Relation,
    Scene,
    Thing,
    captions,
    free_pair_scenes,
    held_out,
    pair_scenes,
    single_scenes,
    things,
)
from data.files import write_atomic
from data.suites.library import FOLDER

SEED: Final = "shapes-1"
OF_EACH: Final = 6
"""How many prompts of a category are held out, and how many are not."""

HEADER: Final = {
    "halflife_suite": 1,
    "name": "shapes",
    "version": "1",
    "task": "text-to-image",
    "title": "Shapes: one or two drawn objects, checked exactly",
    "licence": "Apache-2.0",
    "source": "data/suites/make_shapes.py",
    "primary_metric": "shapes_correct",
}


class ShapesPrompt(NamedTuple):
    """A scene and the words that ask for it."""

    scene: Scene
    text: str


def single(rng: random.Random) -> Iterator[ShapesPrompt]:
    """One thing; held out by colour, shape and background."""
    bare = [scene for thing in things() if held_out(scene := Scene((thing,)))]
    unseen = rng.sample(single_scenes(unseen=True), OF_EACH - 1) + rng.sample(bare, 1)
    for scene in (*unseen, *rng.sample(single_scenes(unseen=False), OF_EACH)):
        yield ShapesPrompt(scene, rng.choice(captions(scene)))


def pair(*relations: Relation) -> Callable[[random.Random], Iterator[ShapesPrompt]]:
    """Two things of different colours and shapes, `relations` in turn; held out by the whole of it."""

    def items(rng: random.Random) -> Iterator[ShapesPrompt]:
        for scene in _related(rng, relations):
            yield ShapesPrompt(scene, rng.choice(captions(scene)))

    return items


def colour_binding(rng: random.Random) -> Iterator[ShapesPrompt]:
    """Two things joined by "and", then the same with their colours exchanged: only the binding differs."""
    couples = [
        (scene, swapped)
        for scene in free_pair_scenes(unseen=True)
        if _differ(scene) and not held_out(swapped := _colours_exchanged(scene))
    ]
    distinct = {scene.canonical(): (scene, swapped) for scene, swapped in couples}
    for scene, swapped in rng.sample(list(distinct.values()), OF_EACH):
        frame = rng.randrange(len(captions(scene)))
        yield ShapesPrompt(scene, captions(scene)[frame])
        yield ShapesPrompt(swapped, captions(swapped)[frame])


def long_caption(rng: random.Random) -> Iterator[ShapesPrompt]:
    """Two things, a relation in its longest words, and a background."""
    for index, scene in enumerate(_related(rng, ("left-of", "above", "right-of", "below"))):
        stated = Scene(scene.things, scene.relation, "light" if index % 2 else "dark")
        longest = sorted(captions(stated), key=lambda text: len(text.split()))[-4:]
        yield ShapesPrompt(stated, rng.choice(longest))


CATEGORIES: Final[dict[str, Callable[[random.Random], Iterator[ShapesPrompt]]]] = {
    "single": single,
    "pair-left-right": pair("left-of", "right-of"),
    "pair-above-below": pair("above", "below"),
    "colour-binding": colour_binding,
    "long-caption": long_caption,
}


def content() -> str:
    """Return the suite's file: the header and sixty prompts, one a line."""
    lines: list[dict[str, Any]] = [dict(HEADER)]
    for category, items in CATEGORIES.items():
        rng = random.Random(f"{SEED}/{category}")
        for number, item in enumerate(items(rng), start=1):
            lines.append(_line(f"{category}-{number:02}", category, item))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def main(path: Path = FOLDER / "shapes.jsonl") -> None:
    """Write the suite to `path`."""
    write_atomic(path, content().encode())


def _line(identifier: str, category: str, item: ShapesPrompt) -> dict[str, Any]:
    expectation = {key: value for key, value in item.scene.expectation().items() if value is not None}
    tags = [tag for tag in (item.scene.relation, item.scene.background) if tag]
    line: dict[str, Any] = {"id": identifier, "text": item.text, "category": category, "tags": tags}
    return line | {"expectation": expectation, "held_out": held_out(item.scene)}


def _related(rng: random.Random, relations: tuple[Relation, ...]) -> Iterator[Scene]:
    for unseen in (True, False):
        pool = [scene for scene in pair_scenes(unseen=unseen) if _differ(scene)]
        shuffled = {relation: rng.sample(pool, len(pool)) for relation in relations}
        for index in range(OF_EACH):
            relation = relations[index % len(relations)]
            unused = shuffled[relation]
            yield unused.pop(next(i for i, scene in enumerate(unused) if scene.relation == relation))


def _differ(scene: Scene) -> bool:
    first, second = scene.things
    return first.shape != second.shape


def _colours_exchanged(scene: Scene) -> Scene:
    first, second = scene.things
    return Scene((Thing(second.colour, first.shape), Thing(first.colour, second.shape)))


if __name__ == "__main__":
    main()
