"""A measured cell's summary is what its steady calls say, its MFU against the peak by name, and no more."""

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.flops.flops_model import load_flops_model
from data.measurements import ComputeWork, Configuration, Energy, Measurement, Memory, Seconds, Setup
from data.vocabulary import Machine
from leaderboard.cost_model.measurements import calibration_cells, summary

NOMINAL = 2_100_000_000_000_000


def cell(*steady: float, accelerator: str = "h200", status: Any = "ok", **work: Any) -> Measurement:
    shape = load_flops_model().shape("flux.1-dev")
    configuration = Configuration(dtype="bfloat16", cache=work.pop("cache", "off"))
    setup = Setup(
        model=work.pop("model", "flux.1-dev"),
        revision="random",
        weights="random",
        shape=shape,
        configuration=configuration,
        accelerator=accelerator,
        processor="a GPU",
        repeats=len(steady),
        versions={},
    )
    return Measurement(
        setup=setup,
        status=status,
        reason=None if status == "ok" else "Full.",
        seconds=Seconds(steady=steady, steps=((0.2, 0.3), (0.25, 0.25)), text=(0.1,)),
        memory=Memory(),
        energy=Energy(reason="none"),
        work=ComputeWork(**({"nominal": float(NOMINAL), "executed": float(NOMINAL)} | work)),
        machine=Machine(
            name="m", device="cuda", cpu="c", cores=1, memory_bytes=1, gpu="a GPU", usd_per_hour=1.0, price_source="d"
        ),
        seed=0,
        measured_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    )


def test_a_summary_is_of_the_steady_calls_and_its_mfu_of_the_named_peak() -> None:
    steady = tuple(np.random.default_rng(0).normal(5.5, 0.1, 12))
    result = summary(cell(*steady))
    assert result is not None
    assert result.p50.estimate == pytest.approx(np.median(steady))
    assert result.p50.low in steady
    assert result.least == min(steady)
    assert result.quartiles == pytest.approx(np.percentile(steady, [25, 75]))
    assert (result.step, result.text, result.vae) == (0.25, 0.1, None)
    assert result.mfu == pytest.approx(NOMINAL / np.median(steady) / 989e12)


def test_a_p95_needs_twenty_calls() -> None:
    assert summary(cell(*[1.0] * 19)).p95.estimate is None  # type: ignore[union-attr]
    assert summary(cell(*[1.0] * 20)).p95.estimate == 1.0  # type: ignore[union-attr]


def test_without_a_known_peak_there_is_a_rate_and_no_mfu() -> None:
    result = summary(cell(2.0, accelerator="cpu"))
    assert result is not None
    assert (result.tflops, result.mfu) == (pytest.approx(NOMINAL / 2e12), None)


def test_rates_are_of_what_was_executed_and_predictions_of_what_is_nominal() -> None:
    skipping = cell(2.0, executed=NOMINAL / 2, cache="taylorseer")
    assert summary(skipping).tflops == pytest.approx(NOMINAL / 4e12)  # type: ignore[union-attr]
    (call,) = calibration_cells([skipping], load_flops_model())
    assert (call.flops, call.seconds, call.software) == (NOMINAL, 2.0, "eager, cache taylorseer")


def test_only_cells_that_are_ok_calibrate() -> None:
    lost = cell(status="out-of-memory")
    assert summary(lost) is None
    elsewhere = replace(cell(1.0), setup=replace(cell(1.0).setup, model="somebody's"))
    assert calibration_cells([lost, elsewhere, cell(1.0)], load_flops_model()) == calibration_cells(
        [cell(1.0)], load_flops_model()
    )
