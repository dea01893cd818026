"""The canonical decode: what every provider's file becomes, and what hostile files end as."""

import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from evaluators.colour import BACKDROP
from evaluators.decode import decode
from evaluators.decoder_errors import UndecodableError


def declared_size_png(width: int, height: int) -> bytes:
    """A PNG whose header declares a size that its data does not hold."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_png_decodes_to_exactly_its_pixels(lab, height, width, seed):
    pixels = lab.noise(seed, height, width)
    picture = decode(lab.encoded(pixels))
    assert np.array_equal(picture.pixels, pixels)
    assert (picture.width, picture.height, picture.done) == (width, height, ())


def test_pixels_are_read_only(lab):
    picture = decode(lab.encoded(lab.noise(0)))
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0] = 0


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_orientation_is_applied_as_pillow_does(lab, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = lab.encoded(lab.noise(1, 20, 30), exif=exif)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    picture = decode(data)
    assert np.array_equal(picture.pixels, np.asarray(upright))
    assert picture.done == (f"EXIF orientation {orientation}",)


def test_an_orientation_out_of_range_is_ignored(lab):
    exif = Image.Exif()
    exif[0x0112] = 99
    pixels = lab.noise(1)
    assert np.array_equal(decode(lab.encoded(pixels, exif=exif)).pixels, pixels)


def test_transparent_pixels_show_the_backdrop(lab):
    pixels = np.dstack([lab.noise(2), np.zeros((32, 32), np.uint8)])
    pixels[:16, :, 3] = 255
    picture = decode(lab.encoded(pixels))
    assert np.array_equal(picture.pixels[:16], pixels[:16, :, :3])
    assert (picture.pixels[16:] == BACKDROP).all()
    assert picture.done == ("alpha over #ffffff",)


def test_a_palette_with_a_transparent_colour_is_composited():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([9, 9, 9, 200, 10, 20])
    image.putpixel((0, 0), 0)
    out = io.BytesIO()
    image.save(out, "PNG", transparency=0)
    picture = decode(out.getvalue())
    assert picture.mode == "P"
    assert picture.pixels[0, 0].tolist() == list(BACKDROP)
    assert picture.pixels[3, 3].tolist() == [200, 10, 20]
    assert "palette" in picture.done


def test_sixteen_bits_are_scaled_and_not_clipped():
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).round().astype(np.uint16)
    picture = decode(cv2.imencode(".png", ramp)[1].tobytes())
    assert np.abs(picture.pixels[..., 0].astype(float) - ramp / 257).max() <= 0.5
    assert picture.done == ("16 bit to 8",)


def png16(colour_type, levels, transparent=()):
    """A PNG of 16 bit a channel, by hand: no writer in use makes each kind."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = levels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0))
    key = chunk(b"tRNS", struct.pack(f">{len(transparent)}H", *transparent)) if transparent else b""
    return b"\x89PNG\r\n\x1a\n" + header + key + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


GREY16 = np.array([[0, 255, 256, 33023], [40000, 65535, 65280, 128]], dtype=np.uint16)
EIGHT = [[0, 1, 1, 128], [156, 255, 254, 0]]
OPAQUE = np.full_like(GREY16, 65535)


@pytest.mark.parametrize(
    ("colour_type", "levels"),
    [
        (0, GREY16),
        (2, np.stack([GREY16] * 3, axis=-1)),
        (4, np.stack([GREY16, OPAQUE], axis=-1)),
        (6, np.stack([GREY16, GREY16, GREY16, OPAQUE], axis=-1)),
    ],
)
def test_grey_and_colours_of_16_bit_become_8_by_one_rule(colour_type, levels):
    picture = decode(png16(colour_type, levels))
    assert [picture.pixels[..., channel].tolist() for channel in range(3)] == [EIGHT] * 3
    assert picture.done == ("16 bit to 8",)


def test_colours_of_16_bit_keep_their_order():
    red = np.zeros((2, 2, 3), np.uint16)
    red[..., 0] = 65535
    assert decode(png16(2, red)).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    ("colour_type", "levels", "key"),
    [(0, GREY16, (40000,)), (2, np.stack([GREY16] * 3, axis=-1), (40000, 40000, 40000))],
)
def test_the_transparent_colour_of_16_bit_lies_over_the_backdrop(colour_type, levels, key):
    picture = decode(png16(colour_type, levels, key))
    assert picture.pixels[1, 0].tolist() == list(BACKDROP)
    assert picture.pixels[0, 3].tolist() == [128] * 3
    assert picture.done == ("16 bit to 8", "alpha over #ffffff")


@pytest.mark.parametrize(
    ("mode", "colour", "options"),
    [
        ("LA", (0, 0), {}),
        ("RGBA", (0, 0, 0, 0), {}),
        ("P", 0, {"transparency": 0}),
        ("L", 7, {"transparency": 7}),
        ("RGB", (7, 8, 9), {"transparency": (7, 8, 9)}),
        ("1", 0, {"transparency": 0}),
    ],
)
def test_whatever_is_transparent_lies_over_the_backdrop(mode, colour, options):
    out = io.BytesIO()
    Image.new(mode, (4, 4), colour).save(out, "PNG", **options)
    picture = decode(out.getvalue())
    assert (picture.pixels == BACKDROP).all()
    assert "alpha over #ffffff" in picture.done


