"""Memory polynomials: figures beside measured ones, and what must hold at any shape."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.architectures.library import architecture, load_architectures
from data.architectures.shape import ShapeRequest
from data.errors import InputFileError, ShapeError
from data.flops.flops_model import load_flops_model
from data.flops.memory_model import ComponentMemory, MemoryModel, PeakMemory, load_memory
from data.flops.memory_polynomial import MemoryPolynomial, regime

GIB = 2**30
MEASURED = [
    ("flux.1-dev", ShapeRequest(), 22.63),
    ("sdxl", ShapeRequest(), 5.05),
    ("ltx-video-13b", ShapeRequest(width=704, height=512, frames=161), 25.22),
    ("wan2.1-14b", ShapeRequest(), 30.2),
]
"""GiB allocated on a card by one forward of the denoiser beside its weights, bf16, eager, batch 1."""


def peak(model: str, asked: ShapeRequest) -> PeakMemory:
    described = architecture(model)
    memory = load_memory().peak(described, described.shape(asked))
    assert memory is not None
    return memory


@pytest.mark.parametrize(("model", "asked", "measured"), MEASURED, ids=[model for model, _, _ in MEASURED])
def test_a_denoisers_peak_is_within_three_percent_of_the_measured_one(
    model: str, asked: ShapeRequest, measured: float
) -> None:
    denoiser = peak(model, asked).denoiser.peak
    assert denoiser is not None
    assert denoiser / GIB == pytest.approx(measured, rel=0.03)


@pytest.mark.parametrize("model", list(load_architectures()))
def test_every_architecture_has_memory_polynomials_within_one_percent_or_a_reason(model: str) -> None:
    described, memory_model = architecture(model), load_memory()
    memory = memory_model.peak(described, described.shape())
    assert memory is not None
    assert memory.denoiser.peak is not None
    assert (memory.resident is None) == bool(memory_model.reasons(model))
    assert memory_model.error(model) <= 0.01


@given(model=st.sampled_from(list(load_architectures())), data=st.data())
def test_every_shape_that_is_taken_has_a_peak(model: str, data: st.DataObject) -> None:
    described = architecture(model)
    limits = described.limits
    sides = st.integers(1, min(limits.longest_side, 4096)).map(limits.nearest_side)
    frames = st.integers(1, 400).map(limits.nearest_frames) if limits.frame_step else st.just(1)
    asked = ShapeRequest(
        width=data.draw(sides), height=data.draw(sides), frames=data.draw(frames), batch=data.draw(st.integers(1, 5))
    )
    try:
        shape = described.shape(asked)
    except ShapeError:
        assume(False)
    memory = load_memory().peak(described, shape)
    assert memory is not None
    assert memory.weights < (memory.resident or memory.weights + 1)


def test_what_is_not_known_is_left_out_of_the_json() -> None:
    memory = PeakMemory(
        text_encoders=(),
        denoiser=ComponentMemory(30, 5),
        guided=ComponentMemory(30, 9),
        decoders=(ComponentMemory(1, None),),
    )
    assert memory.as_json() == {"weights": 31, "text_encoders": 0, "denoiser": 35, "denoiser_guided": 39}


@given(
    model=st.sampled_from(["flux.1-dev", "sdxl", "wan2.1-14b", "hunyuanvideo", "shapes-base"]),
    batch=st.integers(1, 6),
    wider=st.integers(0, 4),
)
def test_more_is_never_held_in_less(model: str, batch: int, wider: int) -> None:
    described = architecture(model)
    shape = described.shape(ShapeRequest(batch=batch))
    large = replace(shape, batch=batch + 1, width=shape.width + wider * described.limits.multiple * 8)
    first, second = load_memory().peak(described, shape), load_memory().peak(described, large)
    assert first is not None
    assert second is not None
    assert first.resident is not None
    assert second.resident is not None
    assert first.resident <= second.resident
    assert first.weights == second.weights


def test_guidance_doubles_the_batch_only_where_the_pipeline_batches_its_prompts() -> None:
    together, apart = peak("sdxl", ShapeRequest(guidance=5.0)), peak("wan2.1-14b", ShapeRequest(guidance=5.0))
    assert together.guided.activations is not None
    assert together.denoiser.activations is not None
    assert together.guided.activations > 1.9 * together.denoiser.activations
    assert apart.guided == apart.denoiser
    without = peak("sdxl", ShapeRequest(guidance=1.0))
    assert without.guided == without.denoiser


def test_offloading_holds_the_largest_component_and_residence_all_weights() -> None:
    memory = PeakMemory(
        text_encoders=(ComponentMemory(10, 1), ComponentMemory(40, 2)),
        denoiser=ComponentMemory(30, 5),
        guided=ComponentMemory(30, 9),
        decoders=(ComponentMemory(1, 20),),
    )
    assert (memory.weights, memory.resident, memory.offloaded) == (81, 101, 42)
    assert memory.as_json()["text_encoders"] == 52
    assert replace(memory, waiting=30).resident == 131


def test_the_peak_is_the_largest_sum_of_the_shapes_regime() -> None:
    polynomial = MemoryPolynomial(
        "frames and batch", {"f1 b1": ({"1": 10.0},), "f5+ b2+": ({"b*n": 2.0}, {"1": 90.0, "n": 1.0})}, 0.0
    )
    assert polynomial.activations({"n": 7, "b": 1, "f": 1}) == 10
    assert polynomial.activations({"n": 7, "b": 2, "f": 9}) == 97
    assert polynomial.activations({"n": 70, "b": 3, "f": 9}) == 420
    with pytest.raises(KeyError, match="f2 b1"):
        polynomial.activations({"n": 7, "b": 1, "f": 2})


def test_every_shape_lies_in_one_regime() -> None:
    assert regime("none", {"f": 3, "b": 2}) == "all"
    assert regime("frames, batch and parity", {"f": 12, "b": 1}) == "f5+ b1 even"


def test_a_network_that_was_described_anew_has_no_polynomial() -> None:
    described = architecture("sdxl")
    other = described.model_copy(update={"latents": described.latents.model_copy(update={"channels": 5})})
    assert load_memory().peak(other, described.shape()) is None
    assert MemoryModel({}).peak(described, described.shape()) is None


def test_a_profile_tells_its_peak_memory() -> None:
    model = load_flops_model()
    memory = model.profile("flux.1-dev", model.shape("flux.1-dev")).as_json()["peak_memory_bytes"]
    assert memory["denoiser"] / GIB == pytest.approx(22.63, abs=0.01)
    assert memory["peak_offloaded"] < memory["peak"]
    assert all(isinstance(value, int) for value in memory.values())


def test_a_file_of_another_format_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    path.write_text('{"format": 0, "models": {}}', encoding="utf-8")
    with pytest.raises(InputFileError, match="Expected format 1, got 0"):
        load_memory(path)
