"""Whether a picture is blank: nearly one level in every channel, or nearly one colour. Exact, and part by part."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from evaluators.colour import Pixels

SPREAD: Final = 2.0
SHARE: Final = 0.99
_AT_ONCE: Final = 2**20


def is_blank(pixels: Pixels) -> bool:
    """Whether no channel varies by a standard deviation of 2 levels, or one colour covers 99 % of the picture.

    `pixels` is uint8 of shape (height, width, 3).

    >>> is_blank(np.zeros((8, 8, 3), np.uint8))
    True
    """
    return is_blank_in_parts(lambda: [pixels])


def is_blank_in_parts(parts: Callable[[], Iterable[Pixels]]) -> bool:
    """Whether a picture is blank of which `parts` gives the parts, uint8 (…, 3), as often as it is called.

    >>> is_blank_in_parts(lambda: [np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 9, np.uint8)])
    False
    """
    counts = np.zeros((3, 256), dtype=np.int64)
    for piece in _pieces(parts()):
        for channel in range(3):
            counts[channel] += np.bincount(piece[:, channel], minlength=256)
    if max(_spread(channel) for channel in counts) < SPREAD:
        return True
    # A colour of more than half of the pixels is the median of every channel.
    middle = counts.sum(axis=1, keepdims=True) / 2
    median = (counts.cumsum(axis=1) >= middle).argmax(axis=1).astype(np.uint8)
    same = sum(int((piece == median).all(axis=-1).sum()) for piece in _pieces(parts()))
    return bool(same / counts[0].sum() >= SHARE)


def _pieces(parts: Iterable[Pixels]) -> Iterator[Pixels]:
    """Rows of pixels, (n, 3), a limited number at once: counting takes 8 bytes a pixel."""
    for part in parts:
        flat = part.reshape(-1, 3)
        for start in range(0, len(flat), _AT_ONCE):
            yield flat[start : start + _AT_ONCE]


def _spread(counts: npt.NDArray[np.int64]) -> float:
    levels, total = np.arange(256), counts.sum()
    return float(np.sqrt(counts @ (levels - counts @ levels / total) ** 2 / total))
