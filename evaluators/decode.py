"""The one canonical decode: from the bytes that a provider delivered to the pixels that every evaluator sees.

In this order: the kind by magic bytes, the size from the header, what decoding would take, the pixels, 16 bit to 8, ICC
profile to sRGB (relative colorimetric), alpha over white, over `KEPT_PIXELS` the mean of each square of 2, 4, … pixels
a side, and EXIF orientation. What was done is recorded, and nothing is ever re-encoded.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from data.image_header import PictureRefusedError, read_picture
from data.media import sniff
from data.memory_budget import MemoryBudget
from evaluators.blank import is_blank_in_parts
from evaluators.colour import CanonicalColours, Pixels
from evaluators.decoder_errors import DECODER_ERRORS, UndecodableError
from evaluators.delivered import Delivered, Tiles
from evaluators.reasons import brief

VERSION: Final = "2"
"""Rises whenever a pixel of any picture can change; part of every fingerprint of an evaluator that looks at pixels."""

MOST_PIXELS: Final = 2**26
"""Pixels over which a picture is not decoded (8192 × 8192)."""

KEPT_PIXELS: Final = 2**24
"""Pixels over which a picture is reduced (4096 × 4096): measuring takes 17 bytes a pixel, 285 MB of so many."""

MOST_BYTES: Final = 2**29
"""Bytes over which a picture is not decoded, and which all that are being decoded at once hold together."""

_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING: Final = range(5, 9)
_decoding: Final = MemoryBudget(MOST_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture. `pixels` is uint8 sRGB of shape (height, width, 3) and read-only; `done` says what was done.

    `format` and `mode` are Pillow's names for what was delivered, `width` and `height` its size after orientation,
    which is that of `pixels` unless they were reduced. `blank` says whether it was blank before it was reduced, as far
    as it was decoded; None where it was not reduced, or nobody asked.
    """

    pixels: Pixels
    format: str
    mode: str
    done: tuple[str, ...]
    width: int
    height: int
    blank: bool | None = None


def decode(data: bytes, *, kept: int = KEPT_PIXELS, judge: bool = True) -> Picture:
    """The picture in `data` (PNG, JPEG, WebP, GIF or AVIF; of an animation the first frame), in at most `kept` pixels.

    With `judge`, one that is reduced is judged for blankness before. Raises UndecodableError for anything else, for
    more than `MOST_PIXELS` or `MOST_BYTES` (known before any pixel is decoded), and for damaged files.

    >>> import io
    >>> out = io.BytesIO()
    >>> Image.new("RGBA", (4, 2), (255, 0, 0, 0)).save(out, "PNG")
    >>> picture = decode(out.getvalue())
    >>> picture.width, picture.height, picture.pixels[0, 0].tolist(), picture.done
    (4, 2, [255, 255, 255], ('alpha over #ffffff',))
    """
    try:
        delivered = _delivered(data, kept)
        with _decoding.share(delivered.bytes_to_decode):
            return _picture(delivered, judge=judge)
    except UndecodableError:
        raise
    except DECODER_ERRORS as error:
        raise UndecodableError(f"The picture is damaged: {brief(error)}.") from error


def bytes_to_decode(data: bytes) -> int:
    """Return the most bytes that decoding `data` will hold, its own among them; of what is not decoded only its own.

    >>> bytes_to_decode(b"<!doctype html>")
    15
    """
    try:
        return _delivered(data, KEPT_PIXELS).bytes_to_decode
    except (UndecodableError, *DECODER_ERRORS):
        return len(data)


def check_kind(data: bytes) -> None:
    """Raise UndecodableError unless the first bytes are those of a picture format that is decoded here.

    >>> check_kind(b"<!doctype html>")
    Traceback (most recent call last):
    evaluators.decoder_errors.UndecodableError: Expected a PNG, JPEG, WebP, GIF or AVIF picture, got HTML.
    """
    kind = sniff(data)
    if kind is not None and kind.mime.startswith("image/"):
        return
    if not data:
        raise UndecodableError("Expected a picture, got an empty file.")
    text = data[:256].lstrip().lower()
    got = "HTML" if text.startswith((b"<!doctype", b"<html")) else f"bytes that begin with {data[:8].hex(' ')}"
    raise UndecodableError(f"Expected a PNG, JPEG, WebP, GIF or AVIF picture, got {got}.")


def _delivered(data: bytes, kept: int) -> Delivered:
    check_kind(data)
    try:
        read_picture(data, MOST_PIXELS)
    except PictureRefusedError as error:
        raise UndecodableError(str(error)) from error
    delivered = Delivered.opened(data, kept)
    if delivered.bytes_to_decode > MOST_BYTES:
        width, height = delivered.size
        raise UndecodableError(
            f"Expected a picture that decodes in at most {MOST_BYTES // 2**20} MB, got {width} × {height} as "
            f"{delivered.image.format}, which takes {delivered.bytes_to_decode // 2**20} MB."
        )
    return delivered


def _picture(delivered: Delivered, *, judge: bool) -> Picture:
    image, done = delivered.image, _before_colours(delivered)
    tiles = delivered.decoded()
    orientation = _orientation(image, done)
    colours = CanonicalColours(image.info.get("icc_profile"), done)
    pixels = np.empty((*reversed(delivered.kept_size), 3), dtype=np.uint8)
    for left, top, part in tiles:
        levels = np.asarray(_reduced(colours.of(part), tiles.factor))
        pixels[top : top + levels.shape[0], left : left + levels.shape[1]] = levels
    blank = is_blank_in_parts(lambda: _unreduced(tiles, colours)) if judge and delivered.factor > 1 else None
    if delivered.factor > 1:
        done.append(f"reduced {delivered.factor} times a side")
    if orientation in _UPRIGHT:
        pixels = np.ascontiguousarray(Image.fromarray(pixels).transpose(_UPRIGHT[orientation]))
    pixels.flags.writeable = False
    width, height = reversed(delivered.size) if orientation in _LYING else delivered.size
    return Picture(
        pixels=pixels,
        format=str(image.format),
        mode=image.mode,
        done=tuple(done),
        width=width,
        height=height,
        blank=blank,
    )


def _before_colours(delivered: Delivered) -> list[str]:
    notes = {"first frame of an animation": delivered.animated, "16 bit to 8": delivered.sixteen_bit}
    return [note for note, holds in notes.items() if holds]


def _orientation(image: Image.Image, done: list[str]) -> int:
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except DECODER_ERRORS:
        done.append("EXIF not readable")
        return 1
    if not isinstance(orientation, int) or orientation not in _UPRIGHT:
        return 1
    done.append(f"EXIF orientation {orientation}")
    return orientation


def _reduced(part: Image.Image, factor: int) -> Image.Image:
    return part.reduce(factor) if factor > 1 else part


def _unreduced(tiles: Tiles, colours: CanonicalColours) -> Iterator[Pixels]:
    for tile in tiles:
        yield np.asarray(colours.of(tile.image), dtype=np.uint8)
