"""The CLIP heads: definition, bounds, details, and that they read one cache."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.multimodal.clip_score import CLIPScore

from evaluators.clip_score import ClipScore, score
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import NO_VECTOR, Embedder
from evaluators.eval_input import RunContext
from evaluators.r_precision import RPrecision, rank


def unit(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=8)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_the_score_is_bounded_symmetric_and_not_clamped(first, second):
    value = score(unit(first), unit(second))
    assert -100.001 <= value <= 100.001
    assert value == score(unit(second), unit(first))
    assert score(-unit(first), unit(second)) == -value
    assert score(unit(first), unit(first)) == pytest.approx(100, abs=1e-4)


class InTheirForm:
    """Our encoder as the (model, processor) that torchmetrics asks for."""

    config = None

    def __init__(self, encoder) -> None:
        self.encoder = encoder

    def to(self, device):
        return self

    def processor(self, images=None, text=None, **_):
        if images is not None:
            return {"pixel_values": torch.stack(images)}
        return {"input_ids": Texts(text), "attention_mask": torch.ones(1)}

    def get_image_features(self, pixels):
        pictures = [each.permute(1, 2, 0).numpy() for each in pixels]
        return torch.from_numpy(np.stack([each.vector for each in self.encoder.encode_images(pictures)]))

    def get_text_features(self, texts, mask):
        return torch.from_numpy(np.stack([each.vector for each in self.encoder.encode_texts(texts)]))


class Texts(list):
    def to(self, device):
        return self


def test_scores_are_those_of_torchmetrics_on_the_same_encoder(lab, tiny, tmp_path):
    _, clip, _ = heads(lab, tmp_path, tiny)
    theirs = InTheirForm(tiny)
    for seed, text in enumerate(("a red circle", "a blue square and a green cross")):
        pixels = lab.noise(seed)
        value = CLIPScore(lambda: (theirs, theirs.processor))(torch.from_numpy(pixels.copy()).permute(2, 0, 1), text)
        result = clip.evaluate([lab.eval_input(lab.encoded(pixels), lab.prompt(text))], lab.context)[0]["clip_score"]
        assert max(result.value, 0) == pytest.approx(float(value), abs=1e-4)


def heads(lab, tmp_path, encoder=None):
    embedder = Embedder(encoder or lab.CountingEncoder(), EmbeddingCache(tmp_path))
    return embedder, ClipScore(embedder), RPrecision(embedder)


def test_the_detail_says_how_much_of_prompt_and_picture_was_seen(lab, tiny, tmp_path):
    _, clip, _ = heads(lab, tmp_path, tiny)
    eval_input = lab.eval_input(lab.encoded(lab.noise(0, 32, 64)), lab.prompt("a red circle " * 20, id="p0"))
    result = clip.evaluate([eval_input], lab.context)[0]["clip_score"]
    assert result.detail == {"tokens": 62, "unknown": 0, "truncated": True, "visible_fraction": 0.5}
    assert -100 <= result.value <= 100


def test_a_second_head_and_a_second_scoring_encode_nothing(lab, tmp_path):
    prompts = (lab.prompt("a red circle"), lab.prompt("a blue square above a cross"))
    eval_inputs = [lab.eval_input(lab.encoded(lab.noise(seed)), prompts[seed % 2]) for seed in range(6)]
    context = RunContext(prompts, ())
    embedder, clip, precision = heads(lab, tmp_path)
    first = clip.evaluate(eval_inputs, context)
    assert (embedder.encoder.pictures, len(embedder.encoder.texts)) == (6, 2)
    precision.evaluate(eval_inputs, context)
    again, second, _ = heads(lab, tmp_path)
    assert list(second.evaluate(eval_inputs, context)) == list(first)
    assert (embedder.encoder.pictures, len(embedder.encoder.texts)) == (6, 2)
    assert (again.encoder.pictures, again.encoder.texts) == (0, [])


def test_a_file_that_does_not_decode_has_a_reason_beside_scored_ones(lab, tmp_path):
    _, clip, precision = heads(lab, tmp_path)
    prompt = lab.prompt()
    eval_inputs = [lab.eval_input(b"GIF89a", prompt), lab.eval_input(lab.encoded(lab.noise(0)), prompt)]
    for head, name in ((clip, "clip_score"), (precision, "r_precision")):
        bad, good = head.evaluate(eval_inputs, RunContext((prompt,), ()))
        assert bad[name].value is None
        assert "damaged" in bad[name].reason
        assert good[name].value is not None


@given(st.integers(0, 2**32 - 1), st.integers(2, 20))
@settings(max_examples=30, deadline=None)
def test_the_rank_is_the_place_in_the_order_of_cosines(seed, count):
    texts = np.stack([unit(seed + index) for index in range(count)])
    picture = unit(seed + 999)
    order = np.argsort(-(texts @ picture), kind="stable").tolist()
    assert [rank(picture, texts, own) for own in order] == list(range(1, count + 1))


def test_the_own_prompt_is_ranked_among_the_suites_distinct_texts(lab, tmp_path):
    prompts = tuple(lab.prompt(text, id=f"p{i}") for i, text in enumerate(["a", "a", "a longer text"]))
    _, _, precision = heads(lab, tmp_path)
    eval_inputs = [lab.eval_input(lab.encoded(np.full((32, 32, 3), 200, np.uint8)), prompt) for prompt in prompts]
    result = [each["r_precision"] for each in precision.evaluate(eval_inputs, RunContext(prompts, ()))]
    assert {each.detail["among"] for each in result} == {2}
    assert sorted({each.detail["rank"] for each in result}) == [1, 2]
    assert all(each.value == float(each.detail["rank"] == 1) for each in result)


def test_ranks_among_other_texts_are_another_instrument(lab, tmp_path):
    embedder, clip, precision = heads(lab, tmp_path)
    first, second = RunContext((lab.prompt("a"),), ()), RunContext((lab.prompt("b"),), ())
    assert precision.fingerprint(first) != precision.fingerprint(second)
    assert clip.fingerprint(first) == clip.fingerprint(second) == embedder.fingerprint


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 0.0])
def test_what_is_not_finite_becomes_neither_a_score_nor_a_rank(lab, tmp_path, number):
    embedder = Embedder(lab.CountingEncoder(broken=number), EmbeddingCache(tmp_path))
    clip, precision = ClipScore(embedder), RPrecision(embedder)
    good, bad = lab.prompt("a red circle"), lab.prompt("broken")
    black = lab.eval_input(lab.encoded(np.zeros((32, 32, 3), np.uint8)), good)
    sound = lab.eval_input(lab.encoded(lab.noise(0)), good)
    for head, name in ((clip, "clip_score"), (precision, "r_precision")):
        first, second = head.evaluate([black, sound], RunContext((good,), ()))
        assert (first[name].value, first[name].reason) == (None, NO_VECTOR)
        assert second[name].value is not None
    among_broken = precision.evaluate([sound], RunContext((good, bad), ()))[0]["r_precision"]
    assert among_broken.reason == "The encoder made vectors of 1 of the suite's 2 prompts only."
    assert clip.evaluate([lab.eval_input(sound.data, bad)], RunContext((good, bad), ()))[0]["clip_score"].value is None
