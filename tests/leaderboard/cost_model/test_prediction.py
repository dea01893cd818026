"""A prediction is FLOPs over a rate, its interval covers what it says, and it says what it rests on."""

import math

import numpy as np
import pytest
from scipy import stats

from data.architectures.shape import ShapeRequest
from data.catalogue.accelerator import accelerator, named_by_driver
from data.errors import UnknownNameError
from data.flops.flops_model import load_flops_model
from leaderboard.cost_model.calibration import TimedCall, calibrate, calibration_for, published_cells
from leaderboard.cost_model.cost import cost
from leaderboard.cost_model.prediction import held_out, predict

TFLOP = 10**12


def cell(flops: int, seconds: float, model: str = "flux.1-dev", accelerator: str = "h100") -> TimedCall:
    return TimedCall(
        model=model, network="transformer", accelerator=accelerator, software="eager", flops=flops, seconds=seconds
    )


def test_the_published_runs_imply_the_shares_that_were_published() -> None:
    calls = {(call.model, call.accelerator, call.software): call for call in published_cells(load_flops_model())}
    shares = {key: 100 * call.rate / accelerator(call.accelerator).peak_tflops / TFLOP for key, call in calls.items()}
    assert shares["flux.1-dev", "h100", "eager"] == pytest.approx(32, abs=1.0)
    assert shares["flux.1-dev", "h100", "compiled"] == pytest.approx(49, abs=1.0)
    assert shares["flux.1-dev", "h200", "eager"] == pytest.approx(38, abs=1.0)
    assert shares["hunyuanvideo", "h100", "eager"] == pytest.approx(32, abs=1.5)
    assert shares["wan2.1-14b", "h100", "eager"] == pytest.approx(35, abs=1.0)
    assert shares["wan2.1-14b", "a100-80gb", "eager"] == pytest.approx(57, abs=1.0)
    assert shares["sdxl", "h100", "eager"] == pytest.approx(17, abs=1.0)


def test_an_interval_is_that_of_one_new_call() -> None:
    logs = np.log([4e14, 5e14, 6e14])
    result = predict(10**15, calibrate([cell(10**15, 1e15 / math.exp(log)) for log in logs]))  # type: ignore[arg-type]
    reach = stats.t.ppf(0.975, 2) * logs.std(ddof=1) * math.sqrt(4 / 3)
    assert result.seconds == pytest.approx(1e15 / math.exp(logs.mean()))
    assert result.low == pytest.approx(result.seconds * math.exp(-reach))
    assert result.high == pytest.approx(result.seconds * math.exp(reach))


def test_intervals_of_held_out_cells_cover_what_they_say() -> None:
    rng, covered = np.random.default_rng(4), []
    for world in range(200):
        rates = np.exp(rng.normal(math.log(4e14), 0.1, size=6))
        flops = rng.integers(10**14, 10**15, size=6)
        cells = [cell(int(f), float(f / r), model=f"m{at}") for at, (f, r) in enumerate(zip(flops, rates, strict=True))]
        covered.append(held_out(cells)[world % 6].covered is True)
    assert 0.90 <= np.mean(covered) <= 0.99


def test_one_cell_predicts_without_an_interval() -> None:
    result = predict(2 * 10**15, calibrate([cell(10**15, 2.0)]))  # type: ignore[arg-type]
    assert result.seconds == pytest.approx(4.0)
    assert (result.low, result.high) == (None, None)
    assert result.extrapolated
    assert result.label == "predicted from 1 measured cell, extrapolated"


def test_a_models_own_cells_come_first() -> None:
    cells = [cell(10**15, 1.0, "a"), cell(10**15, 1.1, "a"), cell(10**15, 5.0, "b")]
    result = calibrate(cells, model="a")
    assert result is not None
    assert (result.cells, result.of_model) == (2, True)
    assert calibrate(cells, model="b").cells == 3  # type: ignore[union-attr]


def test_measured_stand_before_published_and_published_before_borrowed() -> None:
    atlas = load_flops_model()

    def basis_of(name: str, measured: list[TimedCall]) -> str:
        calibration = calibration_for(
            accelerator(name), "eager", measured=measured, flops_model=atlas, network="transformer", model="z-image"
        )
        assert calibration is not None
        return calibration.basis

    assert basis_of("h100", [cell(10**15, 2.0)]) == "measured"
    assert basis_of("h100", []) == "published"
    assert basis_of("l40s", []) == "borrowed"


def test_a_published_run_is_predicted_from_the_others_on_its_accelerator() -> None:
    residuals = {
        residual.cell.model: residual
        for residual in held_out(published_cells(load_flops_model()))
        if residual.prediction.low
    }
    assert abs(residuals["hunyuanvideo"].error) < 0.15
    assert residuals["hunyuanvideo"].covered


def test_a_video_costs_by_its_second_and_says_whether_it_keeps_pace() -> None:
    result = cost(100.0, usd_per_hour=3.6, outputs=2, video_seconds=5.0, joules=3.6e6, usd_per_kwh=0.2)
    assert result.usd == pytest.approx(0.1 + 0.2)
    assert result.usd_a_video_second == pytest.approx(0.3 / 10)
    assert result.real_time_factor == pytest.approx(0.1)
    assert cost(10.0, usd_per_hour=3.6, joules=1.0).usd_energy is None
    with pytest.raises(ValueError, match="Expected amounts of 0 or more"):
        cost(-1.0, usd_per_hour=1.0)


def test_a_driver_names_an_accelerator_or_none() -> None:
    assert named_by_driver("NVIDIA H200").peak_tflops == 989.0  # type: ignore[union-attr]
    assert named_by_driver("Somebody's GPU") is None
    with pytest.raises(UnknownNameError, match="h100"):
        accelerator("h10")


def test_flux_at_its_convention_is_predicted_within_the_published_interval() -> None:
    atlas = load_flops_model()
    profile = atlas.profile("flux.1-dev", atlas.shape("flux.1-dev", ShapeRequest()))
    calibration = calibration_for(
        accelerator("h100"), "eager", measured=(), flops_model=atlas, network="transformer", model="flux.1-dev"
    )
    result = predict(profile.total.total, calibration)  # type: ignore[arg-type]
    assert result.low is not None
    assert result.low < 6.71 < result.high  # type: ignore[operator]
