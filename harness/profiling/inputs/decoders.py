"""Inputs of what turns latents into media and back: VAEs of pictures, video and sound, and a vocoder."""

from typing import Any

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from harness.profiling.inputs.tensors import Tensors

PIXELS = 3


def picture(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """A VAE of pictures: (batch, channels, rows, columns)."""
    if piece.stage == "vae_encode":
        return {"x": make.pixels(shape.batch, PIXELS, shape.height, shape.width)}
    return {"z": make.states(shape.batch, a.latents.channels, a.latents.height(shape), a.latents.width(shape))}


def video(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """A VAE of video: (batch, channels, frames, rows, columns)."""
    if piece.stage == "vae_encode":
        return {"x": make.pixels(shape.batch, PIXELS, shape.frames, shape.height, shape.width)}
    size = (a.latents.frames(shape), a.latents.height(shape), a.latents.width(shape))
    return {"z": make.states(shape.batch, a.latents.channels, *size)}


def video_with_timestep(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """LTX-Video's newer VAE, whose decoder takes the last step of denoising and its time."""
    made = video(a, piece, shape, make)
    return made if piece.stage == "vae_encode" else made | {"temb": make.states(shape.batch)}


def ltx2_audio(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """LTX-2's VAE of sound: (batch, 8, latents of time, 16 latents of pitch)."""
    return {"z": make.states(shape.batch, 8, a.sound_tokens(shape), 16)}


def ltx2_vocoder(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """LTX-2's vocoder: a spectrogram of (batch, 2, instants, 64), four instants a latent but the first three."""
    return {"hidden_states": make.states(shape.batch, 2, 4 * a.sound_tokens(shape) - 3, 64)}
