"""What an encoder is, declared as data in a TOML file beside its weights.

name = "openai-vit-b-32"
architecture = "ViT-B-32"             # a name that open_clip knows, or "local-dir": open_clip_config.json beside it
weights = "openai-vit-b-32.safetensors"
sha256 = "…"                          # of that file
quick_gelu = true                     # OpenAI's weights need it; a checkpoint does not say
context_length = 77
tokenizer = "clip-bpe"                # or a folder with a tokenizer.json ("." is the card's own)
licence = "MIT"
[preprocess]
size = 224
mean = [0.48145466, 0.4578275, 0.40821073]
std = [0.26862954, 0.26130258, 0.27577711]
"""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from data.errors import WeightsError
from data.formats.toml import Declared, read_toml, validated
from data.serialization import file_sha256
from data.vocabulary import Dtype

CLIP_BPE: Final = "clip-bpe"
LOCAL_DIR: Final = "local-dir"
LOCAL_DIR_WEIGHTS: Final = "open_clip_model.safetensors"
"""What open_clip itself takes from such a folder before anything else."""

Triple = Annotated[tuple[float, float, float], Field(strict=False)]


class Preprocess(Declared):
    """How a picture becomes the encoder's input.

    `shortest` scales the shorter side to `size` and crops the centre, `squash` scales both sides. `mean` and `std` are
    of channels in 0 to 1.
    """

    size: Annotated[int, Field(ge=8, le=4096)]
    resize: Literal["shortest", "squash"] = "shortest"
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    mean: Triple
    std: Triple


class EncoderCard(Declared):
    """One image and text encoder. `weights` and a tokenizer's folder are relative to the card's own folder."""

    name: Annotated[str, Field(min_length=1)]
    architecture: Annotated[str, Field(min_length=1)]
    weights: Annotated[str, Field(min_length=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    quick_gelu: bool
    context_length: Annotated[int, Field(ge=2, le=4096)]
    tokenizer: Annotated[str, Field(min_length=1)] = CLIP_BPE
    dtype: Dtype = "float32"
    licence: str
    preprocess: Preprocess


def read_card(path: Path) -> EncoderCard:
    """The card in the TOML file `path`. Raises InputFileError that names the file and the line or key at fault."""
    return validated(EncoderCard, read_toml(path), path)


def checked_weights(card: EncoderCard, folder: Path) -> Path:
    """The card's weights file, once its content is known to be the card's.

    Raises WeightsError for anything but an existing safetensors file with the card's sha256.
    """
    path = folder / card.weights
    if path.suffix != ".safetensors" or (card.architecture == LOCAL_DIR and card.weights != LOCAL_DIR_WEIGHTS):
        wanted = LOCAL_DIR_WEIGHTS if card.architecture == LOCAL_DIR else "a safetensors file"
        raise WeightsError(
            f"Expected {wanted} as the weights of {card.name!r}, got {card.weights!r}. "
            "Convert or rename them, then put name and sha256 into the card."
        )
    if not path.is_file():
        raise WeightsError(f"Expected the weights of {card.name!r} at {path}, got no file. Put them there.")
    sha256 = file_sha256(path)
    if sha256 != card.sha256:
        raise WeightsError(
            f"Expected {path} to have the sha256 {card.sha256} of the card {card.name!r}, got {sha256}. "
            "Restore the published file, or write a card for this checkpoint."
        )
    return path
