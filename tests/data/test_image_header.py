"""Headers read by hand agree with Pillow, and no damaged header does harm."""

import io
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from data.image_header import PictureRefusedError, read_picture
from tests.bombs import png_bomb

CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif", "AVIF": "image/avif"}


def drawn(width: int, height: int, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (1, 2, 3)).save(file, kind, **options)
    return file.getvalue()


@CALM
@given(st.sampled_from(sorted(KINDS)), st.integers(1, 300), st.integers(1, 300))
def test_type_and_size_are_those_that_pillow_wrote(kind: str, width: int, height: int) -> None:
    assert read_picture(drawn(width, height, kind)) == (KINDS[kind], width, height)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0II*\0"}),
        ("JPEG", {"progressive": True, "exif": b"x" * 90}),
    ],
)
def test_the_other_layouts_are_read_too(kind: str, options: Any) -> None:
    assert read_picture(drawn(37, 91, kind, **options)) == (KINDS[kind], 37, 91)


def test_a_picture_with_transparency_in_webp_is_read() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (37, 91), (1, 2, 3, 4)).save(file, "WEBP")
    assert read_picture(file.getvalue()) == ("image/webp", 37, 91)


def test_of_an_avif_of_tiles_the_whole_size_counts() -> None:
    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), kind) + content

    extents = b"".join(box(b"ispe", struct.pack(">III", 0, *size)) for size in ((512, 512), (4096, 3072), (512, 512)))
    meta = box(b"meta", bytes(4) + box(b"hdlr", bytes(8)) + box(b"iprp", box(b"ipco", extents)))
    data = box(b"ftyp", b"mif1" + bytes(4) + b"mif1avif") + meta
    assert read_picture(data) == ("image/avif", 4096, 3072)


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (2**31 - 1, 2), (8193, 8192)])
def test_too_many_pixels_are_refused_with_the_size(width: int, height: int) -> None:
    with pytest.raises(PictureRefusedError, match=f"{width:,} × {height:,}; not decoded"):
        read_picture(png_bomb(width, height))


def test_a_gif_frame_beyond_its_screen_counts() -> None:
    data = bytearray(drawn(8, 8, "GIF"))
    at = data.index(b"\x2c\0\0\0\0\x08\0\x08\0")
    data[at : at + 9] = b"\x2c" + struct.pack("<HHHH", 0, 0, 40_000, 40_000)
    with pytest.raises(PictureRefusedError, match="40,000 × 40,000"):
        read_picture(bytes(data))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "got nothing"),
        (b"<!DOCTYPE html>", "got an HTML page"),
        (b"  <html>", "got an HTML page"),
        (b"%PDF-1.7", "8 bytes of another kind"),
        (b"\0\0\0\x20ftypisom" + bytes(20), "bytes of another kind"),
        (b"\x89PNG\r\n\x1a\n", "header is damaged"),
        (b"\xff\xd8\xff", "header is damaged"),
        (b"\xff\xd8\xff\xd9", "header is damaged"),
        (b"RIFF\0\0\0\0WEBP", "header is damaged"),
        (b"GIF89a", "header is damaged"),
        (b"\0\0\0\x1cftypavif", "header is damaged"),
    ],
)
def test_what_is_no_picture_is_said_to_be_what_it_is(data: bytes, what: str) -> None:
    with pytest.raises(PictureRefusedError, match=what):
        read_picture(data)


HEADS = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"RIFF1234WEBPVP8X",
    b"RIFF1234WEBPVP8L",
    b"RIFF1234WEBPVP8 ",
    b"GIF89a",
    b"\0\0\0\x10ftypavif\0\0\0\0\0\0\0\xebmeta",
]


@CALM
@given(st.sampled_from(HEADS), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(head: bytes, rest: bytes) -> None:
    try:
        header = read_picture(head + rest)
    except PictureRefusedError:
        return
    assert 1 <= header.width * header.height <= 8192 * 8192
