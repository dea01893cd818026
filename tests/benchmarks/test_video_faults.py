"""The table of faults: each fault is what it says, and the statistics are those of their definitions."""

import numpy as np
import pytest

from benchmarks.planted_faults import FAULTS, FRAMES, drawn_clips
from benchmarks.video_fault_tables import Agreement, Sensitivity, auc, bootstrap, document, video_metrics
from data.embedded.motion.check import verdict
from data.embedded.motion.tracks import read

CLIP = drawn_clips(3, seed=4)[0]


def planted(name: str):
    return FAULTS[name](CLIP, np.random.default_rng(1))


def test_the_clean_clip_is_entirely_right() -> None:
    assert verdict(CLIP.scene.expectation(), read(CLIP.frames)).correct


@pytest.mark.parametrize(
    ("fault", "frames", "different"),
    [("frozen", 16, 1), ("shuffled", 16, 16), ("frames dropped", 11, 11), ("frames held", 16, 11), ("black", 16, 1)],
)
def test_a_fault_shows_as_many_different_frames_as_it_says(fault: str, frames: int, different: int) -> None:
    shown = planted(fault).frames
    assert (len(shown), len({frame.tobytes() for frame in shown})) == (frames, different)


@pytest.mark.parametrize(("fault", "strength"), [("flicker 2 %", 0.02), ("flicker 6 %", 0.06)])
def test_a_flicker_has_the_strength_that_it_says_where_no_level_is_clipped_or_small(
    fault: str, strength: float
) -> None:
    middle = (CLIP.frames > 60) & (CLIP.frames < 235)
    clean, faulty = (np.where(middle, frames, 0).sum(axis=(1, 2, 3)) for frames in (CLIP.frames, planted(fault).frames))
    assert faulty / clean - 1 == pytest.approx(strength * (-1.0) ** np.arange(FRAMES), abs=0.006)


def test_a_swapped_identity_is_the_same_course_in_another_colour() -> None:
    parts = verdict(CLIP.scene.expectation(), read(planted("identity swapped").frames))
    assert (parts.motion, parts.identity) == (True, False)


def test_auc_counts_ties_half_and_an_interval_holds_its_value() -> None:
    assert auc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5
    values = np.random.default_rng(0).normal(3, 1, 60)
    estimate = bootstrap(lambda at: float(values[at].mean()), list(range(60)))
    assert estimate is not None
    assert estimate.low < estimate.value < estimate.high
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(60), rel=0.2)


def test_a_metric_that_sees_a_fault_is_listed_and_a_blind_one_is_not() -> None:
    names = [metric.name for metric in video_metrics()]
    clean = [dict.fromkeys(names, 0.5) for _ in range(6)]
    worse = [{**row, "video_clip_score": 0.1, "flicker": 0.1, "dynamic_degree": None} for row in clean]
    contrasts = Sensitivity.of({"clean": clean, "fault": worse}).contrasts
    assert contrasts["video_clip_score"]["fault"].auc == 1
    assert contrasts["flicker"]["fault"].auc == 0
    assert contrasts["jerk"]["fault"].auc == 0.5
    assert contrasts["dynamic_degree"]["fault"] is None


def test_the_page_says_what_was_measured() -> None:
    names = [metric.name for metric in video_metrics()]
    rows = [{**dict.fromkeys(names, float(index)), "motion_correct": float(index > 5)} for index in range(10)]
    losses = {"delivery_loss_check": 0.25, "delivery_loss_clip": None}
    page = document(
        Sensitivity.of({"clean": rows, "frozen": rows}), Agreement.of([row | losses for row in rows], range(10)), ["a"]
    )
    assert "10 clips of a on held-out prompts" in page
    assert "| video_clip_score | quality | 1.00 [1.00, 1.00] |" in page
    assert "| delivery_loss_check | 0.250 [0.250, 0.250] |" in page
    assert "| delivery_loss_clip | – |" in page
