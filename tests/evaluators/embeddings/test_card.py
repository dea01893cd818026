"""Cards: strict, and no checkpoint without one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from data.errors import InputFileError, UnknownNameError, WeightsError
from data.serialization import file_sha256
from evaluators.embeddings.card import Preprocess, checked_weights, read_card
from evaluators.embeddings.encoder import OpenClipEncoder, load_open_clip
from evaluators.embeddings.encoders import chosen_encoder

HALF = (0.5, 0.5, 0.5)
CARD = """
name = "mine"
architecture = "ViT-B-32"
weights = "mine.safetensors"
sha256 = "{sha256}"
quick_gelu = true
context_length = 77
licence = "MIT"
[preprocess]
size = 224
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]
"""


def written(folder: Path, text: str = CARD, sha256: str | None = None) -> Path:
    save_file({"x": np.zeros(3, np.float32)}, folder / "mine.safetensors")
    path = folder / "card.toml"
    path.write_text(text.format(sha256=sha256 or file_sha256(folder / "mine.safetensors")))
    return path


def test_a_card_says_all_that_moves_a_vector(tmp_path):
    card = read_card(written(tmp_path))
    assert card.quick_gelu is True
    assert card.preprocess.resize == "shortest"
    assert checked_weights(card, tmp_path) == tmp_path / "mine.safetensors"


def test_a_card_without_quick_gelu_is_refused(tmp_path):
    with pytest.raises(InputFileError, match=r"key 'quick_gelu': Expected a value, got none"):
        read_card(written(tmp_path, CARD.replace("quick_gelu = true", "")))


def test_an_unknown_key_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputFileError, match="Did you mean 'quick_gelu'"):
        read_card(written(tmp_path, CARD.replace("quick_gelu", "quickgelu")))


def test_weights_that_are_not_the_cards_are_refused(tmp_path):
    card = read_card(written(tmp_path, sha256="0" * 64))
    with pytest.raises(WeightsError, match="to have the sha256 0000"):
        checked_weights(card, tmp_path)


def test_weights_that_are_no_safetensors_are_refused(tmp_path):
    card = read_card(written(tmp_path, CARD.replace("mine.safetensors", "mine.bin")))
    with pytest.raises(WeightsError, match="Expected a safetensors file"):
        checked_weights(card, tmp_path)


def test_missing_weights_are_named(tmp_path):
    card = read_card(written(tmp_path, CARD.replace("mine.safetensors", "other.safetensors")))
    with pytest.raises(WeightsError, match=r"other\.safetensors, got no file"):
        checked_weights(card, tmp_path)


@pytest.mark.parametrize("change", [{"layers": 9}, {"width": 32, "head_width": 16}])
def test_weights_of_another_architecture_are_refused(tiny, tiny_folder, tmp_path, change):
    folder = tmp_path / "other"
    shutil.copytree(tiny_folder, folder)
    config = json.loads((folder / "open_clip_config.json").read_text())
    config["model_cfg"]["vision_cfg"] |= change
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(WeightsError, match="Expected weights of 'local-dir'"):
        load_open_clip(tiny.card, folder)


@pytest.mark.parametrize("change", [{"context_length": 20}, {"preprocess": Preprocess(size=64, mean=HALF, std=HALF)}])
def test_a_card_that_does_not_fit_its_architecture_is_refused(tiny, tiny_folder, change):
    with pytest.raises(WeightsError, match="to say context_length 24 and size 32"):
        load_open_clip(tiny.card.model_copy(update=change), tiny_folder)


def test_an_unknown_architecture_is_answered_with_the_nearest(tmp_path):
    card = read_card(written(tmp_path, CARD.replace("ViT-B-32", "ViT-B-33")))
    with pytest.raises(UnknownNameError, match="Did you mean 'ViT-B-32'"):
        load_open_clip(card, tmp_path)


def test_a_card_without_its_tokenizer_is_refused(tmp_path):
    path = written(tmp_path, CARD.replace('licence = "MIT"', 'licence = "MIT"\ntokenizer = "words"'))
    with pytest.raises(WeightsError, match=r"Expected the tokenizer of 'mine' at .*tokenizer\.json"):
        chosen_encoder(path)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "another"},
        {"sha256": "1" * 64},
        {"quick_gelu": True},
        {"dtype": "bfloat16"},
        {"context_length": 20},
        {"preprocess": Preprocess(size=64, mean=HALF, std=HALF)},
        {"preprocess": Preprocess(size=32, resize="squash", mean=HALF, std=HALF)},
        {"preprocess": Preprocess(size=32, mean=(0.5, 0.5, 0.4), std=(0.5, 0.5, 0.5))},
    ],
)
def test_whatever_moves_a_vector_moves_the_fingerprint(tiny, tiny_folder, change):
    other = OpenClipEncoder(tiny.card.model_copy(update=change), tiny_folder)
    assert other.fingerprint != tiny.fingerprint


def test_the_fingerprint_needs_no_weights_and_does_not_name_a_path(tiny, tmp_path, tiny_folder):
    (tmp_path / "tokenizer.json").write_bytes((tiny_folder / "tokenizer.json").read_bytes())
    assert OpenClipEncoder(tiny.card, tmp_path).fingerprint == tiny.fingerprint


def test_another_vocabulary_is_another_fingerprint(tiny, tmp_path, tiny_folder):
    text = (tiny_folder / "tokenizer.json").read_text()
    (tmp_path / "tokenizer.json").write_text(text.replace("circle", "circus"))
    assert OpenClipEncoder(tiny.card, tmp_path).fingerprint != tiny.fingerprint
