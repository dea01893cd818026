"""The encoder that scores by default, and one that a card describes."""

import random
import shutil

import numpy as np

from data.embedded.drawing import draw, layout, to_uint8
from data.embedded.world import captions, single_scenes
from data.suites import load_suite
from evaluators.embeddings.encoders import chosen_encoder

CARD = """
name = "tiny"
architecture = "local-dir"
weights = "open_clip_model.safetensors"
sha256 = "{sha256}"
quick_gelu = false
context_length = 24
tokenizer = "."
licence = "none"
[preprocess]
size = 32
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]
"""


def test_the_embedded_encoder_prefers_the_true_caption():
    encoder = chosen_encoder()
    rng = random.Random(5)
    scenes = rng.sample(single_scenes(unseen=False), 24)
    pixels = to_uint8(draw([layout(scene, rng) for scene in scenes])).numpy()
    pictures = np.stack([each.vector for each in encoder.encode_images(list(pixels))])
    texts = np.stack([each.vector for each in encoder.encode_texts([captions(scene)[0] for scene in scenes])])
    cosines = pictures @ texts.T
    own = np.diag(cosines)
    assert own.mean() > cosines[~np.eye(24, dtype=bool)].mean() + 0.2


def test_a_card_in_toml_gives_the_same_instrument(tiny, tiny_folder, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(tiny_folder, folder)
    (folder / "card.toml").write_text(CARD.format(sha256=tiny.card.sha256))
    encoder = chosen_encoder(folder / "card.toml")
    assert encoder.fingerprint == tiny.fingerprint
    assert np.array_equal(encoder.encode_texts(["a"])[0].vector, tiny.encode_texts(["a"])[0].vector)


def test_the_embedded_encoder_knows_every_word_of_the_suite_of_shapes_and_few_others():
    encoder = chosen_encoder()
    ours = encoder.encode_texts([prompt.text for prompt in load_suite("shapes").prompts])
    assert {each.facts["unknown"] for each in ours} == {0}
    others = encoder.encode_texts([prompt.text for prompt in load_suite("core-image").prompts])
    assert all(each.facts["unknown"] > 0 for each in others)
