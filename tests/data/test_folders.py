"""Claims about folders: one takes another's place in one step, and one process at a time."""

import fcntl
import os
from pathlib import Path

import pytest

from data import folders
from data.folders import alone_in, replace_folder


def filled(path: Path, name: str) -> Path:
    path.mkdir()
    (path / name).touch()
    return path


def test_a_folder_takes_an_empty_place(tmp_path: Path) -> None:
    replace_folder(filled(tmp_path / "new", "a"), tmp_path / "place")
    assert os.listdir(tmp_path) == ["place"]
    assert os.listdir(tmp_path / "place") == ["a"]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_what_was_there_has_the_new_ones_name(
    can_exchange: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_exchange:
        monkeypatch.setattr(folders, "_exchanged", lambda one, other: False)
    new, place = filled(tmp_path / "new", "a"), filled(tmp_path / "place", "b")
    inode = new.stat().st_ino
    replace_folder(new, place)
    assert (os.listdir(new), os.listdir(place)) == (["b"], ["a"])
    assert place.stat().st_ino == inode
    assert sorted(os.listdir(tmp_path)) == ["new", "place"]


def test_a_place_that_cannot_be_taken_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        replace_folder(tmp_path / "missing", filled(tmp_path / "place", "b"))


def test_one_process_at_a_time_is_in_a_folder(tmp_path: Path) -> None:
    other = os.open(tmp_path, os.O_RDONLY)
    with alone_in(tmp_path), pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
