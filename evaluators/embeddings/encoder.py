"""A card and its weights as an encoder, through open_clip.

The encoder's fingerprint covers everything that can change a vector: name, architecture, the weights' sha256, GELU,
preprocessing, precision, context length, tokenizer, the canonical decode and this module's own version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from data.errors import UnknownNameError, WeightsError
from data.serialization import digest
from evaluators import decode
from evaluators.colour import Pixels
from evaluators.embeddings.card import LOCAL_DIR, EncoderCard, checked_weights
from evaluators.embeddings.pixels import fitted, normalised, visible_fraction
from evaluators.embeddings.tokens import Tokenizer, tokenizer_of

VERSION: Final = "2"
"""Rises whenever a vector can change; part of the fingerprint."""

BATCH: Final = 32

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embedding:
    """A unit vector (float32, one dimension) and the facts of how it was made."""

    vector: Vector
    facts: Mapping[str, Any]


class Encoder(Protocol):
    """What turns pictures and texts into unit vectors of one space."""

    @property
    def fingerprint(self) -> str:
        """64 hex digits over everything that can change a vector."""

    def encode_images(self, pictures: Sequence[Pixels]) -> list[Embedding]:
        """The embedding of each picture (uint8, height × width × 3), with the fact `visible_fraction`."""

    def encode_texts(self, texts: Sequence[str]) -> list[Embedding]:
        """The embedding of each text, with the facts `tokens`, `unknown` (how many of them) and `truncated`."""


class OpenClipEncoder:
    """An encoder of any architecture that open_clip knows; the weights are read at the first use.

    `folder` is the card's folder, `device` where it computes (default: CUDA where there is one, else the CPU).
    """

    def __init__(
        self, card: EncoderCard, folder: Path, *, tokenizer: Tokenizer | None = None, device: str | None = None
    ) -> None:
        self.card = card
        self.folder, self._device = folder, device
        self._tokenizer = tokenizer or tokenizer_of(card, folder)

    @cached_property
    def fingerprint(self) -> str:
        """64 hex digits over everything that can change a vector; needs no weights in memory."""
        facts = self.card.model_dump(mode="json", exclude={"weights", "tokenizer", "licence"})
        return digest({**facts, "tokenizer": self._tokenizer.digest, "decode": decode.VERSION, "version": VERSION})

    def encode_images(self, pictures: Sequence[Pixels]) -> list[Embedding]:
        """The embedding of each picture, computed `BATCH` at a time."""
        preprocess = self.card.preprocess
        embeddings: list[Embedding] = []
        for start in range(0, len(pictures), BATCH):
            batch = pictures[start : start + BATCH]
            pixels = normalised([fitted(picture, preprocess) for picture in batch], preprocess)
            visible = [visible_fraction(picture.shape[1], picture.shape[0], preprocess) for picture in batch]
            facts = [{"visible_fraction": fraction} for fraction in visible]
            embeddings += _embeddings(self._forward("encode_image", pixels), facts)
        return embeddings

    def encode_texts(self, texts: Sequence[str]) -> list[Embedding]:
        """The embedding of each text, computed `BATCH` at a time."""
        embeddings: list[Embedding] = []
        for start in range(0, len(texts), BATCH):
            tokens = self._tokenizer(texts[start : start + BATCH])
            facts = [
                {"tokens": count, "unknown": unknown, "truncated": count > self.card.context_length}
                for count, unknown in zip(tokens.counts, tokens.unknown, strict=True)
            ]
            embeddings += _embeddings(self._forward("encode_text", tokens.ids), facts)
        return embeddings

    def _forward(self, method: str, inputs: npt.NDArray[Any]) -> Vector:
        import torch

        model = self._model
        parameter = next(model.parameters())
        tensor = torch.from_numpy(inputs).to(parameter.device)
        if tensor.is_floating_point():
            tensor = tensor.to(parameter.dtype)
        # Published scores are fp32: TF32 is off, whatever the process is set to.
        with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
            vectors = getattr(model, method)(tensor).float().cpu().numpy()
        # What is not finite, or all zero, stays no unit vector; who asks gives the reason.
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        import torch

        device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
        return load_open_clip(self.card, self.folder).to(device=device, dtype=getattr(torch, self.card.dtype))


def load_open_clip(card: EncoderCard, folder: Path) -> Any:
    """The open_clip model of a card in evaluation mode, fp32, on the CPU.

    Raises WeightsError for weights that are not the card's, UnknownNameError for an architecture that open_clip does
    not know.
    """
    import open_clip

    weights = checked_weights(card, folder)
    local = card.architecture == LOCAL_DIR
    if not local and card.architecture not in open_clip.list_models():
        raise UnknownNameError("open_clip architecture", card.architecture, open_clip.list_models())
    source = f"{LOCAL_DIR}:{folder}" if local else card.architecture
    config = open_clip.get_model_config(source)
    if "hf_model_name" in config["text_cfg"]:
        raise WeightsError(
            f"Expected an architecture that open_clip has in full, got {card.architecture!r}, whose text tower comes "
            "from a hub. Choose another encoder."
        )
    checkpoint = None if local else str(weights)
    try:
        model = open_clip.create_model(source, checkpoint, precision="fp32", quick_gelu=card.quick_gelu)
    except (RuntimeError, AssertionError) as error:
        raise WeightsError(
            f"Expected weights of {card.architecture!r} in {weights}, got others: {str(error)[:200]}"
        ) from error
    size = max(model.visual.image_size)
    if (model.context_length, size) != (card.context_length, card.preprocess.size):
        raise WeightsError(
            f"Expected the card {card.name!r} to say context_length {model.context_length} and size {size}, which its "
            f"architecture has, got {card.context_length} and {card.preprocess.size}. Correct the card."
        )
    return model.eval().requires_grad_(False)


def _embeddings(vectors: Vector, facts: Sequence[Mapping[str, Any]]) -> list[Embedding]:
    return [Embedding(vector, fact) for vector, fact in zip(vectors, facts, strict=True)]
