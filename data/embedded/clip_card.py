"""The facts about the embedded CLIP that an instrument's fingerprint needs, read from its files without torch."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from safetensors import safe_open

CONFIG_FILE: Final = "open_clip_config.json"
WEIGHTS_FILE: Final = "open_clip_model.safetensors"


@dataclass(frozen=True, slots=True)
class ClipCard:
    """What the model is; `sha256` is that of the weights file, `mean` and `std` are of RGB in 0 to 1."""

    name: str
    architecture: str
    image_size: int
    interpolation: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    context_length: int
    embed_dim: int
    quick_gelu: bool
    parameters: int
    sha256: str


def read_card(folder: Path, sha256: str) -> ClipCard:
    """The card of the CLIP in a folder; `sha256` is what a check found for its weights file."""
    config: dict[str, Any] = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    model, preprocess = config["model_cfg"], config["preprocess_cfg"]
    vision = model["vision_cfg"]
    return ClipCard(
        name="halflife-shapes-clip",
        architecture=f"open_clip.CLIP, ViT of {vision['layers']} layers, width {vision['width']}, "
        f"patch {vision['patch_size']}",
        image_size=int(preprocess["size"]),
        interpolation=str(preprocess["interpolation"]),
        mean=_three(preprocess["mean"]),
        std=_three(preprocess["std"]),
        context_length=int(model["text_cfg"]["context_length"]),
        embed_dim=int(model["embed_dim"]),
        quick_gelu=bool(model["quick_gelu"]),
        parameters=_parameters(folder / WEIGHTS_FILE),
        sha256=sha256,
    )


def _three(values: list[float]) -> tuple[float, float, float]:
    red, green, blue = values
    return red, green, blue


def _parameters(weights: Path) -> int:
    with safe_open(weights, framework="np") as file:
        names = file.keys()
        return sum(math.prod(file.get_slice(name).get_shape()) for name in names)
