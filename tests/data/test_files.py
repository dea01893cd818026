"""Claims about files that are whole or not there."""

import os
import stat
from pathlib import Path

import pytest

from data.errors import HomeError
from data.files import make_folder, storage, write_atomic


def test_a_file_is_written_whole_and_nothing_is_left_beside(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"one")
    write_atomic(tmp_path / "file", b"two", mode=0o600)
    assert (tmp_path / "file").read_bytes() == b"two"
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["file"]


def test_a_mode_is_kept_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_atomic(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HomeError, match=r"Expected to write .*inner, got: Not a directory\. Free some space or choose"):
        write_atomic(tmp_path / "file" / "inner", b"")


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept").write_bytes(b"kept")
    with pytest.raises(HomeError, match="Is a directory"):
        write_atomic(tmp_path / "folder", b"")
    assert os.listdir(tmp_path) == ["folder"]
    assert (tmp_path / "folder" / "kept").read_bytes() == b"kept"


def test_folders_are_made_with_their_parents_and_again(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_a_folder_on_a_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HomeError, match=r"Expected to write .*got: "):
        make_folder(tmp_path / "file" / "folder")


def test_errors_that_are_not_the_disks_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="name"), storage(tmp_path):
        raise KeyError("name")
