"""A picture as its decoder gives it: what decoding takes is known before it starts, and the result is cut into tiles.

A decoder holds a whole picture; its bytes follow from header and format. A JPEG that is reduced is decoded at half, a
quarter or an eighth of its size (Pillow's `draft`); a still WebP by OpenCV, to the same pixels in half the memory.
16 bit becomes 8 by one rule for grey, colour and alpha: the nearest of the 256 levels, level / 257 (PNG, ISO/IEC 15948,
13.12). Pillow would keep the high byte of colours and lose the transparent colour of grey, so OpenCV reads those.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from evaluators.decoder_errors import UndecodableError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")
TILE_PIXELS: Final = 2**20

PILLOW: Final = 4
"""Bytes a pixel of a picture in Pillow: PNG, GIF, JPEG. The other figures are those of the whole decoder."""
SIXTEEN_BIT: Final = 16
"""OpenCV's 16-bit RGBA, held twice (measured 15.3)."""
AVIF: Final = 17
"""Planes of up to 16 bit with alpha 8, RGBA 4, Pillow's picture 4 (measured with 8 bit: 8.9 and 12.7)."""
WEBP: Final = 16
"""Two canvases of an animation, a frame, Pillow's picture (measured 15.4)."""
WEBP_STILL: Final = 4
"""OpenCV's still WebP beside the bytes of its channels (measured 6 to 7 in all)."""
COEFFICIENT: Final = 2
"""A progressive JPEG's coefficients, of each channel beside the picture (measured 6 and 8)."""

_PNG_DEPTH: Final = 24
_OPENING: Final = Lock()

Cut = Callable[[tuple[int, int, int, int]], Image.Image]


class Tile(NamedTuple):
    """A part of a picture, 8 bit of any mode, and where it lies when reduced."""

    left: int
    top: int
    image: Image.Image


class Tiles(NamedTuple):
    """A decoded picture in parts. `width` and `height` are its own; its sides become `factor` times shorter."""

    width: int
    height: int
    factor: int
    cut: Cut

    def __iter__(self) -> Iterator[Tile]:  # type: ignore[override]
        """Give the tiles, each of at most `TILE_PIXELS`, from left to right and from the top down."""
        across = _side(self.width, TILE_PIXELS // self.factor, self.factor)
        down = _side(self.height, TILE_PIXELS // across, self.factor)
        for top in range(0, self.height, down):
            for left in range(0, self.width, across):
                box = (left, top, min(left + across, self.width), min(top + down, self.height))
                yield Tile(left // self.factor, top // self.factor, self.cut(box))


def _side(side: int, most: int, factor: int) -> int:
    return side if side <= most else max(most // factor, 1) * factor


@dataclass(frozen=True)
class Delivered:
    """An opened picture that is not yet decoded; `factor`, a power of two, is how much shorter its sides become."""

    data: bytes
    image: Image.Image
    factor: int
    size: tuple[int, int]

    @classmethod
    def opened(cls, data: bytes, kept: int) -> "Delivered":
        """Open a picture of which at most `kept` pixels will be kept. Raises what decoders raise."""
        with _bombs_are_errors():
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = image.size
        factor = 1
        while -(-width // factor) * -(-height // factor) > kept:
            factor *= 2
        return cls(data, image, factor, image.size)

    @property
    def kept_size(self) -> tuple[int, int]:
        """Width and height that are kept, before orientation."""
        return -(-self.size[0] // self.factor), -(-self.size[1] // self.factor)

    @property
    def sixteen_bit(self) -> bool:
        """Whether it is a PNG of 16 bit, which its header says in the byte after width and height."""
        return self.image.format == "PNG" and self.data[_PNG_DEPTH] == 16

    @property
    def animated(self) -> bool:
        """Whether there are frames after the first, which is the one that is decoded."""
        return bool(getattr(self.image, "is_animated", False))

    @property
    def bytes_to_decode(self) -> int:
        """The most bytes that decoding holds at once: the file, what its decoder takes, the pixels that are kept."""
        pixels, kept = self.size[0] * self.size[1], self.kept_size[0] * self.kept_size[1]
        return len(self.data) + self._decoder_bytes(pixels, kept) + 3 * kept

    def _decoder_bytes(self, pixels: int, kept: int) -> int:
        channels = len(self.image.getbands())
        if isinstance(self.image, JpegImageFile):
            coefficients = COEFFICIENT * channels * pixels if "progressive" in self.image.info else 0
            return coefficients + PILLOW * kept
        if self.sixteen_bit:
            return SIXTEEN_BIT * pixels
        if self._still_webp:
            return (WEBP_STILL + channels) * pixels
        return {"WEBP": WEBP, "AVIF": AVIF}.get(str(self.image.format), PILLOW) * pixels

    @property
    def _still_webp(self) -> bool:
        return self.image.format == "WEBP" and self.factor > 1 and not self.animated

    def decoded(self) -> Tiles:
        """Decode. Raises what decoders raise, and UndecodableError where OpenCV does not read a 16-bit PNG."""
        if self._still_webp:
            return Tiles(*self.size, self.factor, _webp(self.data))
        if self.sixteen_bit:
            cut = _sixteen_bit(self.data, self.image.info.get("transparency"))
            self.image.load()  # Checks what OpenCV passes over.
            return Tiles(*self.size, self.factor, cut)
        if self.factor > 1:
            self.image.draft(None, (max(1, self.size[0] // self.factor), max(1, self.size[1] // self.factor)))
        drafted = round(max(self.size) / max(self.image.size))
        self.image.load()
        return Tiles(*self.image.size, self.factor // drafted, self.image.crop)


@contextmanager
def _bombs_are_errors() -> Iterator[None]:
    # Warning filters belong to the process, and pictures are decoded in threads.
    with _OPENING, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _sixteen_bit(data: bytes, key: Any) -> Cut:
    return partial(_eight_bit, _read(data, np.uint16, "PNG of 16 bit"), key)


def _eight_bit(levels: npt.NDArray[np.uint16], key: Any, box: tuple[int, int, int, int]) -> Image.Image:
    """A part of the levels of a 16-bit PNG: (height, width) of grey, else (height, width, 3 or 4) as BGR or BGRA."""
    left, top, right, bottom = box
    part = levels[top:bottom, left:right]
    eight = np.rint(part / 257).astype(np.uint8)
    if part.ndim == 3:
        return _from_bgr(eight)
    if isinstance(key, int):
        alpha = np.where(part == key, 0, 255).astype(np.uint8)
        return Image.merge("LA", (Image.fromarray(eight), Image.fromarray(alpha)))
    return Image.fromarray(eight)


def _webp(data: bytes) -> Cut:
    pixels = _read(data, np.uint8, "WebP")
    return lambda box: _from_bgr(pixels[box[1] : box[3], box[0] : box[2]])


def _from_bgr(part: npt.NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(part[..., [2, 1, 0, 3][: part.shape[2]]]))


def _read(data: bytes, levels: Any, what: str) -> npt.NDArray[Any]:
    try:
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        read = None
    if read is None or read.dtype != levels:
        raise UndecodableError(f"Expected a {what} that OpenCV reads, got one that it does not.")
    return np.asarray(read)
