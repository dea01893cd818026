"""Both sides of the benchmark of scoring give the same numbers, and its watch sees memory that is held."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.plain_video_metrics import plain
from benchmarks.video_memory import watched_memory
from benchmarks.video_scoring import every_evaluator, files, ours
from data.video.reader import VideoReader
from evaluators.embeddings.encoders import embedded_encoder
from evaluators.video.frames import READ_LIMITS


def test_the_plain_way_and_the_project_give_the_same_numbers(tmp_path: Path) -> None:
    encoder, clips = embedded_encoder(), files(2, 1)
    with VideoReader(READ_LIMITS) as reader:
        fast = ours(every_evaluator(encoder, tmp_path), reader, clips)
    for slow, quick in zip(plain(encoder, clips), fast, strict=True):
        assert {name: quick[name] for name in slow} == pytest.approx(slow, abs=1e-4)


def test_memory_that_is_held_for_a_moment_is_seen() -> None:
    with watched_memory() as peak:
        held = np.ones(2**26, dtype=np.uint8)
        while peak["scoring"] < peak["before"] + 2**25:
            held.sum()
        del held
    assert peak["together"] >= peak["scoring"] >= peak["before"] + 2**25
