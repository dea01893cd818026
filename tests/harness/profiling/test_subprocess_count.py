"""Counting in a process of its own says what counting here says, and whatever fails there is a sentence here."""

import shutil
import sys
from pathlib import Path

import pytest

from data.architectures.library import architecture
from data.architectures.shape import ShapeRequest
from harness.profiling.counting import CountingError, count
from harness.profiling.subprocess_count import count_in_subprocess


def test_the_same_counts_come_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pickle.py").write_text("raise SystemExit('a file beside the user was imported')")
    monkeypatch.chdir(tmp_path)
    described = architecture("ltx-2")
    shape = described.shape(ShapeRequest(width=192, height=128, frames=9))
    names = ["text_encoder", "vae_decode"]
    assert count_in_subprocess(described, names, shape) == {name: count(described, name, shape) for name in names}


def test_what_cannot_be_counted_there_is_said_here() -> None:
    described = architecture("shapes-nano")
    latents = described.latents.model_copy(update={"channels": described.latents.channels + 1})
    with pytest.raises(CountingError, match="UNet2DConditionModel on meta: Invalid channel dimensions"):
        count_in_subprocess(described.model_copy(update={"latents": latents}), ["denoiser"], described.shape())


def test_a_process_that_dies_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    described = architecture("shapes-nano")
    with pytest.raises(CountingError, match="Expected the counts of shapes-nano, got exit status 1"):
        count_in_subprocess(described, ["denoiser"], described.shape())
