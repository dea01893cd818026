"""Claims about `halflife doctor`: what is gone or damaged in an observatory is told, with what to do."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from data.home import Home
from data.store.snapshot import current

Halflife = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def home(sealed_season: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sealed_season, tmp_path / "observatory"))


def test_files_that_are_gone_are_counted(home: Path, halflife: Halflife) -> None:
    said = " ".join(halflife(home, "doctor").stdout.split())
    (named,) = re.findall(r"generation 1, ([0-9]+) pictures", said)
    assert f"{named} files are gone" in said
    assert "restore media/" in said


def test_a_damaged_snapshot_or_table_is_told_with_the_command_that_mends_it(home: Path, halflife: Halflife) -> None:
    assert halflife(home, "routes", "publish", "--suite", "shapes", "--calendar", "replayed").returncode == 0
    snapshot = current(Home(home))
    assert snapshot is not None
    snapshot.path.write_bytes(b"x" * 20_000)
    table = home / "routing" / "shapes.replayed" / "current.json"
    table.write_text("{")
    said = halflife(home, "doctor")
    assert said.returncode == 0, said.stderr
    assert "halflife rebuild" in said.stdout
    assert "halflife routes publish" in " ".join(said.stdout.split())
    refused = halflife(home, "standings")
    assert (refused.returncode, "Run `halflife rebuild`" in refused.stderr) == (2, True)
    assert halflife(home, "rebuild").returncode == 0
    assert halflife(home, "standings").returncode == 0
    assert halflife(home, "routes", "publish", "--suite", "shapes", "--calendar", "replayed").returncode == 0
    assert halflife(home, "routes", "show").returncode == 0


def test_the_same_quarantine_again_is_published_though_the_first_was_killed(home: Path, halflife: Halflife) -> None:
    published = current(Home(home))
    assert published is not None
    arguments = ("models", "quarantine", "shapes-flash", "--day", "2026-11-01")
    assert halflife(home, *arguments).returncode == 0
    (home / "published" / "CURRENT").write_text(f"{published.path.name}\n")
    assert halflife(home, *arguments).returncode == 0
    seen = current(Home(home))
    assert seen is not None
    assert seen.generation > published.generation
