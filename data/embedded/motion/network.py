"""The architectures of the embedded text-to-video models: three of diffusers' video denoisers, made small.

`wan` attends over all of space and time at once with rotary positions, patches of 2 frames by 4 by 4 pixels;
`latte` attends over space and over time in turn; `unet` is AnimateDiff's: the picture's network with motion modules
between its layers, which start as if they were not there.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    LatteTransformer3DModel,
    MotionAdapter,
    UNet2DConditionModel,
    UNetMotionModel,
    WanTransformer3DModel,
)
from torch import nn

from data.embedded.motion.language import VOCABULARY, build_tokenizer
from data.embedded.motion.pipeline import FOLD, MovingShapesPipeline
from data.embedded.network import new_text_encoder
from data.embedded.world import SIZE

Kind = Literal["wan", "latte", "unet"]
TEXT_WIDTH: Final = 64
SHIFT: Final = 3.0
"""Bends the steps towards high noise, where motion is decided (Esser et al. 2024, arXiv 2403.03206)."""
_CHANNELS: Final = 3 * FOLD * FOLD
_SIDE: Final = SIZE // FOLD


@dataclass(frozen=True, slots=True)
class VideoArchitecture:
    """The class and sizes of a denoiser, and the numbers of frames it is for.

    `width` and `layers` of a transformer, `feed_forward` its inner width, `patch_frames` how many frames a
    patch of Wan's takes. A UNet takes its widths from the picture's network.
    """

    kind: Kind
    width: int = 0
    layers: int = 0
    heads: int = 4
    feed_forward: int = 0
    patch_frames: int = 1
    frames: tuple[int, ...] = (8,)


ARCHITECTURES: Final[dict[str, VideoArchitecture]] = {
    "wan": VideoArchitecture("wan", width=128, layers=6, feed_forward=256, patch_frames=2),
    "wan-fine": VideoArchitecture("wan", width=128, layers=6, feed_forward=256, patch_frames=1),
    "latte": VideoArchitecture("latte", width=80, layers=4),
    "unet": VideoArchitecture("unet"),
}


def build_pipeline(architecture: VideoArchitecture, seed: int) -> MovingShapesPipeline:
    """An untrained pipeline of this architecture; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        part = "unet" if architecture.kind == "unet" else "transformer"
        return MovingShapesPipeline(
            tokenizer=build_tokenizer(),
            text_encoder=new_text_encoder(VOCABULARY, width=TEXT_WIDTH, layers=2),
            scheduler=FlowMatchEulerDiscreteScheduler(shift=SHIFT),
            frames=architecture.frames,
            **{part: _denoiser(architecture)},
        )


def _denoiser(architecture: VideoArchitecture) -> Any:
    return {"wan": _wan, "latte": _latte, "unet": _unet}[architecture.kind](architecture)


def _wan(sizes: VideoArchitecture) -> WanTransformer3DModel:
    made = WanTransformer3DModel(
        patch_size=(sizes.patch_frames, 2, 2),
        num_attention_heads=sizes.heads,
        attention_head_dim=sizes.width // sizes.heads,
        in_channels=_CHANNELS,
        out_channels=_CHANNELS,
        text_dim=TEXT_WIDTH,
        freq_dim=128,
        ffn_dim=sizes.feed_forward,
        num_layers=sizes.layers,
        rope_max_seq_len=32,
    )
    nn.init.zeros_(made.proj_out.weight)
    return made


def _latte(sizes: VideoArchitecture) -> LatteTransformer3DModel:
    made = LatteTransformer3DModel(
        num_attention_heads=sizes.heads,
        attention_head_dim=sizes.width // sizes.heads,
        in_channels=_CHANNELS,
        out_channels=_CHANNELS,
        num_layers=sizes.layers,
        cross_attention_dim=sizes.width,
        attention_bias=True,
        sample_size=_SIDE,
        patch_size=2,
        activation_fn="gelu-approximate",
        num_embeds_ada_norm=1000,
        norm_type="ada_norm_single",
        norm_elementwise_affine=False,
        norm_eps=1e-6,
        caption_channels=TEXT_WIDTH,
        video_length=sizes.frames[0],
    )
    nn.init.zeros_(made.proj_out.weight)
    return made


def _unet(_: VideoArchitecture) -> UNetMotionModel:
    from data.embedded import network

    picture = network._unet(network.ARCHITECTURES["main"])
    return with_motion(picture)


def with_motion(picture: UNet2DConditionModel) -> UNetMotionModel:
    """A picture's network as a video's, equal to it frame by frame until its motion modules are trained."""
    adapter = MotionAdapter(
        block_out_channels=tuple(picture.config.block_out_channels),
        motion_layers_per_block=1,
        motion_mid_block_layers_per_block=1,
        motion_num_attention_heads=4,
        motion_norm_num_groups=8,
        motion_max_seq_length=16,
    )
    made = UNetMotionModel.from_unet2d(picture, adapter)
    for name, module in made.named_modules():
        if "motion_modules" in name and name.endswith("proj_out"):
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
    return made
