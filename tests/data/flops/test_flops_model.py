"""The committed FLOPs model: proved, of the architecture files as they are, and agreeing with published figures."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.architectures.library import load_architectures
from data.architectures.shape import ShapeRequest
from data.errors import InputFileError, UnknownNameError
from data.flops.flops_model import FLOPS_MODEL, FlopsModel, load_flops_model
from data.flops.profile import COUNTED

PUBLISHED = [
    # model, asked, FLOPs of one forward, relative tolerance, where the figure stands
    ("dit-xl-2", ShapeRequest(), 2 * 118.64e9, 4e-5),  # arXiv 2212.09748, table 4
    ("dit-l-2", ShapeRequest(), 2 * 80.71e9, 6e-5),
    ("dit-b-2", ShapeRequest(), 2 * 23.01e9, 2e-4),
    ("dit-s-2", ShapeRequest(), 2 * 6.06e9, 8e-4),
    ("flux.1-dev", ShapeRequest(), 74.385e12, 1e-5),
    ("sdxl", ShapeRequest(), 6.76e12, 1e-3),
    ("wan2.1-14b", ShapeRequest(width=832, height=480, frames=81), 1678e12, 5e-4),
]
PARAMETERS = [
    # model, billions in the denoiser as its authors or its weights say
    ("sd1.5", 0.860),
    ("sdxl", 2.567),
    ("flux.1-dev", 11.901),
    ("qwen-image", 20.430),
    ("z-image", 6.155),
    ("wan2.1-1.3b", 1.419),
    ("wan2.1-14b", 14.288),
    ("hunyuanvideo", 12.821),
    ("mochi-1", 10.028),
    ("pixart-sigma-xl", 0.611),
    ("sana-1.6b", 1.604),
]


def test_every_architecture_is_in_the_model_as_its_file_stands() -> None:
    flops_model = load_flops_model()
    assert set(flops_model.models) == set(load_architectures())
    for model in flops_model.models:
        assert flops_model.entry(model).architecture.id == model


def test_every_polynomial_was_proved_without_a_residual() -> None:
    for model in json.loads(FLOPS_MODEL.read_text())["models"].values():
        for component in model["components"].values():
            assert component["residual"] == 0
            assert len(component["proved_on"]) >= 2


@pytest.mark.parametrize(("model", "asked", "flops", "tolerance"), PUBLISHED)
def test_a_forward_is_what_was_published(model: str, asked: ShapeRequest, flops: float, tolerance: float) -> None:
    flops_model = load_flops_model()
    profile = flops_model.profile(model, flops_model.shape(model, asked))
    assert profile.denoiser_forward.total == pytest.approx(flops, rel=tolerance)


def test_dit_xl_2_has_the_papers_multiply_adds_to_every_printed_digit() -> None:
    flops_model = load_flops_model()
    profile = flops_model.profile("dit-xl-2", flops_model.shape("dit-xl-2"))
    assert f"{profile.denoiser_forward.total / 2e9:.2f}" == "118.64"


@pytest.mark.parametrize(("model", "billions"), PARAMETERS)
def test_parameters_are_those_of_the_published_weights(model: str, billions: float) -> None:
    flops_model = load_flops_model()
    profile = flops_model.profile(model, flops_model.shape(model))
    assert profile.parameters["denoiser"] / 1e9 == pytest.approx(billions, abs=6e-4)


def test_flux_has_the_coefficients_that_its_layers_say() -> None:
    flops_model = load_flops_model()
    profile = flops_model.profile("flux.1-dev", flops_model.shape("flux.1-dev"))
    polynomial = next(component.polynomial for component in profile.components if component.name == "denoiser")
    assert polynomial is not None
    assert polynomial.coefficient("n", "n") == 4 * (19 + 38) * 24 * 128
    assert polynomial.coefficient("n") + 512 * polynomial.coefficient("n", "t") == pytest.approx(13.6281e9, rel=1e-5)
    assert profile.crossover_tokens == 19457


@settings(max_examples=40)
@given(
    st.sampled_from(["flux.1-dev", "wan2.1-14b", "sdxl", "dit-xl-2", "hunyuanvideo", "ltx-2", "shapes-grand"]),
    st.integers(1, 40),
    st.integers(1, 60),
    st.sampled_from([0.0, 1.0, 4.5]),
    st.integers(1, 8),
)
def test_the_fast_total_is_the_profiles(model: str, size: int, steps: int, guidance: float, batch: int) -> None:
    flops_model = load_flops_model()
    limits = flops_model.entry(model).architecture.limits
    side = limits.nearest_side(size * 64)
    shape = flops_model.shape(model, ShapeRequest(width=side, height=side, steps=steps, guidance=guidance, batch=batch))
    profile = flops_model.profile(model, shape)
    assert flops_model.totals(model, [shape]) == [profile.total.total]
    assert profile.total.total == sum(profile.stages[stage].total for stage in COUNTED)


def test_guidance_doubles_denoiser_and_text_and_leaves_the_vae() -> None:
    flops_model = load_flops_model()
    once, twice = (flops_model.profile("sdxl", flops_model.shape("sdxl", ShapeRequest(guidance=g))) for g in (1.0, 5.0))
    assert twice.stages["denoiser"] == once.stages["denoiser"] * 2
    assert twice.stages["text_encoders"] == once.stages["text_encoders"] * 2
    assert twice.stages["vae_decode"] == once.stages["vae_decode"]
    assert twice.denoiser_forward == once.denoiser_forward


def test_encoding_is_counted_and_is_no_part_of_the_total() -> None:
    flops_model = load_flops_model()
    flops = flops_model.profile("wan2.1-14b", flops_model.shape("wan2.1-14b")).as_json()["flops"]
    assert flops["vae_encode"] > 0
    assert flops["total"] == flops["text_encoders"] + flops["denoiser"] + flops["vae_decode"]


def test_polynomials_of_an_earlier_architecture_file_is_refused() -> None:
    models = json.loads(FLOPS_MODEL.read_text())["models"]
    stale = models["sdxl"] | {"architecture": "0" * 64}
    with pytest.raises(
        InputFileError, match=r"those of an earlier one\. Run: halflife profile --rebuild-atlas --only sdxl"
    ):
        FlopsModel({"sdxl": stale}).entry("sdxl")


def test_an_architecture_without_polynomials_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown architecture in the FLOPs model 'sdxl'"):
        FlopsModel({}).entry("sdxl")


def test_a_component_that_cannot_be_counted_leaves_a_reason_and_a_partial_total() -> None:
    models = json.loads(FLOPS_MODEL.read_text())["models"]
    uncounted = {"parameters": 7, "reason": "CLIP on meta: no"}
    components = models["sdxl"]["components"] | {"text_encoder": uncounted}
    flops_model = FlopsModel({"sdxl": models["sdxl"] | {"components": components}})
    profile = flops_model.profile("sdxl", flops_model.shape("sdxl"))
    assert profile.as_json()["partial"] == {"text_encoder": "CLIP on meta: no"}
    assert (
        0
        < profile.stages["text_encoders"].total
        < load_flops_model().profile("sdxl", profile.shape).stages["text_encoders"].total
    )


def test_the_model_answers_without_torch_and_without_numpy() -> None:
    program = (
        "import sys; from data.flops.flops_model import load_flops_model; a = load_flops_model(); "
        "a.profile('flux.1-dev', a.shape('flux.1-dev')).as_json(); "
        "print([name for name in ('torch', 'numpy', 'diffusers', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
