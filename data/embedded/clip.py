"""The embedded CLIP: open_clip's own architecture and loader, at the size of the world of shapes.

A folder holds `open_clip_config.json`, `open_clip_model.safetensors` and the tokenizer's files, which is what
open_clip's `local-dir:` schema reads. Text goes through open_clip's own `HFTokenizer`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from torch import Tensor

from data.embedded.clip_card import CONFIG_FILE, WEIGHTS_FILE, ClipCard, read_card
from data.embedded.language import CONTEXT, VOCABULARY, build_tokenizer
from data.embedded.world import SIZE

MEAN: Final = (0.5, 0.5, 0.5)
STD: Final = (0.5, 0.5, 0.5)

MODEL_CONFIG: Final[dict[str, Any]] = {
    "embed_dim": 64,
    "quick_gelu": False,
    "vision_cfg": {"image_size": SIZE, "layers": 4, "width": 64, "head_width": 16, "patch_size": 4},
    "text_cfg": {
        "context_length": CONTEXT,
        "vocab_size": len(VOCABULARY),
        "hf_tokenizer_name": "halflife-shapes",
        "width": 64,
        "heads": 4,
        "layers": 3,
        "no_causal_mask": True,
        "pool_type": "eos",
        "eos_id": VOCABULARY["</s>"],
        "pad_id": VOCABULARY["<pad>"],
    },
}
PREPROCESS: Final[dict[str, Any]] = {
    "size": SIZE,
    "mode": "RGB",
    "mean": MEAN,
    "std": STD,
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}


class ClipTokenizer(Protocol):
    """Texts to token ids, int64 of shape (n, context_length), cut and padded."""

    def __call__(self, texts: str | list[str], context_length: int | None = None) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class LoadedClip:
    """An open_clip model in evaluation mode (fp32), open_clip's tokenizer for it, and its card."""

    model: open_clip.CLIP
    tokenizer: ClipTokenizer
    card: ClipCard


def build_clip(seed: int) -> open_clip.CLIP:
    """An untrained model; positions and words of the text start at unit scale, as in `network`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = open_clip.CLIP(**MODEL_CONFIG)
        torch.nn.init.normal_(model.positional_embedding, std=1.0)
        torch.nn.init.normal_(model.token_embedding.weight, std=1.0)
        torch.nn.init.normal_(model.visual.positional_embedding, std=1.0)
    return model


def save_clip(model: open_clip.CLIP, folder: Path) -> None:
    """Write config, tokenizer and fp16 weights as open_clip's `local-dir:` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    build_tokenizer().save_pretrained(folder)
    config = {"model_cfg": MODEL_CONFIG, "preprocess_cfg": PREPROCESS}
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n")
    halves = {name: value.detach().half().contiguous() for name, value in model.state_dict().items()}
    save_file(halves, folder / WEIGHTS_FILE)


def read_clip(folder: Path, sha256: str) -> LoadedClip:
    """The model of a folder that was already checked; `sha256` is what the check found for the weights file."""
    source = f"local-dir:{folder}"
    model = open_clip.create_model(source, precision="fp32", device="cpu").eval()
    return LoadedClip(model, open_clip.get_tokenizer(source), read_card(folder, sha256))


@torch.no_grad()
def similarity(clip: LoadedClip, images: np.ndarray, texts: Sequence[str]) -> Tensor:
    """Cosines of shape (images, texts); `images` are uint8 (n, 32, 32, 3)."""
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
    seen = clip.model.encode_image(pixels, normalize=True)
    read = clip.model.encode_text(clip.tokenizer(list(texts)), normalize=True)
    return torch.as_tensor(seen @ read.T)
