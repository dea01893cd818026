"""What the training of the video models shows: captions and the scenes to draw for them, never a held-out one."""

import dataclasses
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from data.embedded.language import CONTEXT, END, PAD, START
from data.embedded.motion.captions import captions
from data.embedded.motion.drawing import NONE, SceneTensors, tensors
from data.embedded.motion.language import VOCABULARY
from data.embedded.motion.world import (
    ACTS,
    DIRECTIONS,
    SPEEDS,
    MovingScene,
    pair_scenes,
    single_scenes,
    story_scenes,
)
from data.embedded.world import BACKGROUNDS, COLOURS, SHAPES

SceneKind = Literal["single", "story", "pair"]
SCENE_KINDS: Final[tuple[SceneKind, ...]] = ("single", "story", "pair")
POOLS: Final = {"single": single_scenes, "story": story_scenes, "pair": pair_scenes}

LABEL_HEADS: Final = {
    **{f"{which} colour": len(COLOURS) + 1 for which in ("first", "second")},
    **{f"{which} shape": len(SHAPES) + 1 for which in ("first", "second")},
    **{f"{which} act": len(ACTS) + 1 for which in ("first", "then", "second")},
    **{f"{which} speed": len(SPEEDS) + 1 for which in ("first", "second")},
    "turns to": len(COLOURS) + 1,
    "background": len(BACKGROUNDS) + 1,
}
"""What a caption says, as classes: the side lesson of the text encoder. The last class of each head means unsaid."""


_NAMES: Final = (*SceneTensors._fields, "tokens", "said")


class Pool(NamedTuple):
    """Captions with their scenes: token ids (n, context) and what they say (n, heads), int64."""

    scenes: SceneTensors
    tokens: Tensor
    labels: Tensor

    def rows(self, index: Tensor) -> "Pool":
        """The captions at these rows."""
        return Pool(self.scenes.rows(index), self.tokens[index], self.labels[index])

    def on(self, device: torch.device | str) -> "Pool":
        """The same pool on a device."""
        return Pool(self.scenes.on(device), self.tokens.to(device), self.labels.to(device))


def pool(kind: SceneKind, size: int, seed: int) -> Pool:
    """`size` random captions of scenes of one kind; every second names the background, a third of pairs speeds."""
    rng = random.Random(f"{kind}-{seed}")
    known = POOLS[kind](unseen=False)
    shown = [dressed(rng.choice(known), rng) for _ in range(size)]
    scenes = tensors(shown)
    return Pool(scenes, _token_ids([rng.choice(captions(scene)) for scene in shown]), _said(scenes))


def dressed(scene: MovingScene, rng: random.Random) -> MovingScene:
    """The scene with what it leaves free told at random: a background in every second, speeds in every third pair."""
    background = rng.choice((None, None, *BACKGROUNDS))
    actors = scene.actors
    if len(actors) == 2 and rng.random() < 1 / 3:
        actors = tuple(
            dataclasses.replace(actor, actions=(dataclasses.replace(action, speed=rng.choice((None, *SPEEDS))),))
            if (action := actor.actions[0]).act in DIRECTIONS
            else actor
            for actor in actors
        )
    return MovingScene(actors, background)


def pools(size: int, seed: int, folder: Path) -> Mapping[SceneKind, Pool]:
    """A pool of `size` captions of each kind; drawn once and then kept in the folder, as drawing takes a minute."""
    path = folder / f"pools-{seed}-{size}.safetensors"
    if not path.exists():
        drawn = {kind: pool(kind, size, seed) for kind in SCENE_KINDS}
        save_file({f"{kind}.{name}": part for kind, each in drawn.items() for name, part in _parts(each)}, path)
    kept = load_file(path)
    return {kind: _pool({name: kept[f"{kind}.{name}"].long() for name in _NAMES}) for kind in SCENE_KINDS}


def _parts(drawn: Pool) -> Iterator[tuple[str, Tensor]]:
    for name in _NAMES:
        part = {**drawn.scenes._asdict(), "tokens": drawn.tokens, "said": drawn.labels}[name]
        yield name, part.to(torch.int8).contiguous()


def _pool(parts: Mapping[str, Tensor]) -> Pool:
    scenes = SceneTensors(**{name: parts[name] for name in SceneTensors._fields})
    return Pool(scenes, parts["tokens"], parts["said"])


def empty_tokens() -> Tensor:
    """The token ids (context,) of the empty caption."""
    return _token_ids([""])[0]


def _token_ids(texts: list[str]) -> Tensor:
    made = torch.full((len(texts), CONTEXT), VOCABULARY[PAD], dtype=torch.int64)
    for row, text in enumerate(texts):
        ids = [VOCABULARY[START], *(VOCABULARY[word] for word in text.split()), VOCABULARY[END]]
        made[row, : len(ids)] = torch.tensor(ids)
    return made


def _said(scenes: SceneTensors) -> Tensor:
    columns = [
        *scenes.colour.T,
        *scenes.shape.T,
        scenes.acts[:, 0, 0],
        scenes.acts[:, 0, 1],
        scenes.acts[:, 1, 0],
        *scenes.speed.T,
        scenes.to[:, 0],
        scenes.background,
    ]
    unsaid = torch.tensor([classes - 1 for classes in LABEL_HEADS.values()])
    labels = torch.stack(columns, dim=1)
    return torch.where(labels == NONE, unsaid, labels)
