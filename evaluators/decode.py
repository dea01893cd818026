"""The one canonical decode: from the bytes that a provider delivered to the pixels that every evaluator sees.

In this order: the kind by magic bytes, the size from the header, the pixels, 16 bit to 8, EXIF orientation, ICC profile
to sRGB (relative colorimetric), alpha over `BACKDROP`. What was done is recorded, and nothing is ever re-encoded.
16 bit becomes 8 by one rule for grey, colour and alpha: the nearest of the 256 levels, level / 257 (PNG, ISO/IEC 15948,
13.12). Pillow would keep the high byte of colours and lose the transparent colour of grey, so OpenCV reads those.
"""

import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from data.media import sniff
from evaluators.reasons import brief

VERSION: Final = "2"
"""Rises whenever a pixel of any picture can change; part of every fingerprint of an evaluator that looks at pixels."""

BACKDROP: Final = (255, 255, 255)
"""The sRGB colour that stands behind transparent pixels, as on a white page."""

MOST_PIXELS: Final = 2**26
"""Pixels over which a picture is not decoded (8192 × 8192): decoding takes up to 21 bytes a pixel, measuring 31."""

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "AVIF")

_PNG_DEPTH: Final = 24
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
_OPENING: Final = threading.Lock()
_DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    EOFError,
    AttributeError,
    NotImplementedError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders raise on hostile bytes; it promises no narrower type."""

Pixels = npt.NDArray[np.uint8]


class UndecodableError(ValueError):
    """The bytes are not a picture that can be decoded; the sentence becomes the reason of the scores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture. `pixels` is uint8 sRGB of shape (height, width, 3) and read-only; `done` says what was done.

    `format` and `mode` are Pillow's names for what was delivered.
    """

    pixels: Pixels
    format: str
    mode: str
    done: tuple[str, ...]

    @property
    def width(self) -> int:
        """Pixels across, after orientation."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels down, after orientation."""
        return int(self.pixels.shape[0])


def decode(data: bytes, *, most_pixels: int = MOST_PIXELS) -> Picture:
    """The picture in `data` (PNG, JPEG, WebP, GIF or AVIF; of an animation the first frame).

    Raises UndecodableError for anything else, for more than `most_pixels` (read from the header, before any pixel is
    decoded) and for damaged files.

    >>> out = io.BytesIO()
    >>> Image.new("RGBA", (4, 2), (255, 0, 0, 0)).save(out, "PNG")
    >>> picture = decode(out.getvalue())
    >>> picture.width, picture.height, picture.pixels[0, 0].tolist(), picture.done
    (4, 2, [255, 255, 255], ('alpha over #ffffff',))
    """
    check_kind(data)
    try:
        image = _opened(data)
        width, height = image.size
        if width * height > most_pixels:
            raise UndecodableError(f"Expected at most {most_pixels} pixels, got {width} × {height}.")
        done: list[str] = []
        pixels = np.ascontiguousarray(_canonical(image, data, done), dtype=np.uint8)
    except UndecodableError:
        raise
    except _DECODER_ERRORS as error:
        raise UndecodableError(f"The picture is damaged: {brief(error)}.") from error
    pixels.flags.writeable = False
    return Picture(pixels=pixels, format=str(image.format), mode=image.mode, done=tuple(done))


def check_kind(data: bytes) -> None:
    """Raise UndecodableError unless the first bytes are those of a picture format that is decoded here.

    >>> check_kind(b"<!doctype html>")
    Traceback (most recent call last):
    evaluators.decode.UndecodableError: Expected a PNG, JPEG, WebP, GIF or AVIF picture, got HTML.
    """
    kind = sniff(data)
    if kind is not None and kind.mime.startswith("image/"):
        return
    if not data:
        raise UndecodableError("Expected a picture, got an empty file.")
    text = data[:256].lstrip().lower()
    got = "HTML" if text.startswith((b"<!doctype", b"<html")) else f"bytes that begin with {data[:8].hex(' ')}"
    raise UndecodableError(f"Expected a PNG, JPEG, WebP, GIF or AVIF picture, got {got}.")


