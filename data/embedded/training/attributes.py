"""What a scene says, as classes: the side lesson of both trainings. Its linear readers are not exported.

CLIP: contrast alone needs many more images to tell shapes and order; one reader, shared by the image's and the text's
embedding, that has to name colours, shapes, order and background aligns both from the start. Text encoders: a reader
has to name the same from every token's state, so that the denoiser finds bound and ordered things in the text, instead
of having to teach them to it through the image.
"""

from __future__ import annotations

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

SAID_HEADS: Final = HEADS | {"axis": 3, "background": len(BACKGROUNDS) + 1}
"""For texts: free pairs come in alphabetical order with an axis of their own, and a background can be unsaid."""

_UNSAID: Final = -100


def reader(width: int, heads: Mapping[str, int] = HEADS) -> nn.Linear:
    """The linear reader: from an embedding of this width to all heads' logits."""
    return nn.Linear(width, sum(heads.values()))


def targets(scenes: Sequence[Scene]) -> Tensor:
    """Class indices of shape (scenes, heads); what a scene leaves open counts for nothing."""
    return torch.tensor([_target(scene) for scene in scenes])


def said_targets(scenes: Sequence[Scene]) -> Tensor:
    """Class indices of shape (scenes, heads of ``SAID_HEADS``) of what captions say."""
    return torch.tensor([_said(scene) for scene in scenes])


def reading_loss(logits: Tensor, target: Tensor, heads: Mapping[str, int] = HEADS) -> Tensor:
    """Mean over heads of the cross entropy, over what is said."""
    parts = torch.split(logits, list(heads.values()), dim=1)
    losses = [cross_entropy(part, wanted, ignore_index=_UNSAID) for part, wanted in zip(parts, target.T, strict=True)]
    return torch.stack(losses).mean()


def _target(scene: Scene) -> list[int]:
    told = scene.canonical()
    background = _UNSAID if told.background is None else BACKGROUNDS.index(told.background)
    if len(told.things) == 2 and told.relation is None:
        return [_UNSAID] * 5 + [background]
    axis = _UNSAID if told.relation is None else int(told.relation == "above")
    return [*_things(told), axis, background]


def _said(scene: Scene) -> list[int]:
    told = scene.canonical()
    background = len(BACKGROUNDS) if told.background is None else BACKGROUNDS.index(told.background)
    axis = 2 if told.relation is None else int(told.relation == "above")
    return [*_things(told), axis, background]


def _things(told: Scene) -> list[int]:
    first = told.things[0]
    second = [len(COLOURS), len(SHAPES)]
    if len(told.things) == 2:
        second = [COLOURS.index(told.things[1].colour), SHAPES.index(told.things[1].shape)]
    return [COLOURS.index(first.colour), SHAPES.index(first.shape), *second]
