"""`halflife profile` answers what a call takes and costs, by whom that is known, and refuses in one sentence."""

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.architectures.shape import ShapeRequest
from data.flops.flops_model import load_flops_model
from data.home import Home
from data.measurements import Measurement, new_journal, write_measurements

Halflife = Callable[..., subprocess.CompletedProcess[str]]
ASKED = ("--resolution", "832x480", "--frames", "81", "--steps", "50")
SHAPE = load_flops_model().shape("wan2.1-1.3b", ShapeRequest(width=832, height=480, frames=81, steps=50))
CATALOGUE = """
[[machines]]
name = "desk"
title = "The machine under the desk"
usd_per_hour = 1.0
source = "its lease"
usd_per_kwh = 0.25
tariff_source = "a bill"
"""
REEL = """
family = "reels"
provider = "somebody"
licence = "Terms"
task = "text-to-video"

[[models]]
id = "reel-1"
title = "Reel 1"
released = 2026-01-01
revision = "1"
revision_pinned = true
remote = { adapter = "openai_images", base_url = "https://reel.example/v1", model = "reel-1" }
settings = { width = 1280, height = 720, frames = 121, fps = 24.0 }
price = { unit = "second-of-video", usd = 0.3, as_of = 2026-11-20, source = "https://reel.example/prices" }
"""


