"""Measuring for real on the CPU: random weights of a tiny pipeline, and an embedded contender with its own."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from data.architectures.architecture import Architecture
from data.architectures.library import architecture
from data.architectures.shape import Shape, ShapeRequest
from data.catalogue.library import load_catalogue
from data.errors import ServiceError
from data.flops.flops_model import load_flops_model
from data.home import Home
from data.measurements import Configuration, Setup, load_measurements, measurement_journals
from data.vocabulary import Machine, Timing
from harness.devices import Device
from harness.profiling.benchmark_target import StageListener, ignore_stage
from harness.profiling.catalogue_pipeline import CataloguePipeline
from harness.profiling.configuring import check_device, check_network
from harness.profiling.counting import count
from harness.profiling.executing import executed
from harness.profiling.measuring import MeasurementGrid, measure_grid
from harness.profiling.random_pipeline import RandomPipeline


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


class Quick:
    """A subject that answers at once, or with what it is told for a width."""

    device: Device = "cpu"

    def __init__(self, **raising: BaseException) -> None:
        self.raising, self.called, self.closed = raising, list[Shape](), 0

    def load(self) -> float:
        if "load" in self.raising:
            raise self.raising["load"]
        return 1.0

    def call(self, shape: Shape, seed: int, on_stage: StageListener = ignore_stage) -> Timing:
        self.called.append(shape)
        if f"w{shape.width}" in self.raising:
            raise self.raising[f"w{shape.width}"]
        return Timing(seconds=float(shape.width), cpu_seconds=0.5, text_seconds=0.1, step_seconds=(0.2,) * shape.steps)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def grid(setup: Setup, machine: Machine) -> MeasurementGrid:
    shapes = tuple(replace(setup.shape, width=width) for width in (16, 32, 48))
    return MeasurementGrid(
        setup=setup, shapes=shapes, repeats=4, seed=3, machine=machine, flops=lambda shape: 10 * shape.width
    )


def test_a_cell_holds_every_sample_and_the_first_calls_apart(home: Home, grid: MeasurementGrid, progress: Any) -> None:
    target = Quick()
    measured = measure_grid(home, grid, target, progress)
    assert [cell.setup.shape for cell in measured] == list(grid.shapes)
    seconds = measured[0].seconds
    assert (seconds.load, seconds.first, seconds.warm_up, seconds.steady) == (1.0, 16.0, (16.0,) * 2, (16.0,) * 4)
    assert (len(seconds.text), len(seconds.steps), seconds.processor) == (4, 4, (0.5,) * 4)
    assert len(target.called) == 3 * (1 + 2 + 4)
    assert (measured[0].work.nominal, measured[0].work.executed) == (160.0, 160.0)
    assert progress.phases == [["Cells of tiny-picture", 3, 3]]


def test_what_is_in_the_journal_is_not_measured_again(home: Home, grid: MeasurementGrid, progress: Any) -> None:
    before = measure_grid(home, replace(grid, shapes=grid.shapes[:2]), Quick(), progress)
    target = Quick()
    after = measure_grid(home, grid, target, progress)
    assert after[:2] == before
    assert {cell.width for cell in target.called} == {48}
    idle = Quick(load=AssertionError("loaded for nothing"))
    assert measure_grid(home, grid, idle, progress) == after
    assert len(measurement_journals(home).paths()) == 2


def test_an_interrupt_keeps_what_is_done(home: Home, grid: MeasurementGrid, progress: Any) -> None:
    last = grid.setups()[-1].shape
    with pytest.raises(KeyboardInterrupt, match="enough"):
        measure_grid(home, grid, Quick(**{f"w{last.width}": KeyboardInterrupt("enough")}), progress)
    assert {cell.setup.shape for cell in load_measurements(home)} == set(grid.shapes) - {last}
    assert all(cell.status == "ok" for cell in measure_grid(home, grid, Quick(), progress))


def test_running_out_of_memory_is_a_result_and_not_tried_again(
    home: Home, grid: MeasurementGrid, progress: Any
) -> None:
    measured = measure_grid(home, grid, Quick(w32=torch.OutOfMemoryError("CUDA out of memory. Tried 9 GiB")), progress)
    assert [cell.status for cell in measured] == ["ok", "out-of-memory", "ok"]
    assert measured[1].reason == "CUDA out of memory. Tried 9 GiB"
    target = Quick()
    measure_grid(home, grid, target, progress)
    assert target.called == []


def test_a_model_that_does_not_fit_is_out_of_memory_at_every_shape(
    home: Home, grid: MeasurementGrid, progress: Any
) -> None:
    measured = measure_grid(home, grid, Quick(load=torch.OutOfMemoryError("CUDA out of memory.")), progress)
    assert {(cell.status, cell.reason) for cell in measured} == {("out-of-memory", "Loading: CUDA out of memory.")}


def test_a_cell_that_failed_says_why_and_is_tried_again(home: Home, grid: MeasurementGrid, progress: Any) -> None:
    measured = measure_grid(home, grid, Quick(w16=RuntimeError("no kernel")), progress)
    assert (measured[0].status, measured[0].reason) == ("failed", "RuntimeError: no kernel")
    assert measure_grid(home, grid, Quick(), progress)[0].status == "ok"


def test_random_weights_run_the_whole_pipeline_with_every_phase(
    tiny_picture: Architecture, plain: Configuration
) -> None:
    target, stages = RandomPipeline(tiny_picture, plain, "cpu"), list[str]()
    target.load()
    timing = target.call(tiny_picture.shape(ShapeRequest(batch=2)), 0, stages.append)
    assert stages == ["text_encoders", "denoiser", "vae_decode"]
    assert len(timing.step_seconds) == 3
    assert 0 < (timing.text_seconds or 0) + sum(timing.step_seconds) + (timing.decode_seconds or 0) <= timing.seconds
    target.close()


def test_random_weights_execute_what_is_counted_without_any(tiny_picture: Architecture, plain: Configuration) -> None:
    shape = tiny_picture.shape()
    text, denoiser, _, decode = (count(tiny_picture, cell.name, shape).total for cell in tiny_picture.components())
    target = RandomPipeline(tiny_picture, plain, "cpu")
    target.load()
    assert executed(lambda: target.call(shape, 0), "cpu") == text + 3 * denoiser + decode


def test_guidances_halves_run_one_after_the_other_where_the_pipeline_does(
    tiny_video: Architecture, plain: Configuration
) -> None:
    shape = tiny_video.shape(ShapeRequest(steps=2))
    target = RandomPipeline(tiny_video, plain, "cpu")
    target.load()
    assert executed(lambda: target.call(shape, 0), "cpu") == 2 * 2 * count(tiny_video, "denoiser", shape).total


@pytest.mark.parametrize("cache", ["taylorseer", "pyramid-attention"])
def test_a_cache_executes_less_than_the_law_says(
    tiny_video: Architecture, cache: Any, home: Home, progress: Any, setup: Setup, machine: Machine
) -> None:
    shape = tiny_video.shape()
    nominal = tiny_video.forwards(shape) * count(tiny_video, "denoiser", shape).total
    configuration = Configuration(dtype="float32", cache=cache)
    check_network(configuration, tiny_video)
    grid = MeasurementGrid(
        setup=replace(setup, model="tiny-video", configuration=configuration),
        shapes=(shape,),
        repeats=1,
        seed=0,
        machine=machine,
        flops=lambda shape: nominal,
    )
    (cell,) = measure_grid(home, grid, RandomPipeline(tiny_video, configuration, "cpu"), progress)
    assert cell.status == "ok", cell.reason
    assert cell.work.nominal == nominal
    assert 0.2 * nominal < (cell.work.executed or 0) < nominal


def test_a_denoiser_stored_in_eight_bits_is_called_like_any_other(tiny_picture: Architecture) -> None:
    target = RandomPipeline(tiny_picture, Configuration(dtype="float32", quantisation="fp8"), "cpu")
    target.load()
    stored = {parameter.dtype for parameter in target._networks["denoiser"].parameters()}
    assert torch.float8_e4m3fn in stored
    assert len(target.call(tiny_picture.shape(), 0).step_seconds) == 3


def test_an_embedded_contender_does_what_its_architecture_says(
    home: Home, progress: Any, setup: Setup, machine: Machine
) -> None:
    model, described = load_catalogue().model("shapes-nano"), architecture("shapes-nano")
    flops_model = load_flops_model()
    shapes = tuple(described.shape(ShapeRequest(steps=steps, batch=batch)) for steps, batch in ((2, 1), (3, 2)))
    grid = MeasurementGrid(
        setup=replace(setup, model=model.id, revision=model.revision, weights="catalogue"),
        shapes=shapes,
        repeats=2,
        seed=0,
        machine=machine,
        flops=lambda shape: flops_model.totals(model.id, [shape])[0],
    )
    measured = measure_grid(home, grid, CataloguePipeline(model, setup.configuration, "cpu"), progress)
    assert [cell.status for cell in measured] == ["ok", "ok"]
    assert [cell.work.executed for cell in measured] == [cell.work.nominal for cell in measured]
    assert [len(steps) for steps in measured[1].seconds.steps] == [3, 3]
    assert len(measured[0].seconds.text) == 2
    assert measured[0].seconds.vae == ()
    assert measured[0].measured_at <= dt.datetime.now(dt.UTC)


@pytest.mark.parametrize(
    ("fields", "device", "words"),
    [
        ({"offload": "model"}, "cpu", "Expected an accelerator to offload from, got the device 'cpu'"),
        ({"attention": "flash"}, "cpu", "Expected a CUDA device for attention 'flash', got the device 'cpu'"),
        ({"cache": "first-block"}, "cuda", "Expected trained weights for --cache first-block"),
    ],
)
def test_what_a_device_cannot_do_is_one_sentence(fields: dict[str, Any], device: Device, words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        check_device(Configuration(dtype="float32", **fields), device, "random")


def test_what_a_network_cannot_do_is_one_sentence() -> None:
    cached = Configuration(dtype="float32", cache="taylorseer")
    with pytest.raises(ServiceError, match="denoiser that takes caches for --cache taylorseer, got UNet2DCondition"):
        check_network(cached, architecture("sdxl"))
    blocks = Configuration(dtype="float32", compiled="blocks")
    with pytest.raises(ServiceError, match="denoiser with repeated blocks for --compile blocks, got"):
        check_network(blocks, architecture("dit-xl-2"))
