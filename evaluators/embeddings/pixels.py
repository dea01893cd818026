"""A decoded picture as an encoder's input, pixel for pixel what Pillow and open_clip's own transform give.

Pillow does the resizing: torch's antialiased bicubic on uint8 is quicker, but differs from it by up to 31 levels on
portrait pictures (measured on 300 random shapes of noise, torch 2.15), and decoding costs four times as much anyway.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from evaluators.colour import Pixels
from evaluators.embeddings.card import Preprocess

MOST_RESIZED: Final = 2**24
"""Pixels of a resized picture (64 MB in Pillow). One that would have more, as a strip, is cropped before it is resized:
the same to within a level where a filter's position is rounded."""

_FILTERS: Final = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
_REACH: Final = 2
"""Source pixels on each side that the wider filter, the bicubic one, reads."""


def fitted(pixels: Pixels, preprocess: Preprocess) -> Pixels:
    """`pixels`, uint8 (height, width, 3), at the encoder's size: uint8 (size, size, 3).

    >>> preprocess = Preprocess(size=8, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    >>> fitted(np.zeros((16, 32, 3), np.uint8), preprocess).shape
    (8, 8, 3)
    """
    height, width = pixels.shape[:2]
    target = _target(width, height, preprocess)
    if math.prod(target) > MOST_RESIZED:
        return _cropped_first(pixels, target, preprocess)
    if target != (width, height):
        pixels = _resized(pixels, target, preprocess)
    left, top = (_offset(side, preprocess.size) for side in target)
    return pixels[top : top + preprocess.size, left : left + preprocess.size]


def normalised(fits: Sequence[Pixels], preprocess: Preprocess) -> npt.NDArray[np.float32]:
    """Fitted pictures as float32 of shape (n, 3, size, size): (level / 255 - mean) / std.

    >>> preprocess = Preprocess(size=8, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    >>> float(normalised([np.full((8, 8, 3), 255, np.uint8)], preprocess).max())
    1.0
    """
    unit = np.stack(fits).astype(np.float32) / np.float32(255)
    mean, std = np.array(preprocess.mean, np.float32), np.array(preprocess.std, np.float32)
    return np.ascontiguousarray(((unit - mean) / std).transpose(0, 3, 1, 2))


def visible_fraction(width: int, height: int, preprocess: Preprocess) -> float:
    """The share of the picture's area that the encoder sees, 0 to 1: a centre crop hides 44 % of a 16:9 frame.

    >>> preprocess = Preprocess(size=224, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    >>> round(visible_fraction(1920, 1080, preprocess), 2)
    0.56
    """
    if preprocess.resize == "squash":
        return 1.0
    across, down = _target(width, height, preprocess)
    return preprocess.size**2 / (across * down)


def _resized(pixels: Pixels, target: tuple[int, int], preprocess: Preprocess) -> Pixels:
    method = _FILTERS[preprocess.interpolation]
    image = Image.fromarray(pixels)
    # Pillow scales the width first: a strip would be widened at its whole height.
    if target[0] * image.height > MOST_RESIZED and target[1] < image.height:
        image = image.resize((image.width, target[1]), method)
    return np.asarray(image.resize(target, method))


def _cropped_first(pixels: Pixels, target: tuple[int, int], preprocess: Preprocess) -> Pixels:
    """What the centre of `pixels`, resized to `target`, would be; the rest is neither resized nor held."""
    size = preprocess.size
    height, width = pixels.shape[:2]
    across, down = (_source(side, scaled, size) for side, scaled in zip((width, height), target, strict=True))
    part = Image.fromarray(pixels[down.low : down.high, across.low : across.high])
    box = (across.start, down.start, across.end, down.end)
    return np.asarray(part.resize((size, size), _FILTERS[preprocess.interpolation], box=box))


class _Source(NamedTuple):
    """What of a side is cut out (`low` to `high`), and where in that the centre starts and ends, in source pixels."""

    low: int
    high: int
    start: float
    end: float


def _source(side: int, scaled: int, size: int) -> _Source:
    first = _offset(scaled, size)
    start, end = first * side / scaled, (first + size) * side / scaled
    reach = _REACH * max(1.0, side / scaled) + 1
    low, high = max(0, math.floor(start - reach)), min(side, math.ceil(end + reach))
    return _Source(low, high, start - low, end - low)


def _offset(side: int, size: int) -> int:
    # Python rounds halves to even, as torchvision's centre crop does.
    return round((side - size) / 2)


def _target(width: int, height: int, preprocess: Preprocess) -> tuple[int, int]:
    size = preprocess.size
    if preprocess.resize == "squash":
        return size, size
    if width <= height:
        return size, int(size * height / width)
    return int(size * width / height), size
