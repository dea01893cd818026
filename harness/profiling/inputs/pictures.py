"""Inputs of the denoisers of pictures: latents or packed tokens, times, and what the text encoders said.

Each function returns the keyword arguments of the network's `forward`; `t` tokens of text, `n` tokens of picture.
"""

from typing import Any

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from harness.profiling.inputs.tensors import Tensors

POOLED_CLIP = 768
POOLED_TWO_CLIPS = 2048


def latents(a: Architecture, shape: Shape, make: Tensors) -> Any:
    """Return noise of shape (batch, channels, rows, columns)."""
    return make.states(shape.batch, a.latents.channels, a.latents.height(shape), a.latents.width(shape))


def dit(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """DiT: latents, a class of ImageNet for each, and one time for all of them."""
    return {
        "hidden_states": latents(a, shape, make),
        "timestep": make.whole(1),
        "class_labels": make.whole(shape.batch),
    }


def unet(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Stable Diffusion's UNet; SDXL's also takes a pooled text and the six numbers of its size."""
    config = piece.network.config
    made = {
        "sample": latents(a, shape, make),
        "timestep": make.whole(shape.batch),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, config["cross_attention_dim"]),
    }
    if config.get("addition_embed_type") == "text_time":
        pooled = config["projection_class_embeddings_input_dim"] - 6 * config["addition_time_embed_dim"]
        made["added_cond_kwargs"] = {
            "text_embeds": make.states(shape.batch, pooled),
            "time_ids": make.states(shape.batch, 6),
        }
    return made


def sd3(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Stable Diffusion 3: latents, joint text of CLIP and T5, pooled text of two CLIPs."""
    return {
        "hidden_states": latents(a, shape, make),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, 4096),
        "pooled_projections": make.states(shape.batch, POOLED_TWO_CLIPS),
        "timestep": make.floats(shape.batch),
    }


def flux(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """FLUX.1: picture packed two by two, T5's text, CLIP's pooled text, places of three axes."""
    tokens = a.latents.tokens(shape)
    made = {
        "hidden_states": make.states(shape.batch, tokens, 4 * a.latents.channels),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, 4096),
        "pooled_projections": make.states(shape.batch, POOLED_CLIP),
        "timestep": make.floats(shape.batch),
        "img_ids": make.floats(tokens, 3),
        "txt_ids": make.floats(shape.text_tokens, 3),
    }
    if piece.network.config["guidance_embeds"]:
        made["guidance"] = make.floats(shape.batch)
    return made


def flux2(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """FLUX.2: picture packed two by two, three layers of a language model side by side, places of four axes."""
    config, tokens = piece.network.config, a.latents.tokens(shape)
    made = {
        "hidden_states": make.states(shape.batch, tokens, 4 * a.latents.channels),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, config["joint_attention_dim"]),
        "timestep": make.floats(shape.batch),
        "img_ids": make.floats(shape.batch, tokens, 4),
        "txt_ids": make.floats(shape.batch, shape.text_tokens, 4),
    }
    if config["guidance_embeds"]:
        made["guidance"] = make.floats(shape.batch)
    return made


def pixart(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """PixArt: latents and T5's text with its mask."""
    return {
        "hidden_states": latents(a, shape, make),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, piece.network.config["caption_channels"]),
        "timestep": make.whole(shape.batch),
        "added_cond_kwargs": {"resolution": None, "aspect_ratio": None},
        "encoder_attention_mask": make.whole(shape.batch, shape.text_tokens),
    }


def sana(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Sana: latents and Gemma's text with its mask."""
    return {
        "hidden_states": latents(a, shape, make),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, 2304),
        "timestep": make.whole(shape.batch),
        "encoder_attention_mask": make.whole(shape.batch, shape.text_tokens),
    }


def qwen_image(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Qwen-Image: picture packed two by two, the text of Qwen2.5-VL; a mask that hides nothing is left out."""
    size = (1, a.latents.height(shape) // a.latents.patch, a.latents.width(shape) // a.latents.patch)
    return {
        "hidden_states": make.states(shape.batch, a.latents.tokens(shape), 4 * a.latents.channels),
        "encoder_hidden_states": make.states(shape.batch, shape.text_tokens, 3584),
        "encoder_hidden_states_mask": None,
        "timestep": make.floats(shape.batch),
        "img_shapes": [[size]] * shape.batch,
    }


def z_image(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """Z-Image: lists of single latents and of single texts, each of its own length."""
    size = (a.latents.channels, 1, a.latents.height(shape), a.latents.width(shape))
    return {
        "x": [make.states(*size) for _ in range(shape.batch)],
        "t": make.floats(shape.batch),
        "cap_feats": [make.states(shape.text_tokens, 2560) for _ in range(shape.batch)],
    }
