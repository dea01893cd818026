"""A place is an accelerator by any of its names with prices that somebody declared or gave; the rest is refused."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data.architectures.shape import ShapeRequest
from data.catalogue.library import Catalogue, load_catalogue
from data.errors import HalflifeError, InputFileError, UnknownNameError
from data.flops.flops_model import load_flops_model
from data.measurements import Measurement
from leaderboard.cost_model.surface import Surface
from leaderboard.cost_model.target import DeploymentTarget, TargetOptions, deployment_target

MINE = """
[[machines]]
name = "mine"
title = "My own"
usd_per_hour = 0.4
source = "its lease"
usd_per_kwh = 0.25
tariff_source = "the utility's bill of March"
"""
SHAPE = load_flops_model().shape("wan2.1-1.3b", ShapeRequest(frames=81, batch=2))


@pytest.fixture
def mine(tmp_path: Path) -> Catalogue:
    (tmp_path / "mine.toml").write_text(MINE)
    return load_catalogue([tmp_path / "mine.toml"])


@pytest.fixture
def cell(cell_of: Callable[..., Measurement]) -> Measurement:
    return cell_of("wan2.1-1.3b", SHAPE, 100.0, 110.0, 120.0, on="cpu", joules=3.6e6)


def test_without_a_word_it_is_the_default_at_its_declared_price() -> None:
    target = deployment_target(TargetOptions(), (), load_catalogue())
    assert (target.accelerator.name, target.software, target.usd_per_hour, target.usd_per_kwh) == (
        "h100",
        "eager",
        3,
        None,
    )
    assert (target.machine, target.source) == ("h100", "declared")


@pytest.mark.parametrize("name", ["h200", "H200", "NVIDIA H200"])
def test_an_accelerator_is_known_by_the_drivers_name_too(name: str) -> None:
    assert deployment_target(TargetOptions(on=name), (), load_catalogue()).accelerator.name == "h200"


def test_a_machine_of_ones_own_brings_its_price_and_its_tariff(mine: Catalogue) -> None:
    target = deployment_target(TargetOptions(machine="mine"), (), mine)
    assert (target.usd_per_hour, target.usd_per_kwh, target.source) == (0.4, 0.25, "its lease")
    given = deployment_target(TargetOptions(machine="mine", usd_per_hour=0.0, usd_per_kwh=0.1), (), mine)
    assert (given.usd_per_hour, given.usd_per_kwh, given.source, given.tariff_source) == (0, 0.1, *["as given"] * 2)


def test_a_tariff_without_its_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINE.replace('tariff_source = "the utility\'s bill of March"\n', ""))
    with pytest.raises(InputFileError, match="Expected 'usd_per_kwh' with 'tariff_source' for 'mine'"):
        load_catalogue([tmp_path / "mine.toml"])


def test_what_was_measured_on_is_a_place_with_its_own_levels_of_software(cell: Measurement) -> None:
    cached = replace(
        cell, setup=replace(cell.setup, configuration=replace(cell.setup.configuration, cache="taylorseer"))
    )
    target = deployment_target(TargetOptions(on="CPU", software="eager, cache taylorseer"), [cached], load_catalogue())
    assert (target.accelerator.name, target.usd_per_hour) == ("cpu", 0.1)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"on": "h1000"}, "Unknown accelerator 'h1000'. Did you mean 'h100'"),
        (
            {"on": "cpu"},
            "Expected an accelerator with a known peak or with measured cells, got 'cpu', which has neither",
        ),
        ({"software": "compile"}, "Unknown level of software 'compile'. Did you mean 'compiled'"),
        ({"machine": "h10"}, "Unknown machine 'h10'. Did you mean 'h100'"),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest(terms: dict[str, str], words: str) -> None:
    with pytest.raises(HalflifeError, match=words):
        deployment_target(TargetOptions(**terms), (), load_catalogue())  # type: ignore[arg-type]


@pytest.mark.parametrize("usd", [-1.0, math.nan, math.inf])
def test_a_price_is_a_number_from_zero_on(usd: float) -> None:
    with pytest.raises(HalflifeError, match="Expected 0 or more US dollars an hour"):
        TargetOptions(usd_per_hour=usd)
    with pytest.raises(HalflifeError, match="Expected 0 or more US dollars a kWh"):
        TargetOptions(usd_per_kwh=usd)


def test_an_answer_has_what_was_measured_at_its_shape_and_the_energy_in_its_price(cell: Measurement) -> None:
    surface = Surface(load_flops_model(), [cell])
    where = deployment_target(
        TargetOptions(on="cpu", usd_per_hour=3.6, usd_per_kwh=0.5), surface.cells, load_catalogue()
    )
    estimate = surface.at("wan2.1-1.3b", SHAPE, where)
    assert estimate.measured is not None
    assert (estimate.measured.seconds, estimate.measured.label) == (110.0, "measured, 3 calls")
    assert estimate.cost is not None
    assert (estimate.cost.usd_machine, estimate.cost.usd_energy) == (pytest.approx(0.11), pytest.approx(0.5))
    assert estimate.usd == pytest.approx(0.61 / 2)
    assert estimate.cost.usd_a_video_second == pytest.approx(0.61 / 2 / (81 / 16))
    assert estimate.cost.real_time_factor == pytest.approx(2 * 81 / 16 / 110)
    other = surface.at("wan2.1-1.3b", replace(SHAPE, steps=10), where)
    assert other.measured is None
    assert other.cost is not None
    assert other.cost.usd_energy is None


def test_no_ground_for_a_prediction_is_a_reason_and_no_price() -> None:
    surface = Surface(load_flops_model())
    compiled: DeploymentTarget = deployment_target(TargetOptions(software="compiled"), (), load_catalogue())
    estimate = surface.at("sdxl", load_flops_model().shape("sdxl"), compiled)
    assert (estimate.seconds, estimate.usd, estimate.cost) == (None, None, None)
    assert estimate.basis == "not predicted: no unet was measured or published compiled on such an accelerator"


def test_a_price_a_hair_off_the_list_is_an_unknown_name() -> None:
    with pytest.raises(UnknownNameError, match="Known: a100-80gb, h100, h200, l40s, rtx-4090"):
        deployment_target(TargetOptions(on="b300"), (), load_catalogue())
