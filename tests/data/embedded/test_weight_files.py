"""The committed weights: whole, checked, and as good as their card says, on a handful."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from data.embedded.clip_card import WEIGHTS_FILE
from data.embedded.contenders import CONTENDERS
from data.embedded.training.measure import accuracy
from data.embedded.training.retrieval import first_among
from data.embedded.weight_files import (
    CLIP_FOLDER,
    WEIGHTS,
    clip_card,
    load_clip,
    load_pipeline,
    manifest,
    verified,
    write_manifest,
)
from data.errors import WeightsError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(WEIGHTS / "nano", tmp_path / "nano")
    write_manifest(tmp_path)
    return tmp_path


def test_every_contender_s_weights_are_as_published() -> None:
    for folder in {contender.folder for contender in CONTENDERS} | {CLIP_FOLDER}:
        assert verified(folder) == WEIGHTS / folder


def test_all_weights_together_are_under_twenty_megabytes() -> None:
    assert sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()) < 20_000_000


def test_weights_are_safetensors_and_json_only() -> None:
    assert {Path(name).suffix for name in manifest()} == {".safetensors", ".json"}


def test_a_changed_byte_is_refused(root: Path) -> None:
    path = root / "nano" / "unet" / "diffusion_pytorch_model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"Expected nano/unet/.* with sha256 [0-9a-f]{64}, got [0-9a-f]{64}"):
        load_pipeline("nano", root=root)


def test_a_missing_file_is_refused(root: Path) -> None:
    (root / "nano" / "unet" / "config.json").unlink()
    with pytest.raises(WeightsError, match="got no file"):
        verified("nano", root)


def test_weights_that_are_not_safetensors_are_refused(root: Path) -> None:
    (root / "nano" / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
    write_manifest(root)
    with pytest.raises(WeightsError, match=r"Expected weights as safetensors, got nano/unet/.*\.bin"):
        verified("nano", root)


def test_a_file_that_the_manifest_does_not_name_is_refused(root: Path) -> None:
    (root / "nano" / "extra.json").write_text("{}")
    with pytest.raises(WeightsError, match=r"Expected only files of the manifest, got nano/extra\.json"):
        verified("nano", root)


@pytest.mark.parametrize("folder", ["giant", "../nano", ""])
def test_an_unknown_folder_is_refused(root: Path, folder: str) -> None:
    with pytest.raises(WeightsError, match="Expected a weight folder out of nano"):
        verified(folder, root)


def test_no_manifest_is_a_weights_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="Expected a manifest of weights"):
        verified("nano", tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"files": 3}))
    with pytest.raises(WeightsError, match="Expected a manifest of weights"):
        verified("nano", tmp_path)


def test_committed_half_precision_weights_compute_in_fp32() -> None:
    pipeline = load_pipeline("nano")
    assert {weight.dtype for weight in pipeline.unet.parameters()} == {torch.float32}
    assert {weight.dtype for weight in pipeline.text_encoder.parameters()} == {torch.float32}


def test_the_hero_draws_held_out_things_right() -> None:
    hero = CONTENDERS[-1]
    pipeline = load_pipeline(hero.folder)
    assert accuracy(pipeline, hero, "single", 6).correct >= 5 / 6
    assert accuracy(pipeline, hero, "pair", 12).correct >= 10 / 12


def test_the_clip_finds_the_true_caption_among_32() -> None:
    clip = load_clip()
    assert first_among(clip.model, clip.tokenizer, n=40, hard=False, seed=9) >= 0.85


def test_the_clip_s_card_states_its_file_s_digest() -> None:
    card = clip_card()
    assert card.sha256 == manifest()[f"{CLIP_FOLDER}/{WEIGHTS_FILE}"]
    assert (card.quick_gelu, card.image_size, card.context_length) == (False, 32, 24)
    assert card == load_clip().card


def test_the_clip_s_tokenizer_cuts_long_texts() -> None:
    clip = load_clip()
    ids = clip.tokenizer(["a red circle", "a red circle " * 20])
    assert ids.shape == (2, 24)
    end = ids[0, 4]
    assert ids[1, -1] == end
