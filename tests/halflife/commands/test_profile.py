"""`halflife profile`: the figures for people and for machines, and a sentence for each mistake."""

import functools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from halflife.cli import app

Halflife = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def halflife(halflife: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> Halflife:
    """Runs the command line on an observatory directory of this test's own."""
    return functools.partial(halflife, tmp_path / "home")


def test_a_profile_for_machines_has_every_stage_in_whole_flops(halflife: Halflife) -> None:
    done = halflife("profile", "FLUX.1-dev", "--resolution", "1280x720", "--steps", "10", "--json")
    answer = json.loads(done.stdout)
    assert answer["model"] == "flux.1-dev"
    assert (answer["shape"]["width"], answer["shape"]["height"], answer["shape"]["frames"]) == (1280, 720, 1)
    assert answer["tokens"] == 80 * 45
    flops = answer["flops"]
    assert flops["denoiser"] == 10 * flops["denoiser_forward"]
    assert flops["total"] == flops["text_encoders"] + flops["denoiser"] + flops["vae_decode"]
    assert all(isinstance(flops[stage], int) for stage in ("text_encoders", "vae_encode", "vae_decode"))
    assert sum(flops["by_kind"]["denoiser"].values()) == flops["denoiser"]


def test_seconds_of_video_become_frames_in_the_answer(halflife: Halflife) -> None:
    answer = json.loads(halflife("profile", "wan2.1-14b", "--seconds", "5", "--json").stdout)
    assert (answer["shape"]["frames"], answer["tokens"], answer["forwards"]) == (81, 21 * 30 * 52, 100)


def test_people_read_multiply_adds_as_papers_print_them(halflife: Halflife) -> None:
    done = halflife("profile", "dit-xl-2")
    assert "118.64 G multiply-adds" in done.stdout
    assert done.stderr == ""


def test_a_profile_fits_eighty_columns(halflife: Halflife, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (("hunyuanvideo", "--resolution", "1920x1088", "--seconds", "20", "--batch", "8"), ()):
        lines = halflife("profile", *arguments).stdout.splitlines()
        assert max(len(line.rstrip()) for line in lines if "─" in line) <= 80


def test_without_a_model_all_are_listed(halflife: Halflife) -> None:
    listed = halflife("profile").stdout
    assert all(name in listed for name in ("sd1.5", "flux.2-dev", "ltx-2", "mochi-1", "shapes-grand"))


def test_a_recount_agrees_with_the_polynomials(capsys: pytest.CaptureFixture[str]) -> None:
    app(["profile", "shapes-grand", "--recount"], standalone_mode=False)
    assert "every component is equal" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sdxll",), ("Unknown architecture 'sdxll'", "Did you mean 'sdxl'?")),
        (("sdxl", "--resolution", "1001x1024"), ("got 1001x1024", "The nearest is 1000x1024.")),
        (("sdxl", "--resolution", "big"), ("Expected a resolution such as 1280x720, got 'big'",)),
        (("sdxl", "--seconds", "5"), ("which makes pictures, got 5 s",)),
        (("mochi-1", "--seconds", "5", "--frames", "31"), ("Expected one of seconds and frames, got both",)),
        (("wan2.1-14b", "--frames", "80"), ("The nearest is 81.",)),
        (("sdxl", "--batch", "0"), ("Expected batch from 1",)),
        (("--only", "sdxl"), ("Expected --rebuild-atlas beside --only",)),
        (("--rebuild-atlas", "--only", "sdxll"), ("Unknown architecture 'sdxll'",)),
        (("sdxl", "--grid", "steps=4"), ("Add --measure.",)),
        (("--measure",), ("Expected a model to measure",)),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_two(
    halflife: Halflife, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = halflife("profile", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_device_that_is_not_there_is_one_sentence(halflife: Halflife) -> None:
    done = halflife("profile", "flux.1-dev", "--measure", "--device", "cuda")
    assert done.returncode == 2
    assert done.stderr == "Expected the device 'cuda', and torch finds none here. Choose 'auto' or 'cpu'.\n"


def test_measured_cells_are_kept_shown_and_held_out(halflife: Halflife) -> None:
    measure = ("profile", "shapes-nano", "--measure", "--device", "cpu", "--grid", "steps=1,2", "--repeats", "3")
    cells = json.loads(halflife(*measure, "--json").stdout)
    assert [(cell["setup"]["shape"]["steps"], cell["status"]) for cell in cells] == [(1, "ok"), (2, "ok")]
    assert [len(cell["seconds"]["steady"]) for cell in cells] == [3, 3]
    assert cells[1]["work"]["executed"] == cells[1]["work"]["nominal"] > cells[0]["work"]["nominal"]
    assert cells[0]["summary"]["mfu"] is None
    assert cells[0]["cost"]["usd_image"] == pytest.approx(cells[0]["summary"]["p50"]["estimate"] * 0.1 / 3600)
    again = halflife(*measure)
    assert again.stderr == "Cells of shapes-nano: 2 of 2\n"
    assert "no MFU" in again.stdout
    assert "Machine time at $0.1 an hour (workstation-cpu, declared)." in again.stdout
    residuals = json.loads(halflife("profile", "--holdout", "--json").stdout)
    group = next(row for row in residuals["groups"] if row["group"] == "cpu, eager, unet")
    assert group["cells"] == 2
    printed = halflife("profile", "--holdout").stdout
    assert "h100, eager, transformer" in printed
