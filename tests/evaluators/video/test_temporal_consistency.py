"""Consistency over time: the curve of its vectors, and never a metric that stands alone."""

import numpy as np
import pytest

from evaluators.embeddings.cache import EmbeddingCache
from evaluators.embeddings.embedder import Embedder
from evaluators.registry import metrics
from evaluators.video.temporal_consistency import DECLARATION, TemporalConsistency


def levels(*greys: int) -> np.ndarray:
    return np.stack([np.full((32, 32, 3), level, np.uint8) for level in greys])


def evaluated(item, lab, tmp_path) -> dict:
    return TemporalConsistency(Embedder(lab.CountingEncoder(), EmbeddingCache(tmp_path))).evaluate([item], lab.context)[
        0
    ]


def test_drift_lowers_far_frames_more_than_near_ones(film, lab, tmp_path) -> None:
    results = evaluated(film(levels(0, 1, 2, 3, 4, 5)), lab, tmp_path)
    curve = results["temporal_consistency"].detail["curve"]
    assert curve == sorted(curve, reverse=True)
    assert results["neighbour_consistency"].value == pytest.approx(curve[0], abs=1e-5)
    assert results["temporal_consistency"].value == pytest.approx(np.mean(curve), abs=1e-5)
    assert results["temporal_consistency"].detail["step_seconds"] == 0.125


def test_a_still_clip_wins_and_does_not_decay(film, lab, tmp_path) -> None:
    results = evaluated(film(levels(5, 5, 5, 5)), lab, tmp_path)
    assert results["temporal_consistency"].value == pytest.approx(1)
    assert results["consistency_half_decay"].reason == "Its frames do not differ."


def test_one_frame_has_no_consistency(film, lab, tmp_path) -> None:
    assert {each.reason for each in evaluated(film(levels(5)), lab, tmp_path).values()} == {"It shows a single moment."}


def test_it_is_declared_to_stand_beside_motion_and_not_to_rank() -> None:
    assert {metric.beside for metric in DECLARATION.metrics} == {"dynamic_degree"}
    assert {metric.kind for metric in DECLARATION.metrics} == {"sensor"}
    assert metrics()["dynamic_degree"].neutral
