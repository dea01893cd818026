"""Scoring a run of videos: each decoded once, a reason for what cannot be read, and the many go on."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest

from data.video import encode
from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import Embedder
from evaluators.registry import EVALUATORS
from evaluators.scoring import score
from evaluators.video.clip_score import VideoClipScore
from evaluators.video.delivery_loss import DeliveryLoss
from evaluators.video.frames import READ_LIMITS
from evaluators.video.integrity import VideoIntegrity
from evaluators.video.motion import Motion
from evaluators.video.motion_check import MotionCheck
from evaluators.video.temporal_consistency import TemporalConsistency


def noise(seed: int) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).integers(0, 256, (5, 32, 32, 3)).astype(np.uint8))


def clip(lab, seed: int):
    master, delivery = (write(noise(seed), frames_per_second=8) for write in (encode.master, encode.delivery))
    return lab.Shot(lab.prompt(f"prompt {seed}"), master, delivery=delivery)


@pytest.fixture
def evaluators(lab, tmp_path):
    embedder = Embedder(lab.CountingEncoder(), EmbeddingCache(tmp_path / "cache"))
    return [
        VideoIntegrity(),
        MotionCheck(),
        VideoClipScore(embedder),
        Motion(),
        TemporalConsistency(embedder),
        DeliveryLoss(embedder),
    ]


def scored(studio, lab, run, evaluators):
    return score(run, studio.media, studio.home.cache, evaluators=evaluators, progress=lab.CountingProgress())


def test_every_video_gets_every_metric_of_videos_or_a_reason(studio, lab, evaluators) -> None:
    run = studio.run([clip(lab, seed) for seed in range(3)], "text-to-video")
    scored(studio, lab, run, evaluators)
    scores = list(run.scores().values())
    video = [entry.declaration for entry in EVALUATORS.values() if "video" in entry.declaration.modalities]
    names = [metric.name for declaration in video for metric in declaration.metrics]
    assert Counter(each.metric for each in scores) == dict.fromkeys(names, 3)
    assert {each.evaluator for each in scores} == {each.declaration.name for each in evaluators}
    values = {each.metric: each.value for each in scores if each.sample == "s0"}
    assert values["delivery_loss_clip"] is not None
    assert values["motion_correct"] is None
    assert scored(studio, lab, run, evaluators).scored == 0


def test_hostile_videos_are_reasons_and_the_run_goes_on(studio, lab, evaluators) -> None:
    good = clip(lab, 0).data
    files = {
        "cut": good[: len(good) // 2],
        "page": b"<html></html>",
        "picture": lab.encoded(lab.noise(0)),
        "good": good,
    }
    shots = [lab.Shot(lab.prompt(name), data) for name, data in files.items()]
    run = studio.run(shots, "text-to-video")
    scored(studio, lab, run, evaluators)
    scores = {(each.sample, each.metric): each for each in run.scores().values()}
    assert "The video is damaged" in scores["s0", "dynamic_degree"].reason
    assert "got bytes that begin with 3c 68 74 6d" in scores["s1", "video_clip_score"].reason
    assert "Expected an MP4, WebM or Matroska file" in scores["s2", "temporal_consistency"].reason
    assert [scores[f"s{index}", "video_ok"].value for index in range(3)] == [0, 0, 0]
    assert scores["s3", "dynamic_degree"].value > 0
    assert scores["s3", "delivery_loss_clip"].reason == "Its master is what was delivered."


def test_a_delivery_file_that_was_exchanged_is_not_compared(studio, lab, evaluators) -> None:
    run = studio.run([clip(lab, 0)], "text-to-video")
    path = studio.media.path(run.samples()["s0"].delivery)
    path.write_bytes(clip(lab, 1).delivery)
    scored(studio, lab, run, evaluators)
    reasons = {each.metric: each.reason for each in run.scores().values()}
    assert "or holds another" in reasons["delivery_loss_clip"]
    assert reasons["dynamic_degree"] is None


@dataclass
class Watching:
    """An evaluator that keeps the clip that it was shown."""

    inner: Motion = field(default_factory=Motion)
    seen: list[int] = field(default_factory=list)

    @property
    def declaration(self):
        return self.inner.declaration

    def fingerprint(self, context) -> str:
        return self.inner.fingerprint(context)

    def evaluate(self, batch, context):
        self.seen += [id(item.clip) for item in batch]
        return self.inner.evaluate(batch, context)


def test_a_video_is_decoded_once_for_all_evaluators(studio, lab) -> None:
    run = studio.run([clip(lab, seed) for seed in range(2)], "text-to-video")
    first, second = Watching(), Watching()
    scored(studio, lab, run, [first, second])
    assert first.seen == second.seen
    assert len(set(first.seen)) == 2


def test_frames_over_512_pixels_are_made_smaller(studio, lab, evaluators) -> None:
    wide = list(np.zeros((3, 64, 1024, 3), np.uint8))
    run = studio.run([lab.Shot(lab.prompt(), encode.master(wide, frames_per_second=8))], "text-to-video")
    scored(studio, lab, run, evaluators[:1])
    detail = next(each.detail for each in run.scores().values() if each.metric == "video_ok")
    assert READ_LIMITS.side == 512
    assert (detail["size"], detail["decoding"]) == ([1024, 64], ["made smaller to 512 × 32"])
