"""How well a CLIP of the world finds an image's true caption among 32, on scenes that training never showed."""

import random
from collections.abc import Callable
from typing import Final

import open_clip
import torch
from torch import Tensor

from data.embedded.drawing import draw, layout, to_uint8
from data.embedded.world import (
    BACKGROUNDS,
    COLOURS,
    RELATIONS,
    SHAPES,
    Scene,
    Thing,
    captions,
    pair_scenes,
    single_scenes,
)

CANDIDATES: Final = 32
Tokenize = Callable[[list[str]], Tensor]


@torch.no_grad()
def first_among(model: open_clip.CLIP, tokenize: Tokenize, *, n: int, hard: bool, seed: int) -> float:
    """Share (0 to 1) of `n` held-out images whose true caption has the highest cosine among 32 distinct captions.

    The false captions are other held-out ones at random; or, if `hard`, name the same two colours with every other
    relation, with exchanged shapes, and with one shape or colour changed. No false caption is true of the image.
    """
    rng = random.Random(f"{seed}-{hard}")
    first = 0
    for _ in range(n):
        scene = rng.choice(pair_scenes(unseen=True) if hard or rng.random() < 0.8 else single_scenes(unseen=True))
        background = scene.background or rng.choice(BACKGROUNDS)
        image = to_uint8(draw([layout(Scene(scene.things, scene.relation, background), rng)]))
        texts = [rng.choice(captions(scene)), *(_hard_texts(scene, rng) if hard else _random_texts(scene, rng))]
        seen = model.encode_image(image.permute(0, 3, 1, 2).float() / 127.5 - 1, normalize=True)
        cosines = (seen @ model.encode_text(tokenize(texts), normalize=True).T)[0]
        first += bool(cosines[0] > cosines[1:].max())
    return first / n


def _random_texts(scene: Scene, rng: random.Random) -> list[str]:
    pool = [*pair_scenes(unseen=True), *single_scenes(unseen=True)]
    others = [other for other in pool if other.canonical() != scene.canonical()]
    return [rng.choice(captions(other)) for other in rng.sample(others, CANDIDATES - 1)]


def _hard_texts(scene: Scene, rng: random.Random) -> list[str]:
    first, second = scene.things
    swapped = (Thing(first.colour, second.shape), Thing(second.colour, first.shape))
    near = {Scene(things, relation) for things in (scene.things, swapped) for relation in RELATIONS} - {scene}
    near = {other for other in near if other.canonical() != scene.canonical()}
    changed = [
        Scene((Thing(colour, shape), second), scene.relation)
        for colour in COLOURS
        for shape in SHAPES
        if (colour == first.colour) != (shape == first.shape) and colour != second.colour
    ]
    changed += [
        Scene((first, Thing(colour, shape)), relation)
        for colour in COLOURS
        for shape in SHAPES
        for relation in RELATIONS
        if (colour == second.colour) != (shape == second.shape) and colour != first.colour
    ]
    rng.shuffle(changed)
    chosen = [*sorted(near, key=str), *changed][: CANDIDATES - 1]
    return [rng.choice(captions(other)) for other in chosen]
