"""Claims about generated files, kept once by their content."""

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from data.errors import HomeError, UnknownNameError
from data.media import WEBM, MediaStore, sniff

FORMATS = [
    ("PNG", "image/png", "png"),
    ("JPEG", "image/jpeg", "jpg"),
    ("WEBP", "image/webp", "webp"),
    ("AVIF", "image/avif", "avif"),
]


def test_media_lie_under_their_hash(tmp_path: Path) -> None:
    media = MediaStore(tmp_path / "media")
    sha256 = media.put(b"bytes", "png")
    assert sha256 == hashlib.sha256(b"bytes").hexdigest()
    assert media.path(sha256) == tmp_path / "media" / sha256[:2] / f"{sha256}.png"
    assert media.path(sha256).read_bytes() == b"bytes"


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    media = MediaStore(tmp_path)
    first = media.path(media.put(b"bytes", "png"))
    written = first.stat().st_ino
    assert media.path(media.put(b"bytes", "png")).stat().st_ino == written
    assert media.path(media.put(b"bytes", "bin")) == first
    assert len(list(tmp_path.rglob("*.*"))) == 1


def test_an_extension_of_another_kind_is_found(tmp_path: Path) -> None:
    media = MediaStore(tmp_path)
    assert media.path(media.put(b"bytes", "bin")).suffix == ".bin"


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_a_hash_that_is_not_there_is_an_unknown_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownNameError, match="Unknown media file"):
        MediaStore(tmp_path).path(name)


@pytest.mark.parametrize("extension", ["", "../x", ".png", "PNG"])
def test_an_extension_that_is_no_plain_word_is_refused(tmp_path: Path, extension: str) -> None:
    with pytest.raises(ValueError, match="Expected an extension of 1 to 8 characters"):
        MediaStore(tmp_path).put(b"bytes", extension)


def test_a_full_place_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HomeError, match="Expected to write"):
        MediaStore(tmp_path / "file").put(b"bytes", "png")


def test_a_webm_is_a_matroska_file_that_says_so() -> None:
    head = b"\x1a\x45\xdf\xa3" + bytes(20)
    assert [sniff(head + b"webm"), sniff(head + b"matroska")] == [WEBM, None]


@pytest.mark.parametrize(("name", "mime", "extension"), FORMATS)
def test_real_images_are_known_by_their_first_bytes(name: str, mime: str, extension: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, name)
    assert sniff(file.getvalue()) == (mime, extension)


def test_animations_and_films_are_known_by_their_first_bytes() -> None:
    file = io.BytesIO()
    Image.new("P", (4, 4)).save(file, "GIF")
    assert sniff(file.getvalue()) == ("image/gif", "gif")
    assert sniff(b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00") == ("video/mp4", "mp4")


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b'{"error": 1}', b"<svg xmlns", b"RIFF\x00\x00\x00\x00WAVE", b"\x89PNG"]
)
def test_anything_else_is_no_media(data: bytes) -> None:
    assert sniff(data) is None


@given(st.binary(max_size=40))
def test_no_bytes_break_the_sniffer(data: bytes) -> None:
    kind = sniff(data)
    assert kind is None or kind.mime.partition("/")[0] in ("image", "video")
