"""The cache: what was put comes back, whatever happens to the file or beside it."""

import multiprocessing
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import HomeError
from data.vocabulary import Prompt
from evaluators.embeddings.cache import EmbeddingCache, frame_key, image_key, text_key
from evaluators.embeddings.embedder import NO_VECTOR, Embedder
from evaluators.embeddings.encoder import Embedding


def unit(seed: int, size: int = 16) -> Embedding:
    vector = np.random.default_rng(seed).normal(size=size)
    return Embedding((vector / np.linalg.norm(vector)).astype(np.float32), {"seed": seed})


@given(st.sets(st.integers(0, 10_000), max_size=30), st.integers(1, 300))
@settings(max_examples=15, deadline=None)
def test_what_was_put_comes_back_bit_for_bit(tmp_path_factory, seeds, size):
    cache = EmbeddingCache(tmp_path_factory.mktemp("cache"))
    cache.put("f", {str(seed): unit(seed, size) for seed in seeds})
    embeddings = cache.get("f", [*map(str, seeds), "absent"])
    assert embeddings.keys() == set(map(str, seeds))
    assert all(np.array_equal(embeddings[str(seed)].vector, unit(seed, size).vector) for seed in seeds)
    assert all(embeddings[str(seed)].facts == {"seed": seed} for seed in seeds)


def test_a_thousand_keys_are_read_at_once(tmp_path):
    cache = EmbeddingCache(tmp_path)
    cache.put("f", {str(seed): unit(seed) for seed in range(1200)})
    assert len(cache.get("f", map(str, range(1200)))) == 1200


def test_another_instrument_sees_nothing(tmp_path):
    cache = EmbeddingCache(tmp_path)
    cache.put("f", {"k": unit(0)})
    assert cache.get("g", ["k"]) == {}


def test_an_empty_cache_writes_no_file(tmp_path):
    cache = EmbeddingCache(tmp_path / "cache")
    assert cache.get("f", ["k"]) == {}
    cache.put("f", {})
    assert not cache.path.exists()


def test_keys_tell_pictures_from_prompts():
    assert image_key(b"a") != text_key("a")
    assert text_key("a") != text_key("b")


def test_a_damaged_vector_counts_as_absent(tmp_path):
    cache = EmbeddingCache(tmp_path)
    cache.put("f", {"good": unit(0), "bad": unit(1), "short": unit(2)})
    connection = sqlite3.connect(cache.path)
    with connection:
        connection.execute("UPDATE embeddings SET vector = zeroblob(64) WHERE key = 'bad'")
        connection.execute("UPDATE embeddings SET vector = x'010203' WHERE key = 'short'")
    connection.close()
    assert cache.get("f", ["good", "bad", "short"]).keys() == {"good"}


def test_a_file_that_is_no_database_is_begun_again(tmp_path):
    cache = EmbeddingCache(tmp_path)
    cache.path.write_bytes(b"not a database" * 1000)
    assert cache.get("f", ["k"]) == {}
    cache.put("f", {"k": unit(0)})
    assert cache.get("f", ["k"]).keys() == {"k"}


def test_a_file_damaged_in_the_middle_is_begun_again(tmp_path):
    cache = EmbeddingCache(tmp_path)
    cache.put("f", {str(seed): unit(seed, 512) for seed in range(200)})
    whole = cache.path.read_bytes()
    cache.path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert cache.get("f", ["7"]) == {}
    cache.put("f", {"7": unit(7, 512)})
    assert np.array_equal(cache.get("f", ["7"])["7"].vector, unit(7, 512).vector)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "cache").write_text("a file stands here")
    with pytest.raises(HomeError, match="Expected to write"):
        EmbeddingCache(tmp_path / "cache").put("f", {"k": unit(0)})


def put_many(folder: Path, first: int) -> None:
    for seed in range(first, first + 20):
        EmbeddingCache(folder).put("f", {str(seed): unit(seed)})


def test_several_processes_write_at_once(tmp_path):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=put_many, args=(tmp_path, first)) for first in (0, 10, 20)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(EmbeddingCache(tmp_path).get("f", map(str, range(40)))) == 40


def test_each_picture_and_each_distinct_prompt_is_encoded_once_ever(lab, tmp_path):
    encoder = lab.CountingEncoder()
    eval_inputs = [lab.eval_input(lab.encoded(lab.noise(seed % 3))) for seed in range(9)]
    for _ in range(2):
        embedder = Embedder(encoder, EmbeddingCache(tmp_path))
        vectors = [pair.picture for pair in embedder.pairs(eval_inputs)]
        embedder.texts(["a", "b", "a", "a"])
        assert np.array_equal(vectors[0].vector, vectors[3].vector)
    assert encoder.pictures == 3
    assert encoder.texts == [eval_inputs[0].prompt.text, "a", "b"]


def test_a_prompt_in_words_that_the_encoder_does_not_know_is_a_reason(lab, tmp_path):
    embedder = Embedder(lab.CountingEncoder(), EmbeddingCache(tmp_path))
    eval_input = lab.eval_input(lab.encoded(lab.noise(0)), Prompt(id="p", text="a red ferry", category="c"))
    [reason] = embedder.pairs([eval_input])
    assert "got one with 1 unknown of 3 tokens" in reason
    assert "--encoder" in reason


def test_what_does_not_decode_is_a_reason_and_never_kept(lab, tmp_path):
    encoder = lab.CountingEncoder()
    embedder = Embedder(encoder, EmbeddingCache(tmp_path))
    bad, good = embedder.pairs([lab.eval_input(b"<html>"), lab.eval_input(lab.encoded(lab.noise(0)))])
    assert "got HTML" in bad
    assert isinstance(good.picture, Embedding)
    assert encoder.pictures == 1


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 0.0])
def test_a_vector_that_is_none_is_a_reason_and_never_kept(lab, tmp_path, number):
    encoder = lab.CountingEncoder(broken=number)
    embedder = Embedder(encoder, EmbeddingCache(tmp_path))
    black = np.zeros((4, 4, 3), np.uint8)
    assert embedder.frames([black, lab.noise(0)])[0] == NO_VECTOR
    assert embedder.texts(["broken"]) == embedder.prompts(["broken"]) == [NO_VECTOR]
    assert isinstance(embedder.frames([lab.noise(0)])[0], Embedding)
    assert set(EmbeddingCache(tmp_path).get(encoder.fingerprint, [frame_key(black), text_key("broken")])) == set()
