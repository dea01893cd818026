"""Which encoder scores: the embedded one, or any that a card describes."""

import json
from pathlib import Path

from data.embedded import weight_files
from evaluators.embeddings.card import LOCAL_DIR, LOCAL_DIR_WEIGHTS, EncoderCard, Preprocess, read_card
from evaluators.embeddings.encoder import OpenClipEncoder


def chosen_encoder(card: Path | None = None) -> OpenClipEncoder:
    """The encoder of the card at that path, or the embedded one.

    Raises InputFileError for a card that does not say what it must, WeightsError when its files are not there.
    """
    if card is None:
        return embedded_encoder()
    return OpenClipEncoder(read_card(card), card.parent)


def embedded_encoder() -> OpenClipEncoder:
    """The CLIP that this project trained on its own world of shapes. Raises WeightsError when its files differ."""
    folder = weight_files.verified(weight_files.CLIP_FOLDER)
    card = weight_files.clip_card()
    return OpenClipEncoder(folder_card(card.name, folder, card.sha256, licence="Apache-2.0"), folder)


def folder_card(name: str, folder: Path, sha256: str, *, licence: str) -> EncoderCard:
    """The card of a folder in open_clip's `local-dir` form, its tokenizer beside the weights."""
    config = json.loads((folder / "open_clip_config.json").read_text(encoding="utf-8"))
    model, preprocess = config["model_cfg"], config["preprocess_cfg"]
    return EncoderCard(
        name=name,
        architecture=LOCAL_DIR,
        weights=LOCAL_DIR_WEIGHTS,
        sha256=sha256,
        quick_gelu=model["quick_gelu"],
        context_length=model["text_cfg"]["context_length"],
        tokenizer=".",
        licence=licence,
        preprocess=Preprocess(
            size=preprocess["size"],
            resize=preprocess["resize_mode"],
            interpolation=preprocess["interpolation"],
            mean=preprocess["mean"],
            std=preprocess["std"],
        ),
    )
