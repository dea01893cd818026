"""Writes `files/moving-shapes.jsonl` out of the world in motion: `python -m data.suites.make_moving_shapes`.

The same every time. Each category has twelve prompts, all of combinations that training never shows.
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from data.embedded.motion.captions import captions
from data.embedded.motion.world import (
    MOVES,
    SPEEDS,
    MotionAction,
    MovingScene,
    held_out,
    pair_scenes,
    single_scenes,
    story_scenes,
)
from data.embedded.world import BACKGROUNDS
from data.files import write_atomic
from data.suites.library import FOLDER

SEED: Final = "moving-shapes-1"
OF_EACH: Final = 12

HEADER: Final = {
    "halflife_suite": 1,
    "name": "moving-shapes",
    "version": "1",
    "task": "text-to-video",
    "title": "Moving shapes: one or two drawn things in motion, checked exactly",
    "licence": "Apache-2.0",
    "source": "data/suites/make_moving_shapes.py",
    "primary_metric": "motion_correct",
}


def single_move(rng: random.Random) -> list[MovingScene]:
    """One thing that travels, at a speed that is told or not, grows, shrinks or stays still."""
    return _in_turn(rng, single_scenes(unseen=True), (*MOVES, "still"), _act)


def single_change(rng: random.Random) -> list[MovingScene]:
    """One thing that turns into another colour or vanishes."""
    return _in_turn(rng, single_scenes(unseen=True), ("turn", "vanish"), _act)


def story_move(rng: random.Random) -> list[MovingScene]:
    """One thing that makes one move and then another."""
    return _in_turn(rng, story_scenes(unseen=True), MOVES, _last_act)


def story_change(rng: random.Random) -> list[MovingScene]:
    """One thing that makes a move and then turns into a colour or vanishes."""
    return _in_turn(rng, story_scenes(unseen=True), ("turn", "vanish"), _last_act)


def pair(rng: random.Random) -> list[MovingScene]:
    """Two things of different colours and shapes, each with a motion of its own."""
    pool = [scene for scene in pair_scenes(unseen=True) if _differ(scene)]
    return _in_turn(rng, pool, (*MOVES, "still"), _act)


CATEGORIES: Final[dict[str, Callable[[random.Random], list[MovingScene]]]] = {
    "single-move": single_move,
    "single-change": single_change,
    "story-move": story_move,
    "story-change": story_change,
    "pair": pair,
}


def content() -> str:
    """Return the suite's file: the header and sixty prompts, one a line."""
    lines: list[dict[str, Any]] = [dict(HEADER)]
    for category, scenes in CATEGORIES.items():
        rng = random.Random(f"{SEED}/{category}")
        for number, scene in enumerate(_on_backgrounds(scenes(rng)), start=1):
            lines.append(_line(f"{category}-{number:02}", category, scene, rng.choice(captions(scene))))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def main(path: Path = FOLDER / "moving-shapes.jsonl") -> None:
    """Write the suite to `path`."""
    write_atomic(path, content().encode())


def _in_turn(
    rng: random.Random, pool: Sequence[MovingScene], kinds: Sequence[str], kind_of: Callable[[MovingScene], str]
) -> list[MovingScene]:
    """Twelve scenes, the kinds in turn as long as there are scenes of them."""
    left = {kind: [scene for scene in rng.sample(pool, len(pool)) if kind_of(scene) == kind] for kind in kinds}
    chosen: list[MovingScene] = []
    while len(chosen) < OF_EACH:
        chosen += [scenes.pop() for scenes in left.values() if scenes]
    return chosen[:OF_EACH]


def _on_backgrounds(scenes: Sequence[MovingScene]) -> Iterator[MovingScene]:
    """Every third scene names its background, dark and light in turn."""
    for index, scene in enumerate(scenes):
        stated = BACKGROUNDS[index // 3 % 2] if index % 3 == 2 else None
        yield MovingScene(scene.actors, stated)


def _line(identifier: str, category: str, scene: MovingScene, text: str) -> dict[str, Any]:
    actions = [action for actor in scene.actors for action in actor.actions]
    tags = [*dict.fromkeys(action.act for action in actions), *_speeds(actions)]
    line: dict[str, Any] = {"id": identifier, "text": text, "category": category, "tags": tags}
    return line | {"expectation": scene.expectation(), "held_out": held_out(scene)}


def _speeds(actions: Sequence[MotionAction]) -> list[str]:
    return [speed for speed in SPEEDS if any(action.speed == speed for action in actions)]


def _act(scene: MovingScene) -> str:
    return scene.actors[0].actions[0].act


def _last_act(scene: MovingScene) -> str:
    return scene.actors[0].actions[-1].act


def _differ(scene: MovingScene) -> bool:
    (first,), (second,) = (actor.actions for actor in scene.actors)
    return scene.actors[0].thing.shape != scene.actors[1].thing.shape and first.act != second.act


if __name__ == "__main__":
    main()