@pytest.fixture
def halflife(halflife: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> Halflife:
    """Runs the command line on an observatory directory of this test's own."""
    return functools.partial(halflife, tmp_path / "home")


@pytest.fixture
def measured(tmp_path: Path, cell_of: Callable[..., Measurement]) -> Measurement:
    """A cell of a video on an H200, kept in the home: 100 s and 1 kWh a call."""
    cell = cell_of("wan2.1-1.3b", SHAPE, 99.0, 100.0, 101.0, on="h200", joules=3.6e6)
    with new_journal(Home(tmp_path / "home"), cell.measured_at) as journal:
        write_measurements(journal, [cell])
    return cell


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    for name, text in (("desk", CATALOGUE), ("reel", REEL)):
        (tmp_path / f"{name}.toml").write_text(text)
    return ("--catalogue", str(tmp_path / "desk.toml"), "--catalogue", str(tmp_path / "reel.toml"))


def answer_of(halflife: Halflife, *arguments: str) -> dict[str, Any]:
    done = halflife("profile", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_without_a_place_an_image_is_predicted_on_the_default_accelerator(halflife: Halflife) -> None:
    answer = answer_of(halflife, "flux.1-dev")
    predicted, cost = answer["prediction"], answer["cost"]
    assert (predicted["accelerator"], predicted["software"], predicted["basis"]) == ("h100", "eager", "published")
    assert predicted["low"] < 6.71 < predicted["high"]
    assert (predicted["confidence"], predicted["extrapolated"]) == (0.95, False)
    assert (cost["usd_per_hour"], cost["machine"], cost["usd_energy"]) == (3.0, "h100", None)
    assert cost["usd_call"] == cost["usd_image"] == pytest.approx(predicted["seconds"] * 3 / 3600)
    assert (cost["usd_video_second"], cost["real_time_factor"], answer["measured"]) == (None, None, None)


def test_ten_seconds_of_video_have_a_price_a_second_and_a_real_time_factor(halflife: Halflife) -> None:
    answer = answer_of(halflife, "wan2.1-14b", "--resolution", "1920x1088", "--seconds", "10", "--usd-per-hour", "2")
    seconds, video, cost = answer["prediction"]["seconds"], answer["shape"]["seconds"], answer["cost"]
    assert answer["prediction"]["extrapolated"]
    assert cost["usd_call"] == pytest.approx(seconds * 2 / 3600)
    assert cost["usd_video_second"] == pytest.approx(cost["usd_call"] / video)
    assert cost["real_time_factor"] == pytest.approx(video / seconds)
    assert (cost["usd_image"], cost["source"]) == (None, "as given")


def test_a_cell_at_the_very_shape_stands_beside_with_its_energy_in_the_price(
    halflife: Halflife, measured: Measurement, files: tuple[str, ...]
) -> None:
    answer = answer_of(halflife, "wan2.1-1.3b", *ASKED, "--on", "h200", "--machine", "desk", *files)
    assert answer["prediction"]["basis"] == "measured"
    assert (answer["measured"]["seconds"], answer["measured"]["calls"], answer["measured"]["joules"]) == (
        100.0,
        3,
        3.6e6,
    )
    assert answer["measured"]["usd_call"] == pytest.approx(100 / 3600 + 0.25)
    assert answer["cost"]["usd_energy"] == pytest.approx(0.25)
    (listed,) = (price for price in answer["list_prices"] if price["model"] == "reel-1")
    assert (listed["usd"], listed["resolution"], listed["as_of"]) == (0.3, "1280×720", "2026-11-20")
    assert {price["unit"] for price in answer["list_prices"]} == {"second-of-video"}


def test_people_read_seconds_prices_and_list_prices(
    halflife: Halflife, measured: Measurement, files: tuple[str, ...]
) -> None:
    printed = " ".join(
        halflife("profile", "wan2.1-1.3b", *ASKED, "--on", "h200", "--machine", "desk", *files).stdout.split()
    )
    for words in (
        "On the H200 SXM, eager: 100 s a call (no interval), predicted from 1 measured cell.",
        "Measured at exactly this shape: 100 s, 3 calls, 3,600,000 J; $0.28 a call.",
        "At $1 an hour (desk, its lease): $0.28 a call, $0.055 a second of video;",
        "; 0.0506 seconds of video made in a second.",
        "Energy at $0.25 a kWh (a bill): $0.25 of a call.",
        "No pipeline here streams",
        "List prices of a second of video",
        "where each was read; --catalogue FILE adds your own.",
    ):
        assert words in printed, printed


def test_the_same_weights_behind_an_api_are_compared_with_the_prediction(halflife: Halflife) -> None:
    answer = answer_of(halflife, "flux.1-dev")
    (same,) = (price for price in answer["list_prices"] if price["same_model"])
    assert (same["provider"], same["usd"], same["architecture"]) == ("Black Forest Labs", 0.025, "flux.1-dev")
    assert same["local_over_listed"] == pytest.approx(answer["cost"]["usd_image"] / 0.025)
    assert same["read_in"].startswith("LiteLLM's price map, version ")
    assert {price["local_over_listed"] for price in answer["list_prices"] if not price["same_model"]} == {None}
    assert len(answer["list_prices"]) > 20


def test_people_read_the_same_model_the_cheapest_the_median_and_the_dearest(halflife: Halflife) -> None:
    lines = halflife("profile", "flux.1-dev").stdout.splitlines()
    printed = " ".join(" ".join(lines).split())
    assert (
        "Black Forest Labs lists FLUX.1 [dev] at $0.025 an image: here, on a machine that is never idle, it is"
        in printed
    )
    assert "FLUX.1 [schnell], fal $0.0030 1 megapixel 2026-11-21 cheapest" in printed
    table = lines[next(at for at, line in enumerate(lines) if line.startswith("List prices of an image")) :]
    assert sum("2026-11-21" in line for line in table) == 4
    assert all(any(line.rstrip().endswith(why) for line in table) for why in ("the same model", "median", "dearest"))


def test_what_cannot_be_predicted_is_null_and_says_why(halflife: Halflife) -> None:
    answer = answer_of(halflife, "sdxl", "--software", "compiled")
    assert (answer["prediction"]["seconds"], answer["prediction"]["basis"], answer["cost"]["usd_call"]) == (
        None,
        None,
        None,
    )
    assert answer["prediction"]["words"].startswith("not predicted: no unet was measured or published")
    assert answer["cost"]["usd_per_hour"] == 3.0
    assert "not predicted: no unet" in halflife("profile", "sdxl", "--software", "compiled").stdout


def test_an_accelerator_without_runs_borrows_the_share_of_the_peak_and_says_so(halflife: Halflife) -> None:
    printed = " ".join(halflife("profile", "flux.1-dev", "--on", "l40s", "--usd-per-kwh", "0.3").stdout.split())
    assert "borrowed: from runs on other accelerators" in printed
    assert "No energy was measured at this shape" in printed
    assert "Black Forest Labs lists FLUX.1 [dev] at $0.025 an image" in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sdxl", "--on", "h1000"), ("Unknown accelerator 'h1000'. Did you mean 'h100'?",)),
        (("sdxl", "--on", "cpu"), ("known peak or with measured cells, got 'cpu', which has neither",)),
        (("sdxl", "--software", "compield"), ("Unknown level of software 'compield'. Did you mean 'compiled'?",)),
        (("sdxl", "--machine", "h10"), ("Unknown machine 'h10'. Did you mean 'h100'?",)),
        (("sdxl", "--usd-per-hour", "nan"), ("Expected 0 or more US dollars an hour, got nan.",)),
        (("sdxl", "--usd-per-kwh", "-1"), ("Expected 0 or more US dollars a kWh, got -1.",)),
        (("--on", "h100"), ("Expected --on and --software beside a model to predict for",)),
        (("shapes-nano", "--measure", "--on", "h100"), ("with --measure say --device and --compile",)),
        (("--usd-per-hour", "1"), ("Expected a model beside --usd-per-hour and --usd-per-kwh, got none.",)),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_two(
    halflife: Halflife, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    done = halflife("profile", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_a_profile_starts_without_numpy_and_what_is_heavier() -> None:
    code = (
        "import sys; from halflife.cli import app; "
        "app(['profile', 'flux.1-dev', '--home', 'nowhere'], standalone_mode=False); "
        "print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"numpy", "scipy", "pandas", "torch", "duckdb"}.isdisjoint(done.stdout.split())
