"""Inputs of text encoders, and of what stands between them and a denoiser."""

from typing import Any

from data.architectures.architecture import Architecture, Component
from data.architectures.shape import Shape
from harness.profiling.inputs.tensors import Tensors

GEMMA_WIDTH, GEMMA_LAYERS = 3840, 49


def text(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """A text encoder: token ids. A mask that hides nothing is left out: it costs nothing."""
    return {"input_ids": make.whole(shape.batch, piece.text(shape))}


def language(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """A language model: token ids and a mask made out in full, for working one out needs values."""
    tokens = piece.text(shape)
    return {
        "input_ids": make.whole(shape.batch, tokens),
        "attention_mask": make.true(shape.batch, 1, tokens, tokens).tril(),
    }


def ltx2_connectors(a: Architecture, piece: Component, shape: Shape, make: Tensors) -> dict[str, Any]:
    """LTX-2's connectors: what all layers of Gemma 3 say, and the mask."""
    tokens = (shape.batch, piece.text(shape))
    return {
        "text_encoder_hidden_states": make.states(*tokens, GEMMA_WIDTH * GEMMA_LAYERS),
        "attention_mask": make.whole(*tokens),
    }
