"""Files that are handed over are hostile: nothing outside the folder is read, and nothing that is no plain file."""

import os
from pathlib import Path

import pytest

from harness.brought.files import BroughtFileError, read_brought
from harness.brought.listing import list_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.png").write_bytes(b"secret")
    place = tmp_path / "out"
    (place / "sub").mkdir(parents=True)
    (place / "a.png").write_bytes(b"a")
    return place


@pytest.mark.parametrize("name", ["../secret.png", "sub/../../secret.png", "/etc/passwd", "link.png", "chain.png"])
def test_a_path_that_leads_out_is_not_read(folder: Path, name: str) -> None:
    (folder / "link.png").symlink_to("../secret.png")
    (folder / "chain.png").symlink_to("link.png")
    with pytest.raises(BroughtFileError, match="leads out of it"):
        read_brought(folder, name)


def test_a_link_that_stays_inside_is_read(folder: Path) -> None:
    (folder / "sub" / "b.png").symlink_to("../a.png")
    assert read_brought(folder, "sub/b.png") == b"a"
    assert read_brought(folder, str(folder / "a.png")) == b"a"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.png", "got none"),
        ("sub", "got: Is a directory|got a folder"),
        ("pipe.png", "got a folder, a pipe or a device"),
        ("empty.png", "got an empty file"),
        ("large.png", "at most 10 bytes"),
        ("loop.png", "got"),
        ("a\0.png", "that no file can have"),
        ("x" * 300 + ".png", "File name too long"),
    ],
)
def test_what_is_no_plain_file_of_its_size_is_a_reason_without_a_path(folder: Path, name: str, reason: str) -> None:
    os.mkfifo(folder / "pipe.png")
    (folder / "empty.png").write_bytes(b"")
    (folder / "large.png").write_bytes(bytes(11))
    (folder / "loop.png").symlink_to("loop.png")
    with pytest.raises(BroughtFileError, match=reason) as error:
        read_brought(folder, name, most_bytes=10)
    assert str(folder) not in str(error.value)


def test_a_folder_is_listed_in_order_with_a_reason_for_what_is_no_media(folder: Path) -> None:
    os.mkfifo(folder / "pipe.png")
    (folder / "notes.txt").write_text("notes")
    (folder / ".hidden.png").write_bytes(b"a")
    (folder / "out.png").symlink_to("../secret.png")
    (folder / "round").symlink_to(folder)
    (folder / "sub" / "B.JPG").write_bytes(b"b")
    listing = list_folder(folder, model="painter")
    assert [(row.file, row.model) for row in listing.rows] == [("a.png", "painter"), ("sub/B.JPG", "painter")]
    assert [place for place, _ in listing.left_out] == ["notes.txt", "out.png", "pipe.png", "round"]


def test_without_a_model_each_subfolder_is_one(folder: Path) -> None:
    (folder / "sub" / "b.png").write_bytes(b"b")
    listing = list_folder(folder)
    assert [(row.file, row.model) for row in listing.rows] == [("sub/b.png", "sub")]
    ((place, reason),) = listing.left_out
    assert place == "a.png"
    assert "Give --model" in reason
