"""The CLIP score of frames: against the cosines of its own vectors, each frame encoded once."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from data.embedded.motion.world import Actor, MotionAction, MovingScene
from data.embedded.world import Thing
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import NO_VECTOR, Embedder
from evaluators.embeddings.encoder import Embedding
from evaluators.embeddings.encoders import embedded_encoder
from evaluators.video.clip_score import VideoClipScore, frame_text
from evaluators.video.temporal_consistency import TemporalConsistency


@dataclass
class GreyEncoder:
    """A frame's mean level is an angle, a text's direction is fixed: cosines can be told beforehand."""

    fingerprint: str = "e" * 64
    batches: list[int] = field(default_factory=list)

    def encode_images(self, pictures):
        self.batches.append(len(pictures))
        return [angle(float(picture.mean())) for picture in pictures]

    def encode_texts(self, texts):
        return [angle(0.0) for _ in texts]


def angle(degrees: float) -> Embedding:
    turn = np.radians(degrees)
    facts = {"tokens": 3, "unknown": 0, "truncated": False}
    return Embedding(np.array([np.cos(turn), np.sin(turn)], dtype=np.float32), facts)


def grey(levels: list[int]) -> np.ndarray:
    return np.stack([np.full((32, 32, 3), level, np.uint8) for level in levels])


def scored(item, lab, tmp_path) -> dict:
    embedder = Embedder(GreyEncoder(), EmbeddingCache(tmp_path))
    return VideoClipScore(embedder).evaluate([item], lab.context)[0]


def test_mean_least_and_slope_are_those_of_the_frames(film, lab, tmp_path) -> None:
    levels = [0, 10, 20, 60, 40, 50]
    results = scored(film(grey(levels)), lab, tmp_path)
    cosines = 100 * np.cos(np.radians(levels))
    assert results["video_clip_score"].value == pytest.approx(cosines.mean(), abs=1e-3)
    assert results["video_clip_score_least"].value == pytest.approx(50, abs=1e-3)
    assert results["video_clip_score_least"].detail == {"frame": 3}
    assert results["video_clip_score_slope"].value == pytest.approx(
        np.polyfit(np.arange(6) / 8, cosines, 1)[0], abs=1e-3
    )


def test_a_single_frame_has_no_slope(film, lab, tmp_path) -> None:
    results = scored(film(grey([30])), lab, tmp_path)
    assert results["video_clip_score"].value == pytest.approx(100 * np.cos(np.radians(30)), abs=1e-3)
    assert results["video_clip_score_slope"].reason == "It shows a single moment."


def test_each_frame_is_encoded_once_for_all_metrics_and_equal_frames_once(film, lab, tmp_path) -> None:
    encoder = GreyEncoder()
    embedder = Embedder(encoder, EmbeddingCache(tmp_path))
    batch = [film(grey([0, 10, 10, 20])), film(grey([20, 30]))]
    for evaluator in (VideoClipScore(embedder), TemporalConsistency(embedder)):
        evaluator.evaluate(batch, lab.context)
    assert encoder.batches == [4]


def test_a_suite_may_say_what_each_frame_shows(lab) -> None:
    thing = Thing("red", "circle")
    moving = MovingScene((Actor(thing, (MotionAction("left", "fast"),)),), "dark").expectation()
    turning = MovingScene((Actor(thing, (MotionAction("turn", to="blue"),)),)).expectation()
    text = "a red circle moves left fast"
    assert frame_text(lab.prompt(text, expectation=moving)) == "a red circle on a dark background"
    assert frame_text(lab.prompt(text, expectation=turning)) == text
    assert frame_text(lab.prompt(text)) == text


@pytest.fixture(scope="module")
def embedded(tmp_path_factory) -> VideoClipScore:
    return VideoClipScore(Embedder(embedded_encoder(), EmbeddingCache(tmp_path_factory.mktemp("cache"))))


def test_the_embedded_encoder_tells_a_clip_from_another_thing(film, drawn, lab, embedded) -> None:
    right, wrong = (lab.prompt("x", expectation={"each_frame": words}) for words in ("a red circle", "a blue square"))
    fits, fits_not = (
        embedded.evaluate([film(drawn(), prompt=prompt)], lab.context)[0]["video_clip_score"].value
        for prompt in (right, wrong)
    )
    assert fits > fits_not + 20


def test_words_that_the_encoder_does_not_know_are_a_reason(film, drawn, lab, embedded) -> None:
    results = embedded.evaluate([film(drawn(), prompt=lab.prompt("a ferry leaves"))], lab.context)[0]
    assert {result.value for result in results.values()} == {None}
    assert "Expected a prompt in words that the encoder knows" in results["video_clip_score"].reason


def test_a_frame_without_a_finite_vector_is_the_reason_of_its_clip_alone(film, lab, tmp_path) -> None:
    embedder = Embedder(lab.CountingEncoder(broken=np.nan), EmbeddingCache(tmp_path))
    items = [film(grey([0, 20, 40])), film(grey([10, 20, 40]))]
    for evaluator in (VideoClipScore(embedder), TemporalConsistency(embedder)):
        spoilt, whole = evaluator.evaluate(items, lab.context)
        assert {result.reason for result in spoilt.values()} == {NO_VECTOR}
        assert whole[evaluator.declaration.metrics[0].name].value is not None
