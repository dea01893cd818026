"""Delivery loss: a real delivery file, brought back to the master's size and compared with it."""

from dataclasses import replace

import numpy as np
import pytest

from data.embedded.motion.world import Actor, MotionAction, MovingScene
from data.embedded.world import Thing
from data.video import encode
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoders import embedded_encoder
from evaluators.video.delivery_loss import MISSING, NO_DELIVERY, DeliveryLoss, brought_back

SCENE = MovingScene((Actor(Thing("red", "circle"), (MotionAction("right"),)),))
SENT = {"delivery": "0" * 64}


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory) -> DeliveryLoss:
    return DeliveryLoss(Embedder(embedded_encoder(), EmbeddingCache(tmp_path_factory.mktemp("cache"))))


def losses(evaluator, item, lab) -> dict:
    return evaluator.evaluate([item], lab.context)[0]


@pytest.mark.parametrize(("height", "width"), [(32, 32), (33, 47), (300, 270)])
def test_a_delivery_comes_back_in_the_masters_size_and_nearly_its_pixels(reader, height, width) -> None:
    x, y = np.meshgrid(np.linspace(0, 200, width), np.linspace(0, 200, height))
    frames = np.stack([np.stack([x, y, x * 0 + 60], axis=2).astype(np.uint8)] * 3)
    delivered = reader.read(encode.delivery(list(frames), frames_per_second=8))
    back = brought_back(delivered.frames, width, height)
    assert back.shape == frames.shape
    assert np.abs(back.astype(int) - frames).mean() < 3


def test_an_honest_delivery_loses_little(film, drawn, lab, evaluator) -> None:
    prompt = lab.prompt(expectation=SCENE.expectation())
    results = losses(evaluator, film(drawn(SCENE), prompt=prompt, delivered=True, **SENT), lab)
    assert results["delivery_loss_check"].value == 0
    assert abs(results["delivery_loss_clip"].value) < 2


def test_a_delivery_that_shows_something_else_loses_all(film, drawn, lab, evaluator) -> None:
    item = film(drawn(SCENE), prompt=lab.prompt(expectation=SCENE.expectation()), **SENT)
    spoilt = encode.delivery(list(np.zeros_like(drawn(SCENE))), frames_per_second=8)
    results = losses(evaluator, replace(item, delivery=spoilt), lab)
    assert results["delivery_loss_check"].value == 1
    assert results["delivery_loss_clip"].value > 10


def test_what_cannot_be_compared_says_why(film, drawn, lab, evaluator) -> None:
    prompt = lab.prompt(expectation=SCENE.expectation())
    alone, lost = film(drawn(SCENE), prompt=prompt), film(drawn(SCENE), prompt=prompt, **SENT)
    short = replace(lost, delivery=encode.delivery(list(drawn(SCENE)[:9]), frames_per_second=8))
    broken = replace(lost, delivery=b"<html>")
    reasons = [losses(evaluator, item, lab)["delivery_loss_check"].reason for item in (alone, lost, short, broken)]
    assert reasons[:3] == [NO_DELIVERY, MISSING, "It has 16 frames, and 9 as delivered."]
    assert reasons[3].startswith("The delivered file cannot be read: Expected an MP4")
