"""What a picture's header says, read without decoding a single pixel.

A picture from a provider is hostile input: 30,000 × 30,000 pixels compress to a few kilobytes and decode to gigabytes.
So its kind and size are read from the first bytes here, by hand, and only what passes is handed on. Pillow is not used:
it allocates a WebP's canvas before its size is known to be allowed, inflates a PNG's profiles, warns through the
process's filters, and its error for a large picture does not name the size.
Layouts: PNG (ISO/IEC 15948, 11.2.2), GIF89a, JPEG (ITU-T T.81, B.2.2), WebP (RFC 9649, 2.4 to 2.7), AVIF (ISO/IEC
23008-12, 6.5.3: the image spatial extents in the item properties).
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from data.media import sniff

MOST_PIXELS = 8192 * 8192
PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif")
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset(range(0xD0, 0xDA)) | {0x01}


class PictureRefusedError(Exception):
    """Bytes that are not a picture, or one that is too large to be decoded safely."""


class ImageHeader(NamedTuple):
    """What a header says: media type, width and height in pixels."""

    media_type: str
    width: int
    height: int


def read_picture(data: bytes, most_pixels: int = MOST_PIXELS) -> ImageHeader:
    """Return type and size of `data` (a PNG, JPEG, WebP, GIF or AVIF) without decoding it.

    Raises PictureRefusedError where the first bytes are none of these, no size can be read or it is over `most_pixels`.
    """
    kind = sniff(data)
    if kind is None or kind.mime not in PICTURE_TYPES:
        raise PictureRefusedError(f"Expected a PNG, JPEG, WebP, GIF or AVIF, got {_describe(data)}.")
    try:
        width, height = _SIZES[kind.mime](data)
    except (struct.error, IndexError, StopIteration):
        width = height = 0
    if width < 1 or height < 1:
        raise PictureRefusedError(f"Expected an {kind.mime} with a size, got one whose header is damaged.")
    if width * height > most_pixels:
        raise PictureRefusedError(f"Expected at most {most_pixels:,} pixels, got {width:,} × {height:,}; not decoded.")
    return ImageHeader(kind.mime, width, height)


def _describe(data: bytes) -> str:
    head = data[:512].lstrip().lower()
    if not data:
        return "nothing"
    if head.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return f"{len(data):,} bytes of another kind"


def _png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        return 0, 0
    width, height = struct.unpack_from(">II", data, 16)
    return int(width), int(height)


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        lead, marker = data[at], data[at + 1]
        if lead != 0xFF:
            return 0, 0
        if marker in _FRAME_HEADERS:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return int(width), int(height)
        at += 2 if marker in _STANDALONE else 2 + struct.unpack_from(">H", data, at + 2)[0]


def _webp(data: bytes) -> tuple[int, int]:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(_exactly(data, 27, 3), "little")
    if chunk == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(_exactly(data, 21, 4), "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return int(width) & 0x3FFF, int(height) & 0x3FFF
    return 0, 0


def _exactly(data: bytes, start: int, length: int) -> bytes:
    part = data[start : start + length]
    if len(part) != length:
        raise IndexError(start)
    return part


def _gif(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    frames = list(_gif_frames(data))
    return max([width, *(right for right, _ in frames)]), max([height, *(bottom for _, bottom in frames)])


def _gif_frames(data: bytes) -> Iterator[tuple[int, int]]:
    """Right and bottom edge of each frame: a frame may lie outside the screen that the header announces."""
    at = 13 + _colour_table(data[10])
    while at < len(data) and data[at] != 0x3B:
        if data[at] == 0x2C:
            left, top, width, height = struct.unpack_from("<HHHH", data, at + 1)
            yield left + width, top + height
            at += 11 + _colour_table(data[at + 9])
        elif data[at] == 0x21:
            at += 2
        else:
            return
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1


def _colour_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _avif(data: bytes) -> tuple[int, int]:
    """The largest of its images: a large picture is put together from tiles that have extents too."""
    meta = next(_boxes(data, 0, len(data), b"meta"))
    properties = next(_boxes(data, meta.start + 4, meta.stop, b"iprp"))
    container = next(_boxes(data, properties.start, properties.stop, b"ipco"))
    extents = _boxes(data, container.start, container.stop, b"ispe")
    sizes = [struct.unpack_from(">II", data, box.start + 4) for box in extents]
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return int(width), int(height)


def _boxes(data: bytes, start: int, stop: int, wanted: bytes) -> Iterator[range]:
    """Where the contents of the boxes of one kind lie between two offsets (ISO/IEC 14496-12, 4.2)."""
    while start + 8 <= stop:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        end = stop if size == 0 else start + size
        if end < start + head or end > stop:
            return
        if kind == wanted:
            yield range(start + head, end)
        start = end


_SIZES = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp, "image/gif": _gif, "image/avif": _avif}