def _opened(data: bytes) -> Image.Image:
    with _bombs_are_errors():
        return Image.open(io.BytesIO(data), formats=FORMATS)


@contextmanager
def _bombs_are_errors() -> Iterator[None]:
    # Warning filters belong to the process, and pictures are decoded in threads.
    with _OPENING, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _canonical(image: Image.Image, data: bytes, done: list[str]) -> npt.NDArray[Any]:
    if getattr(image, "is_animated", False):
        done.append("first frame of an animation")
    image.load()
    picture = _oriented(_eight_bit(image, data, done), image, done)
    if picture.mode == "P":
        done.append("palette")
    alpha = None
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
    colours = _in_srgb(picture, image.info.get("icc_profile"), done)
    if alpha is not None and alpha.getextrema()[0] != 255:
        done.append("alpha over #" + bytes(BACKDROP).hex())
        colours = Image.composite(colours, Image.new("RGB", colours.size, BACKDROP), alpha)
    return np.asarray(colours)


def _eight_bit(image: Image.Image, data: bytes, done: list[str]) -> Image.Image:
    """A PNG says its bits a channel in the byte after its width and height."""
    if image.format != "PNG" or data[_PNG_DEPTH] != 16:
        return image
    done.append("16 bit to 8")
    levels = _sixteen_bit(data)
    eight = np.rint(levels / 257).astype(np.uint8)
    key = image.info.get("transparency")
    if levels.ndim == 2 and isinstance(key, int):
        alpha = np.where(levels == key, 0, 255).astype(np.uint8)
        return Image.merge("LA", (Image.fromarray(eight), Image.fromarray(alpha)))
    return Image.fromarray(eight)


def _sixteen_bit(data: bytes) -> npt.NDArray[np.uint16]:
    """The levels of a 16-bit PNG: (height, width) of grey, else (height, width, 3 or 4) as RGB or RGBA."""
    import cv2

    try:
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise UndecodableError("Expected a PNG of 16 bit that OpenCV reads, got one that it does not.") from error
    if read is None or read.dtype != np.uint16:
        raise UndecodableError("Expected a PNG of 16 bit that OpenCV reads, got one that it does not.")
    levels = np.asarray(read, dtype=np.uint16)
    return levels if levels.ndim == 2 else levels[..., [2, 1, 0, 3][: levels.shape[2]]]


def _oriented(picture: Image.Image, source: Image.Image, done: list[str]) -> Image.Image:
    try:
        orientation = source.getexif().get(_ORIENTATION, 1)
    except _DECODER_ERRORS:
        done.append("EXIF not readable")
        return picture
    method = _UPRIGHT.get(orientation)
    if method is None:
        return picture
    done.append(f"EXIF orientation {orientation}")
    return picture.transpose(method)


def _in_srgb(picture: Image.Image, profile: bytes | None, done: list[str]) -> Image.Image:
    if picture.mode not in ("RGB", "RGBA", "L", "CMYK"):
        picture = picture.convert("RGB")
    if profile:
        try:
            return _through_profile(picture, profile, done)
        except (ImageCms.PyCMSError, *_DECODER_ERRORS):
            done.append("ICC profile not usable")
    if picture.mode == "CMYK":
        done.append("CMYK without a profile")
    return picture.convert("RGB")


def _through_profile(picture: Image.Image, profile: bytes, done: list[str]) -> Image.Image:
    source = ImageCms.getOpenProfile(io.BytesIO(profile))
    name = ImageCms.getProfileDescription(source).strip()[:60]
    if name.startswith("sRGB"):
        return picture.convert("RGB")
    # An alpha channel is no ink: colours go through the profile without it.
    colours = picture.convert("RGB") if picture.mode == "RGBA" else picture
    target = ImageCms.createProfile("sRGB")
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    turned = ImageCms.profileToProfile(colours, source, target, renderingIntent=intent, outputMode="RGB")
    done.append(f"ICC {name or 'without a name'} to sRGB")
    return turned or colours.convert("RGB")
