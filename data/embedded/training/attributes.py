"""What a scene says, as classes: the auxiliary loss of both trainings. Its linear readers are not exported.

CLIP: contrast alone needs many more images to tell shapes and order; one reader, shared by the image's and the text's
embedding, that has to name colours, shapes, order and background aligns both from the start. Text encoders: a reader
has to name the same from every token's state, so that the denoiser finds bound and ordered things in the text, instead
of having to teach them to it through the image.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from data.embedded.world import BACKGROUNDS, COLOURS, SHAPES, Scene

HEADS: Final = {
    "first colour": len(COLOURS),
    "first shape": len(SHAPES),
    "second colour": len(COLOURS) + 1,
    "second shape": len(SHAPES) + 1,
    "axis": 2,
    "background": len(BACKGROUNDS),
}
"""Classes a head; the first thing is the left or upper one, and the last class of the second thing means none."""

CAPTION_HEADS: Final = HEADS | {"axis": 3, "background": len(BACKGROUNDS) + 1}
"""For texts: free pairs come in alphabetical order with an axis of their own, and a background can be left out."""

_UNSTATED: Final = -100


def reader(width: int, heads: Mapping[str, int] = HEADS) -> nn.Linear:
    """The linear reader: from an embedding of this width to all heads' logits."""
    return nn.Linear(width, sum(heads.values()))


def targets(scenes: Sequence[Scene]) -> Tensor:
    """Class indices of shape (scenes, heads); what a scene leaves open counts for nothing."""
    return torch.tensor([_target(scene) for scene in scenes])


def caption_targets(scenes: Sequence[Scene]) -> Tensor:
    """Class indices of shape (scenes, heads of `CAPTION_HEADS`) of what captions say."""
    return torch.tensor([_caption_target(scene) for scene in scenes])


def reading_loss(logits: Tensor, target: Tensor, heads: Mapping[str, int] = HEADS) -> Tensor:
    """Mean over heads of the cross entropy, over what is stated."""
    parts = torch.split(logits, list(heads.values()), dim=1)
    losses = [cross_entropy(part, wanted, ignore_index=_UNSTATED) for part, wanted in zip(parts, target.T, strict=True)]
    return torch.stack(losses).mean()


def _target(scene: Scene) -> list[int]:
    canonical = scene.canonical()
    background = _UNSTATED if canonical.background is None else BACKGROUNDS.index(canonical.background)
    if len(canonical.things) == 2 and canonical.relation is None:
        return [_UNSTATED] * 5 + [background]
    axis = _UNSTATED if canonical.relation is None else int(canonical.relation == "above")
    return [*_things(canonical), axis, background]


def _caption_target(scene: Scene) -> list[int]:
    canonical = scene.canonical()
    background = len(BACKGROUNDS) if canonical.background is None else BACKGROUNDS.index(canonical.background)
    axis = 2 if canonical.relation is None else int(canonical.relation == "above")
    return [*_things(canonical), axis, background]


def _things(canonical: Scene) -> list[int]:
    first = canonical.things[0]
    second = [len(COLOURS), len(SHAPES)]
    if len(canonical.things) == 2:
        second = [COLOURS.index(canonical.things[1].colour), SHAPES.index(canonical.things[1].shape)]
    return [COLOURS.index(first.colour), SHAPES.index(first.shape), *second]
