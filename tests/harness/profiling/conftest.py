"""Architectures that are small enough to run with random weights on any CPU, in the files' own words."""

from collections.abc import Iterator

import pytest
import torch

from data.architectures.architecture import Architecture
from data.architectures.shape import Conventions, ShapeLimits
from data.measurements import Configuration, Setup
from data.vocabulary import Machine

TEXT = {
    "library": "transformers",
    "type": "CLIPTextModel",
    "call": "text",
    "sources": ["these tests"],
    "config": {
        "vocab_size": 16,
        "hidden_size": 8,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "max_position_embeddings": 8,
        "eos_token_id": 1,
    },
}
PICTURE_VAE = {
    "library": "diffusers",
    "type": "AutoencoderKL",
    "call": "picture-vae",
    "sources": ["these tests"],
    "config": {
        "block_out_channels": [8, 8],
        "norm_num_groups": 4,
        "latent_channels": 4,
        "layers_per_block": 1,
        "down_block_types": ["DownEncoderBlock2D"] * 2,
        "up_block_types": ["UpDecoderBlock2D"] * 2,
    },
}
FLUX = {
    "library": "diffusers",
    "type": "FluxTransformer2DModel",
    "call": "flux",
    "sources": ["these tests"],
    "config": {
        "in_channels": 16,
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 8,
        "num_attention_heads": 2,
        "axes_dims_rope": [2, 2, 4],
        "joint_attention_dim": 4096,
        "pooled_projection_dim": 768,
        "guidance_embeds": True,
    },
}
WAN = {
    "library": "diffusers",
    "type": "WanTransformer3DModel",
    "call": "wan",
    "sources": ["these tests"],
    "config": {
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": 4,
        "out_channels": 4,
        "text_dim": 4096,
        "freq_dim": 16,
        "ffn_dim": 32,
        "num_layers": 2,
        "rope_max_seq_len": 32,
    },
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from a second thread, which a busy machine would make them wait for."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny_picture() -> Architecture:
    """A picture pipeline of FLUX's kind: a text encoder, a denoiser, a VAE."""
    return Architecture(
        id="tiny-picture",
        title="Tiny",
        task="text-to-image",
        guidance="embedded",
        conventions=Conventions(width=16, height=16, steps=3, guidance=3.5, text_tokens=4),
        limits=ShapeLimits(multiple=4),
        latents={"space": 2, "channels": 4, "patch": 2},  # type: ignore[arg-type]
        text_encoders=[{"name": "text_encoder", "network": TEXT, "tokens": 4}],  # type: ignore[list-item]
        denoiser=FLUX,
        vae=PICTURE_VAE,
        sources=["these tests"],  # type: ignore[arg-type]
    )


@pytest.fixture
def tiny_video() -> Architecture:
    """A video denoiser of Wan's kind, whose pipeline runs guidance's halves one after the other."""
    return Architecture(
        id="tiny-video",
        title="Tiny",
        task="text-to-video",
        guidance="classifier-free",
        conventions=Conventions(width=16, height=16, frames=5, fps=4.0, steps=8, guidance=5.0, text_tokens=4),
        limits=ShapeLimits(multiple=4, frame_step=4),
        latents={"space": 2, "time": 4, "channels": 4, "patch": 2},  # type: ignore[arg-type]
        denoiser=WAN,
        sources=["these tests"],  # type: ignore[arg-type]
    )


@pytest.fixture
def plain() -> Configuration:
    return Configuration(dtype="float32")


@pytest.fixture
def machine() -> Machine:
    return Machine(
        name="bench",
        device="cpu",
        cpu="a CPU",
        cores=2,
        memory_bytes=2**33,
        gpu=None,
        usd_per_hour=0.1,
        price_source="declared",
    )


@pytest.fixture
def setup(tiny_picture: Architecture, plain: Configuration) -> Setup:
    return Setup(
        model="tiny-picture",
        revision="random",
        weights="random",
        shape=tiny_picture.shape(),
        configuration=plain,
        accelerator="cpu",
        processor="a CPU",
        repeats=1,
        versions={"torch": torch.__version__},
    )