def test_a_strip_of_16_bit_that_is_too_wide_is_a_reason():
    with pytest.raises(UndecodableError, match="16 bit"):
        decode(png16(0, np.zeros((1, 2**20 + 1), np.uint16)))


def test_a_cmyk_jpeg_decodes_near_its_colour():
    out = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 30, 60)).convert("CMYK").save(out, "JPEG", quality=95)
    picture = decode(out.getvalue())
    assert np.abs(picture.pixels.astype(int) - [200, 30, 60]).max() <= 4
    assert picture.mode == "CMYK"
    assert picture.done == ("CMYK without a profile",)


def test_an_srgb_profile_changes_no_pixel(lab):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pixels = lab.noise(3)
    assert np.array_equal(decode(lab.encoded(pixels, icc_profile=profile)).pixels, pixels)


@pytest.mark.parametrize("space", ["LAB", "XYZ"])
def test_a_profile_that_does_not_fit_is_passed_over_and_recorded(lab, space):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()
    pixels = lab.noise(3)
    picture = decode(lab.encoded(pixels, icc_profile=profile))
    assert picture.done == ("ICC profile not usable",)
    assert np.array_equal(picture.pixels, pixels)


def test_a_profile_with_exchanged_primaries_exchanges_colours(lab):
    pixels = np.full((8, 8, 3), (200, 60, 60), np.uint8)
    picture = decode(lab.encoded(pixels, icc_profile=swapped_profile()))
    assert picture.done == ("ICC swapped to sRGB",)
    assert np.abs(picture.pixels.astype(int) - [60, 200, 60]).max() <= 2


def swapped_profile() -> bytes:
    """The built-in sRGB profile under the name "swapped", with the red and the green primary exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    start, tags = profile[:132], profile[132:]
    for old, new in ((b"rXYZ", b"????"), (b"gXYZ", b"rXYZ"), (b"????", b"gXYZ")):
        tags = tags.replace(old, new, 1)
    for coding in ("ascii", "utf-16-be"):
        tags = tags.replace("sRGB built-in".encode(coding), "swapped      ".encode(coding))
    return start + tags


def test_of_an_animation_the_first_frame_is_taken(lab):
    first, second = (Image.fromarray(np.full((8, 8, 3), level, np.uint8)) for level in (10, 200))
    out = io.BytesIO()
    first.save(out, "WEBP", save_all=True, append_images=[second], lossless=True)
    picture = decode(out.getvalue())
    assert picture.pixels.max() == 10
    assert picture.done == ("first frame of an animation",)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><html><body>Too many requests</body></html>", "got HTML"),
        (b"  <html></html>", "got HTML"),
        (b'{"error": "no"}', "got bytes that begin with 7b 22"),
        (b"\x00\x00\x00\x18ftypmp42", "PNG, JPEG, WebP, GIF or AVIF"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xe0", "damaged"),
        (b"RIFF\x00\x00\x00\x00WEBP", "damaged"),
        (b"\x00\x00\x00\x1cftypavif", "damaged"),
    ],
)
def test_what_is_no_picture_says_what_it_is(data, says):
    with pytest.raises(UndecodableError, match=says):
        decode(data)


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x10\x00\x00\x00WEBP"])
def test_the_reason_of_a_damaged_file_is_the_same_every_time(start):
    reasons = []
    for _ in range(2):
        with pytest.raises(UndecodableError, match=r"damaged|at most") as caught:
            decode(start + b"nothing of the kind")
        reasons.append(str(caught.value))
        held = [bytearray(10_000) for _ in range(50)]  # so that the next try lies elsewhere
    assert held
    assert reasons[0] == reasons[1]
    assert "0x" not in reasons[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_a_truncated_file_is_damaged(lab, kind):
    data = lab.encoded(lab.noise(4, 64, 64), kind)
    with pytest.raises(UndecodableError, match="damaged"):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize("size", [(30_000, 30_000), (10_000, 9_000), (65_500, 65_500)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size):
    with pytest.raises(UndecodableError, match=r"at most 67,108,864 pixels|Decompression"):
        decode(declared_size_png(*size))


def test_bombs_are_refused_in_threads_too_and_leave_the_warning_filters_alone():
    before = list(warnings.filters)

    def refused(_: int) -> bool:
        with pytest.raises(UndecodableError, match=r"at most|Decompression"):
            decode(declared_size_png(10_000, 9_000))
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(refused, range(200)))
    assert list(warnings.filters) == before


@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "AVIF"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    st.floats(0, 1),
)
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_a_picture_or_undecodable_and_nothing_else(lab, kind, changes, end):
    data = bytearray(lab.encoded(lab.noise(5, 24, 24), kind))
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    try:
        picture = decode(bytes(data[: int(end * len(data)) + 1]))
    except UndecodableError:
        return
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.ndim == 3
