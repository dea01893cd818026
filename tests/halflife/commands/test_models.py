"""`halflife models`: the list as ever, and states by hand."""

import functools
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Halflife = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def halflife(halflife: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> Halflife:
    return functools.partial(halflife, tmp_path / "home")


def test_without_a_command_it_lists(halflife: Halflife) -> None:
    assert "shapes-nano" in halflife("models", "shapes-n*").stdout
    assert "flux.1-dev" in halflife("models").stdout


def test_a_model_is_retired_by_hand_once_and_for_all(halflife: Halflife) -> None:
    done = halflife("models", "retire", "shapes-nano", "--successor", "shapes-mini", "--reason", "Too small.")
    assert done.returncode == 0, done.stderr
    assert "shapes-nano is retired" in done.stdout
    again = halflife("models", "activate", "shapes-nano")
    assert again.returncode == 2
    assert "to stay so for good" in again.stderr
    listed = halflife("models", "states").stdout
    assert "shapes-mini" in listed
    assert "Too small." in listed


def test_an_unknown_model_and_successor_are_answered_with_the_nearest(halflife: Halflife) -> None:
    for arguments in (("shapes-nan",), ("shapes-mini", "--successor", "shapes-nan")):
        done = halflife("models", "retire", *arguments)
        assert done.returncode == 2
        assert "Did you mean 'shapes-nano'?" in done.stderr
