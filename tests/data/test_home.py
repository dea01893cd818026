"""Claims about the observatory directory."""

import os
from pathlib import Path

import pytest

from data.errors import HomeError
from data.home import Home


def test_preparing_makes_the_folders_and_leaves_no_probe(tmp_path: Path) -> None:
    home = Home(tmp_path / "new" / "observatory")
    home.prepare()
    home.prepare()
    assert sorted(os.listdir(home.path)) == ["cache", "media", "published", "routing", "runs", "store"]
    assert all(not os.listdir(home.path / folder) for folder in os.listdir(home.path))


def test_a_home_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HomeError, match=r"Expected to write .*choose another directory \(--home\)"):
        Home(tmp_path / "file").prepare()


def test_a_home_without_a_way_in_is_refused() -> None:
    with pytest.raises(HomeError, match="Expected to write /proc/"):
        Home(Path("/proc/halflife-observatory")).prepare()


def test_the_control_database_lies_in_the_home(tmp_path: Path) -> None:
    assert Home(tmp_path).control == tmp_path / "control.sqlite"
