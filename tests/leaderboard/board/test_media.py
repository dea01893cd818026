"""Media by content hash: immutable, typed by its bytes, never by a name; nothing else leaves the media folder."""

import io
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from data.home import Home
from data.media import MediaStore
from leaderboard.board.media import ROUTES
from leaderboard.board.security_headers import HEADERS, MIDDLEWARE
from leaderboard.board.stills import thumbnail


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MediaStore:
    monkeypatch.setenv("HALFLIFE_HOME", str(tmp_path))
    return MediaStore(Home(tmp_path).media)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=list(ROUTES), middleware=list(MIDDLEWARE))) as client:
        yield client


def png(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def test_the_original_bytes_come_back_and_may_be_kept_for_ever(kept: MediaStore, client: TestClient) -> None:
    data = png(32)
    answer = client.get(f"/m/{kept.put(data, 'png')}")
    assert (answer.content, answer.headers["content-type"]) == (data, "image/png")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_range_of_a_file_can_be_asked_for(kept: MediaStore, client: TestClient) -> None:
    data = png(64)
    answer = client.get(f"/m/{kept.put(data, 'png')}", headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, data[10:20])


@pytest.mark.parametrize("name", ["..%2f..%2fcontrol.sqlite", "0" * 64, "abc", "%00", "A" * 64])
def test_what_is_not_the_hash_of_a_kept_file_is_not_found(kept: MediaStore, client: TestClient, name: str) -> None:
    assert client.get(f"/m/{name}").status_code == 404
    assert client.get(f"/t/{name}").status_code == 404


def test_html_under_the_name_of_an_image_is_not_sent(kept: MediaStore, client: TestClient) -> None:
    sha256 = kept.put(b"<html><script>alert(1)</script>", "png")
    assert client.get(f"/m/{sha256}").status_code == 404


def test_a_thumbnail_is_webp_of_at_most_512_pixels_a_side(kept: MediaStore, client: TestClient) -> None:
    answer = client.get(f"/t/{kept.put(png(1024), 'png')}")
    assert answer.headers["content-type"] == "image/webp"
    assert max(Image.open(io.BytesIO(answer.content)).size) == 512


def test_a_small_image_keeps_its_size_and_every_pixel(kept: MediaStore, client: TestClient) -> None:
    data = png(32)
    shown = Image.open(io.BytesIO(client.get(f"/t/{kept.put(data, 'png')}").content))
    assert shown.convert("RGB").tobytes() == Image.open(io.BytesIO(data)).convert("RGB").tobytes()


def test_a_thumbnail_is_made_once(kept: MediaStore, client: TestClient, tmp_path: Path) -> None:
    sha256 = kept.put(png(600), "png")
    first = client.get(f"/t/{sha256}").content
    made = tmp_path / "cache" / "thumbnails" / sha256[:2] / f"{sha256}.webp"
    assert made.read_bytes() == first == client.get(f"/t/{sha256}").content


def test_a_damaged_image_has_no_thumbnail_and_breaks_nothing(kept: MediaStore, client: TestClient) -> None:
    assert client.get(f"/t/{kept.put(png(64)[:60], 'png')}").status_code == 415


def test_an_image_of_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    small = png(1)
    header = b"IHDR" + struct.pack(">II", 30_000, 30_000) + small[24:29]
    path = tmp_path / "huge.png"
    path.write_bytes(small[:12] + header + struct.pack(">I", zlib.crc32(header)) + small[33:])
    assert thumbnail(path.read_bytes()) is None


def test_every_answer_carries_the_safety_headers(kept: MediaStore, client: TestClient) -> None:
    answer = client.get("/nothing")
    assert all(name in answer.headers for name in HEADERS)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_sixteen_requests_for_one_image_decode_it_once(kept: MediaStore, client: TestClient, tmp_path: Path) -> None:
    sha256 = kept.put(png(1200), "png")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.get(f"/t/{sha256}"), range(16)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    made = tmp_path / "cache" / "thumbnails" / sha256[:2] / f"{sha256}.webp"
    before = made.stat().st_mtime_ns
    client.get(f"/t/{sha256}")
    assert made.stat().st_mtime_ns == before


def test_what_cannot_be_kept_in_the_home_is_held_in_memory(
    kept: MediaStore, client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("no folder")
    sha256 = kept.put(png(600), "png")
    assert client.get(f"/t/{sha256}").content == client.get(f"/t/{sha256}").content != b""
