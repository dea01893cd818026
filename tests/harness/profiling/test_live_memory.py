"""Peak memory on meta: worked by hand on small networks, and beside what was measured on cards."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from data.architectures.library import architecture
from data.architectures.shape import ShapeRequest
from harness.profiling.building import build, network
from harness.profiling.live_memory import BLOCK, LiveStorages, footprint, weights

GIB = 2**30
MEASURED = [
    ("flux.1-dev", ShapeRequest(), 22.63),
    ("sdxl", ShapeRequest(), 5.05),
    ("ltx-video-13b", ShapeRequest(width=704, height=512, frames=161), 25.22),
    ("wan2.1-14b", ShapeRequest(), 30.2),
]
"""GiB allocated on a card by one forward of the denoiser beside its weights, bf16, eager, batch 1."""


def on_meta(*sizes: int) -> torch.Tensor:
    return torch.empty(*sizes, device="meta", dtype=torch.float32)


def test_the_peak_is_what_lives_at_once() -> None:
    network = nn.Module()
    with LiveStorages(network) as live:
        first = on_meta(128)
        second = first * 2
        del first
        third = second + 1
        assert live.now == 2 * BLOCK
        del second, third
    assert (live.now, live.peak) == (0, 2 * BLOCK)


def test_a_view_holds_what_it_looks_at_and_nothing_more() -> None:
    with LiveStorages(nn.Module()) as live:
        whole = on_meta(256)
        half = whole[:128].reshape(2, 64)
        del whole
        assert live.now == 2 * BLOCK
        del half
    assert live.now == 0


def test_storages_are_rounded_to_the_allocators_blocks() -> None:
    with LiveStorages(nn.Module()) as live:
        kept = on_meta(1), on_meta(129)
    assert live.peak == BLOCK + 2 * BLOCK
    assert len(kept) == 2


def test_a_networks_own_weights_are_not_activations() -> None:
    network = nn.Linear(64, 64, device="meta")
    given = on_meta(8, 64)
    with torch.no_grad(), LiveStorages(network) as live:
        network(given)
    assert live.peak == 8 * 64 * 4
    assert weights(network) == 64 * 64 * 4 + BLOCK


def test_tied_weights_count_once() -> None:
    network = nn.ModuleList([nn.Linear(64, 64, bias=False, device="meta") for _ in range(2)])
    network[1].weight = network[0].weight
    assert weights(network) == 64 * 64 * 4


def test_attention_holds_its_output_and_no_scores() -> None:
    described = architecture("dit-s-2")
    small, large = (
        footprint(described, "denoiser", described.shape(ShapeRequest(width=s, height=s))) for s in (256, 1024)
    )
    assert large.weights == small.weights
    assert large.activations < 16.5 * small.activations


@pytest.mark.parametrize(
    ("model", "asked", "measured"), MEASURED, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_forwards_peak_is_within_three_percent_of_what_a_card_measured(
    model: str, asked: ShapeRequest, measured: float
) -> None:
    described = architecture(model)
    peak = footprint(described, "denoiser", described.shape(asked)).peak
    assert peak / GIB == pytest.approx(measured, rel=0.03)


def test_every_call_is_a_first_one_whatever_a_network_keeps() -> None:
    described = architecture("qwen-image")
    denoiser = described.denoiser.model_copy(update={"config": {**described.denoiser.config, "num_layers": 1}})
    small = described.model_copy(update={"denoiser": denoiser})
    network = build(small, "denoiser")
    shape = small.shape(ShapeRequest(width=256, height=256))
    first, second = (footprint(small, "denoiser", shape, network=network) for _ in range(2))
    assert first == second


def test_what_an_architecture_file_declares_is_not_changed_by_building_it() -> None:
    described = architecture("qwen-image")
    declared = described.text_encoders[0].network
    before = deepcopy(declared.config)
    small = {"num_hidden_layers": 1, "vocab_size": 100}
    network(declared.model_copy(update={"config": declared.config | small}), device="meta", dtype=torch.bfloat16)
    assert declared.config == before
