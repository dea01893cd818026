"""Inputs of the denoisers of video: latents or packed tokens of frames, times, text; LTX-2's also of sound."""

from typing import Any

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from harness.profiling.inputs.tensors import Tensors

T5 = 4096
ROTATED_HEAD = 64


def latents(a: Architecture, shape: Shape, make: Tensors) -> Any:
    """Return noise of shape (batch, channels, frames, rows, columns)."""
    return make.states(shape.batch, a.latents.channels, *_size(a, shape))


def wan(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Wan: latents and UMT5's text; the pipeline of TI2V gives every token a time of its own."""
    a_token = piece.network.call == "wan-timestep-a-token"
    return {
        "hidden_states": latents(a, shape, make),
        "timestep": make.whole(shape.batch, a.latents.tokens(shape)) if a_token else make.whole(shape.batch),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, piece.network.config.get("text_dim", T5)),
    }


def latte(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Latte: latents and text of the width that its config names."""
    width = piece.network.config["caption_channels"]
    return {
        "hidden_states": latents(a, shape, make),
        "timestep": make.whole(shape.batch),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, width),
    }


def unet_motion(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """AnimateDiff's network: latents, and the text once a frame."""
    width = piece.network.config["cross_attention_dim"]
    return {
        "sample": latents(a, shape, make),
        "timestep": make.whole(shape.batch),
        "encoder_hidden_states": make.states(shape.batch * a.latents.frames(shape), shape.text_tokens, width),
    }


def hunyuanvideo(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """HunyuanVideo: latents, Llama's text with its mask, CLIP's pooled text, embedded guidance."""
    return {
        "hidden_states": latents(a, shape, make),
        "timestep": make.whole(shape.batch),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, 4096),
        "encoder_attention_mask": make.whole(shape.batch, shape.text_tokens),
        "pooled_projections": make.states(shape.batch, 768),
        "guidance": make.floats(shape.batch, value=6000.0),
    }


def ltx_video(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """LTX-Video: one token a latent, T5's text with its mask."""
    frames, rows, columns = _size(a, shape)
    return {
        "hidden_states": make.states(shape.batch, a.latents.tokens(shape), a.latents.channels),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, T5),
        "timestep": make.whole(shape.batch),
        "encoder_attention_mask": make.whole(shape.batch, shape.text_tokens),
        "num_frames": frames,
        "height": rows,
        "width": columns,
    }


def ltx2(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """LTX-2: video and sound side by side, each with its own text out of the connectors."""
    frames, rows, columns = _size(a, shape)
    sound, text = a.sound_tokens(shape), (shape.batch, shape.text_tokens)
    return {
        "hidden_states": make.states(shape.batch, a.latents.tokens(shape), a.latents.channels),
        "audio_hidden_states": make.states(shape.batch, sound, 128),
        "encoder_hidden_states": make.states(*text, 3840),
        "audio_encoder_hidden_states": make.states(*text, 3840),
        "timestep": make.whole(shape.batch),
        "sigma": make.whole(shape.batch),
        "encoder_attention_mask": make.whole(*text),
        "audio_encoder_attention_mask": make.whole(*text),
        "num_frames": frames,
        "height": rows,
        "width": columns,
        "audio_num_frames": sound,
    }


def cogvideox(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """CogVideoX: latents with frames before channels, T5's text, rotations where the network wants them."""
    frames, rows, columns = _size(a, shape)
    made = {
        "hidden_states": make.states(shape.batch, frames, a.latents.channels, rows, columns),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, T5),
        "timestep": make.whole(shape.batch),
    }
    if piece.network.config.get("use_rotary_positional_embeddings"):
        rotation = make.floats(a.latents.tokens(shape), ROTATED_HEAD)
        made["image_rotary_emb"] = (rotation, rotation)
    return made


def mochi(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Mochi: latents and T5's text, whose mask hides nothing."""
    return {
        "hidden_states": latents(a, shape, make),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, T5),
        "timestep": make.whole(shape.batch),
        "encoder_attention_mask": make.true(shape.batch, shape.text_tokens),
    }


def sana_video(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """SANA-Video: latents and Gemma's text with its mask."""
    return {
        "hidden_states": latents(a, shape, make),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, 2304),
        "timestep": make.whole(shape.batch),
        "encoder_attention_mask": make.whole(shape.batch, shape.text_tokens),
    }


def _size(a: Architecture, shape: Shape) -> tuple[int, int, int]:
    return a.latents.frames(shape), a.latents.height(shape), a.latents.width(shape)
