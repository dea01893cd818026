"""The inputs of one call of each network, as its pipeline makes them: `pictures`, `videos`, `texts`, `decoders`.

An architecture file names how a network is called; `INPUT_BUILDERS` says which function makes that call's inputs.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from harness.profiling.inputs import decoders, pictures, texts, videos
from harness.profiling.inputs.tensors import Tensors

InputBuilder = Callable[[Architecture, Component, Shape, Tensors], dict[str, Any]]

INPUT_BUILDERS: Final[Mapping[str, InputBuilder]] = {
    "dit": pictures.dit,
    "unet": pictures.unet,
    "sd3": pictures.sd3,
    "flux": pictures.flux,
    "flux2": pictures.flux2,
    "pixart": pictures.pixart,
    "sana": pictures.sana,
    "qwen-image": pictures.qwen_image,
    "z-image": pictures.z_image,
    "wan": videos.wan,
    "wan-timestep-a-token": videos.wan,
    "latte": videos.latte,
    "unet-motion": videos.unet_motion,
    "hunyuanvideo": videos.hunyuanvideo,
    "ltx-video": videos.ltx_video,
    "ltx-2": videos.ltx2,
    "cogvideox": videos.cogvideox,
    "mochi": videos.mochi,
    "sana-video": videos.sana_video,
    "text": texts.text,
    "language": texts.language,
    "ltx-2-connectors": texts.ltx2_connectors,
    "picture-vae": decoders.picture,
    "video-vae": decoders.video,
    "timestep-video-vae": decoders.video_with_timestep,
    "cogvideox-vae": decoders.video,
    "hunyuanvideo-vae": decoders.video,
    "ltx-2-audio-vae": decoders.ltx2_audio,
    "ltx-2-vocoder": decoders.ltx2_vocoder,
}


def arguments(architecture: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Return the keyword arguments of a component's call for one batch of a shape."""
    return INPUT_BUILDERS[piece.network.call](architecture, piece, shape, make)
