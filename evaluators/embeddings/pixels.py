"""A decoded picture as an encoder's input, pixel for pixel what Pillow and open_clip's own transform give.

Pillow does the resizing: torch's antialiased bicubic on uint8 is quicker, but differs from it by up to 31 levels on
portrait pictures (measured on 300 random shapes of noise, torch 2.15), and decoding costs four times as much anyway.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from evaluators.decode import Pixels
from evaluators.embeddings.card import Preprocess

_FILTERS: Final = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


def fitted(pixels: Pixels, preprocess: Preprocess) -> Pixels:
    """`pixels`, uint8 (height, width, 3), at the encoder's size: uint8 (size, size, 3).

    >>> preprocess = Preprocess(size=8, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    >>> fitted(np.zeros((16, 32, 3), np.uint8), preprocess).shape
    (8, 8, 3)
    """
    height, width = pixels.shape[:2]
    target = _target(width, height, preprocess)
    if target != (width, height):
        image = Image.fromarray(pixels).resize(target, _FILTERS[preprocess.interpolation])
        pixels = np.asarray(image)
    # Python rounds halves to even, as torchvision's centre crop does.
    left, top = (round((side - preprocess.size) / 2) for side in target)
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


def _target(width: int, height: int, preprocess: Preprocess) -> tuple[int, int]:
    size = preprocess.size
    if preprocess.resize == "squash":
        return size, size
    if width <= height:
        return size, int(size * height / width)
    return int(size * width / height), size
