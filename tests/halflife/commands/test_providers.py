"""`halflife providers`: what can be asked, with variables and never their values, and specs that are checked."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from data.catalogue.library import FOLDER

Halflife = Callable[..., subprocess.CompletedProcess[str]]


def test_the_list_says_whether_a_variable_is_set_and_not_its_value(
    halflife: Halflife, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "BFL_API_KEY", "sk-planted-4711-Zebra")
    listed = halflife(tmp_path / "home", "providers")
    assert listed.returncode == 0, listed.stderr
    assert "BFL_API_KEY (set)" in listed.stdout
    assert "KLING_SECRET_KEY (not set)" in listed.stdout
    assert "KLING_ACCESS_KEY (not set)" in listed.stdout
    assert "sk-planted" not in listed.stdout
    assert "openai_images" in listed.stdout


def test_a_shipped_spec_holds_and_a_changed_one_is_a_sentence(halflife: Halflife, tmp_path: Path) -> None:
    shipped = FOLDER / "providers" / "bfl.toml"
    held = halflife(tmp_path / "home", "providers", "check", str(shipped))
    assert held.returncode == 0, held.stderr
    assert "Black Forest Labs (bfl) serves text-to-image" in held.stdout
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(shipped.read_text().replace('at = "status"', 'att = "status"'))
    refused = halflife(tmp_path / "home", "providers", "check", str(wrong))
    assert refused.returncode == 2
    assert "key 'status.att': Expected a known key, got 'att'. Did you mean 'at'?" in refused.stderr
