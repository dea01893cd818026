"""The encoder against transformers' own CLIP on converted weights, and its invariances."""

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig

from benchmarks.twin_encoders import as_transformers
from data.serialization import file_sha256
from evaluators.embeddings.cache import is_unit
from evaluators.embeddings.card import EncoderCard, Preprocess
from evaluators.embeddings.encoder import OpenClipEncoder
from evaluators.embeddings.tokens import ClipBpe

SIDE, WIDTH, LAYERS, CONTEXT = 32, 64, 2, 24
HEADS = WIDTH // 16
TEXTS = ("a photo of a cat", "two red circles left of a blue square", "fog over the harbour at dawn " * 12)


def tiny_config() -> dict:
    return {
        "embed_dim": 32,
        "vision_cfg": {"image_size": SIDE, "layers": LAYERS, "width": WIDTH, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": CONTEXT, "vocab_size": 49408, "width": WIDTH, "heads": HEADS, "layers": LAYERS},
    }


def seeded(quick_gelu: bool) -> open_clip.CLIP:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = open_clip.CLIP(**tiny_config(), quick_gelu=quick_gelu)
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()


def saved(folder: Path, quick_gelu: bool) -> OpenClipEncoder:
    """That model behind a card of its own."""
    weights = {name: value.contiguous() for name, value in seeded(quick_gelu).state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    config = {"model_cfg": tiny_config(), "preprocess_cfg": {}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    card = EncoderCard(
        name="seeded",
        architecture="local-dir",
        weights="open_clip_model.safetensors",
        sha256=file_sha256(folder / "open_clip_model.safetensors"),
        quick_gelu=quick_gelu,
        context_length=CONTEXT,
        licence="none",
        preprocess=Preprocess(size=SIDE, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25)),
    )
    return OpenClipEncoder(card, folder, device="cpu")


def converted(quick_gelu: bool) -> CLIPModel:
    """The same weights as transformers' CLIPModel."""
    shared = {
        "hidden_size": WIDTH,
        "intermediate_size": 4 * WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "hidden_act": "quick_gelu" if quick_gelu else "gelu",
    }
    text = CLIPTextConfig(vocab_size=49408, max_position_embeddings=CONTEXT, eos_token_id=49407, **shared)
    vision = CLIPVisionConfig(image_size=SIDE, patch_size=8, **shared)
    model = CLIPModel(CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=32))
    model.load_state_dict(
        as_transformers(seeded(quick_gelu).state_dict(), image_layers=LAYERS, text_layers=LAYERS), strict=False
    )
    return model.eval()


@pytest.mark.parametrize("quick_gelu", [True, False])
def test_cosines_are_those_of_transformers_on_converted_weights(lab, tmp_path, quick_gelu):
    pixels = [lab.noise(seed) for seed in range(5)]
    encoder, model = saved(tmp_path, quick_gelu), converted(quick_gelu)
    ids = torch.from_numpy(ClipBpe(CONTEXT)(TEXTS).ids)
    given = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2).float().div(255).sub(0.5).div(0.25)
    with torch.no_grad():
        outputs = model(input_ids=ids, pixel_values=given)
    expected = (outputs.image_embeds @ outputs.text_embeds.T).numpy()
    pictures = np.stack([each.vector for each in encoder.encode_images(pixels)])
    texts = np.stack([each.vector for each in encoder.encode_texts(TEXTS)])
    assert np.abs(pictures @ texts.T - expected).max() < 1e-5
    assert np.abs(expected).max() > 0.05


def test_the_wrong_gelu_moves_the_cosines(lab, tmp_path):
    pixels = [lab.noise(seed) for seed in range(5)]
    vectors = []
    for quick_gelu in (True, False):
        folder = tmp_path / str(quick_gelu)
        folder.mkdir()
        vectors.append(np.stack([each.vector for each in saved(folder, quick_gelu).encode_images(pixels)]))
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3


def test_a_vector_does_not_depend_on_its_batch(lab, tiny):
    pixels = [lab.noise(seed) for seed in range(40)]
    together = np.stack([each.vector for each in tiny.encode_images(pixels)])
    alone = np.stack([tiny.encode_images([each])[0].vector for each in pixels])
    assert np.abs(together - alone).max() < 3e-7


def test_vectors_are_fp32_and_of_length_one(lab, tiny):
    for each in (*tiny.encode_images([lab.noise(0)]), *tiny.encode_texts(["a red circle"])):
        assert each.vector.dtype == np.float32
        assert np.linalg.norm(each.vector.astype(float)) == pytest.approx(1, abs=1e-6)


def test_facts_tell_how_much_was_seen(lab, tiny):
    assert tiny.encode_images([lab.noise(0, 32, 64)])[0].facts == {"visible_fraction": 0.5}
    short, long = tiny.encode_texts(["a red circle", "a red circle " * 20])
    assert short.facts == {"tokens": 5, "unknown": 0, "truncated": False}
    assert long.facts == {"tokens": 62, "unknown": 0, "truncated": True}


@pytest.mark.parametrize("length", [CONTEXT, 77])
def test_a_text_that_is_cut_keeps_its_end_of_text(length):
    tokens = ClipBpe(length)(["cat " * 200, "cat"])
    assert tokens.counts == (202, 3)
    assert tokens.ids.shape == (2, length)
    assert tokens.ids[0, 0] == tokens.ids[1, 0] == 49406
    assert tokens.ids[0, -1] == tokens.ids[1, 2] == 49407
    assert (tokens.ids[1, 3:] == 0).all()


def test_a_text_is_read_up_to_its_cut_and_no_further(tiny):
    words = "a red circle above a blue square and a green cross below a cyan triangle "
    long, longer, other = tiny.encode_texts([words * 3, words * 4, "a cyan cross " + words * 3])
    assert np.array_equal(long.vector, longer.vector)
    assert not np.allclose(long.vector, other.vector, atol=1e-3)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_make_no_unit_vector(lab, tmp_path, number):
    encoder = saved(tmp_path, quick_gelu=True)
    encoder._model.visual.proj.data[:] = number
    (picture,) = encoder.encode_images([lab.noise(0)])
    assert not is_unit(picture.vector)
