"""Counting on the real classes: torch's counter and the papers agree, and the committed FLOPs model is current."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from data.architectures.architecture import Architecture, Network
from data.architectures.library import architecture, load_architectures
from data.architectures.shape import ShapeRequest
from data.embedded.motion.network import ARCHITECTURES, build_pipeline
from data.embedded.motion.pipeline import predicted
from data.embedded.motion.weights import load_moving_pipeline
from data.flops.flops import Flops
from data.flops.flops_model import FLOPS_MODEL, load_flops_model
from data.flops.variables import VALUES, variables
from harness.profiling.building import build, inputs
from harness.profiling.counting import CountingError, count, parameters, valueless
from harness.profiling.inputs import INPUT_BUILDERS
from harness.profiling.rebuilding import rebuild

SAMPLE = [
    ("dit-s-2", "denoiser", ShapeRequest(width=512, height=512, batch=2)),
    ("sd1.5", "denoiser", ShapeRequest(width=328, height=440)),
    ("flux.2-klein-4b", "denoiser", ShapeRequest(width=1280, height=720, text_tokens=200)),
    ("hunyuanvideo", "vae_decode", ShapeRequest(width=320, height=192, frames=41)),
    ("cogvideox-5b", "vae_decode", ShapeRequest(width=160, height=240, frames=25)),
    ("ltx-2", "vocoder", ShapeRequest(seconds=3.0)),
    ("pixart-sigma-xl", "text_encoder", ShapeRequest(text_tokens=120)),
    ("shapes-grand", "denoiser", ShapeRequest(batch=3)),
    ("moving-grand", "denoiser", ShapeRequest(batch=3)),
]


@pytest.mark.parametrize(("model", "component", "asked"), SAMPLE)
def test_the_flops_model_says_what_the_real_classes_do(model: str, component: str, asked: ShapeRequest) -> None:
    described, shape = architecture(model), architecture(model).shape(asked)
    known = next(each for each in load_flops_model().entry(model).components if each.component.name == component)
    assert known.polynomial is not None
    values = variables(described, known.component, shape)
    network = build(described, component)
    assert known.polynomial.flops(values) * known.polynomial.media(shape.batch) == count(
        described, component, shape, network=network
    )
    assert known.parameters == parameters(network)


@pytest.mark.parametrize(("model", "component"), [("dit-s-2", "denoiser"), ("sana-1.6b", "vae_decode")])
def test_torchs_own_counter_agrees(model: str, component: str) -> None:
    described = architecture(model)
    network, shape = build(described, component), described.shape(ShapeRequest(width=256, height=256))
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), valueless(), counter:
        inputs(described, component, shape).on(network)
    assert counter.get_total_flops() == count(described, component, shape, network=network).total


def test_a_clip_of_the_video_ladder_costs_what_its_pipeline_was_seen_to_compute() -> None:
    pipeline, counted = load_moving_pipeline("moving-main"), []
    for steps in (1, 2):
        with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            pipeline("a red circle grows", num_inference_steps=steps, guidance_scale=3.0, output_type="latent")
        counted.append(counter.get_total_flops())
    described = architecture("moving-grand")
    (total,) = load_flops_model().totals("moving-grand", [described.shape()])
    assert total == counted[0] + (described.conventions.steps - 1) * (counted[1] - counted[0])


@pytest.mark.parametrize(("kind", "call"), [("latte", "latte"), ("unet", "unet-motion")])
def test_other_classes_of_video_denoisers_are_called_as_their_pipeline_calls_them(kind: str, call: str) -> None:
    made = build_pipeline(ARCHITECTURES[kind], seed=0).denoiser
    config = {name: value for name, value in made.config.items() if not name.startswith("_")}
    network = Network(library="diffusers", type=type(made).__name__, call=call, config=config, sources=["here"])
    described = architecture("moving-grand").model_copy(update={"denoiser": network})
    latents = torch.empty(2, 12, 8, 16, 16, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad(), valueless():
        predicted(made.to("meta"), latents, torch.empty(2, device="meta"), torch.empty(2, 24, 64, device="meta"))
    assert count(described, "denoiser", described.shape(ShapeRequest(batch=2))).total == counter.get_total_flops()


def test_a_dit_block_is_the_papers_closed_form() -> None:
    tokens, width, layers = 256, 384, 12
    flops = count(architecture("dit-s-2"), "denoiser", architecture("dit-s-2").shape())
    embedding = 256 * width + width * width
    linear = (
        layers * (12 * tokens * width**2 + 6 * width**2 + embedding) + embedding + 2 * width**2 + tokens * width * 32
    )
    assert flops == Flops(
        attention=2 * 2 * layers * tokens**2 * width, linear=2 * linear, convolution=2 * tokens * 16 * width
    )


def test_what_a_linear_layer_does_to_a_batch_is_linear() -> None:
    described = architecture("sd1.5")
    network, shape = build(described, "vae_decode"), described.shape(ShapeRequest(width=64, height=64))
    single, double = (count(described, "vae_decode", replace(shape, batch=batch), network=network) for batch in (1, 2))
    assert double == single * 2


def test_a_count_allocates_nothing() -> None:
    network = build(architecture("flux.1-dev"), "denoiser")
    assert {parameter.device.type for parameter in network.parameters()} == {"meta"}
    assert parameters(network) == 11_901_408_320


def test_what_needs_values_says_so_instead_of_a_number() -> None:
    class Asks(torch.nn.Module):
        def forward(self, **arguments: object) -> int:
            return int(torch.ones(1, device="meta").item())

    with pytest.raises(CountingError, match=r"Asks on meta: Tensor\.item\(\) cannot be called on meta tensors"):
        count(architecture("dit-s-2"), "denoiser", architecture("dit-s-2").shape(), network=Asks())


def test_every_way_of_calling_has_its_inputs_and_its_variables() -> None:
    assert set(INPUT_BUILDERS) == set(VALUES)
    calls = {each.network.call for described in load_architectures().values() for each in described.components()}
    assert calls | {"latte", "unet-motion"} == set(INPUT_BUILDERS)


def test_the_same_call_runs_on_a_real_device() -> None:
    described: Architecture = architecture("shapes-nano")
    network = build(described, "denoiser", device="cpu", dtype=torch.float32)
    call = inputs(described, "denoiser", described.shape(), device="cpu", dtype=torch.float32)
    with torch.no_grad():
        assert call.on(network).sample.shape == (1, 12, 16, 16)


def test_a_rebuilt_flops_model_is_the_committed_one_and_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "flops_model.json"
    committed = json.loads(FLOPS_MODEL.read_text())
    path.write_text(json.dumps({"format": 1, "models": {"other": {"kept": True}}}))
    assert list(rebuild([architecture("shapes-nano")], path)) == ["shapes-nano text_encoder", "shapes-nano denoiser"]
    written = json.loads(path.read_text())["models"]
    assert written["other"] == {"kept": True}
    assert written["shapes-nano"]["components"] == committed["models"]["shapes-nano"]["components"]
