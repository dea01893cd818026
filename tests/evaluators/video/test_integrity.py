"""The gates of videos: each finds the fault that it names in a real file, and no other."""

import numpy as np
import pytest

from data.video.encode import Audio
from data.vocabulary import Sample
from evaluators.eval_input import EvalInput, MetricResult, RunContext
from evaluators.video.integrity import VideoIntegrity

ASKED = {"frames_asked": 16, "fps_asked": 8.0, "video_seconds_asked": 2.0}


def gates(item: EvalInput, samples: tuple[Sample, ...] = ()) -> dict[str, MetricResult]:
    return dict(VideoIntegrity().evaluate([item], RunContext((), samples))[0])


def values(item: EvalInput) -> dict[str, float | None]:
    return {name: result.value for name, result in gates(item).items()}


def failed(item: EvalInput) -> set[str]:
    """The gates that are not as they should be."""
    return {name for name, value in values(item).items() if value is not None and value != GOOD.get(name, 1)}


GOOD = {"video_blank": 0, "video_frozen": 0, "duplicate_frames": 0, "video_duplicate": 0}


def test_a_clip_as_asked_passes_every_gate(film, drawn) -> None:
    results = gates(film(drawn(), **ASKED))
    assert failed(film(drawn(), **ASKED)) == set()
    assert (results["audio_as_asked"].value, results["audio_as_asked"].reason) == (None, "It was not asked for.")
    assert results["video_ok"].detail["frames_per_second"] == 8


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (lambda clip: {"frames": clip[:11]}, {"frames_as_asked", "seconds_as_asked", "video_ok"}),
        (lambda clip: {"frames": clip, "rate": 16}, {"rate_as_asked", "seconds_as_asked", "video_ok"}),
        (lambda clip: {"frames": clip, "width_asked": 64}, {"video_size_as_asked", "video_ok"}),
        (lambda clip: {"frames": clip, "audio_asked": True}, {"audio_as_asked", "video_ok"}),
        (lambda clip: {"frames": np.repeat(clip[:1], 16, 0)}, {"video_frozen", "duplicate_frames"}),
        (lambda clip: {"frames": clip[np.arange(16) // 2 * 2]}, {"duplicate_frames"}),
        (lambda clip: {"frames": np.zeros_like(clip)}, {"video_blank", "video_frozen", "duplicate_frames", "video_ok"}),
    ],
)
def test_each_fault_is_found_by_its_gate(film, drawn, fault, found) -> None:
    changes = fault(drawn())
    assert failed(film(changes.pop("frames"), **{**ASKED, **changes})) == found


def test_sound_that_was_asked_for_is_found(film, drawn) -> None:
    sound = Audio(samples=np.zeros((1, 16_000), np.float32), rate=8_000)
    assert values(film(drawn(), audio=sound, audio_asked=True))["audio_as_asked"] == 1


def test_what_was_not_asked_for_has_a_reason(film, drawn) -> None:
    results = gates(film(drawn()))
    missing = {name for name, result in results.items() if result.reason == "It was not asked for."}
    assert missing == {"frames_as_asked", "rate_as_asked", "seconds_as_asked", "audio_as_asked"}


def test_a_length_may_be_off_by_a_frame_and_a_rate_by_the_rounding_of_containers(film, drawn) -> None:
    five = np.concatenate([drawn()] * 6)[:81]
    asked = {"video_seconds_asked": 5.0, "fps_asked": 16.0}
    assert values(film(five, rate=16, **asked))["seconds_as_asked"] == 1
    assert values(film(drawn(), rate=23.976, fps_asked=24.0))["rate_as_asked"] == 1
    assert values(film(drawn(), rate=25, fps_asked=24.0))["rate_as_asked"] == 0


@pytest.mark.parametrize("data", [b"<html>rate limited</html>", b"", bytes(4) + b"ftypisom" + bytes(64)])
def test_what_is_no_video_is_not_sound_and_the_other_gates_say_why(lab, data) -> None:
    results = gates(lab.eval_input(data))
    assert (results["video_ok"].value, results["video_duplicate"].value) == (0, 0)
    reasons = {result.reason for name, result in results.items() if result.value is None}
    assert len(reasons) == 1
    assert results["video_ok"].detail == {"fault": reasons.pop()}


def test_the_same_file_for_another_prompt_is_a_duplicate(film, drawn, lab) -> None:
    samples = tuple(lab.sample(id=f"s{i}", prompt=f"p{i}", media="a" * 64) for i in range(2))
    results = gates(film(drawn(), id="s0", prompt=None, media="a" * 64), samples)
    assert (results["video_duplicate"].value, results["video_ok"].value) == (1, 0)
    assert results["video_duplicate"].detail == {"same_as": "s1"}


def test_a_single_frame_is_neither_frozen_nor_moving(film, drawn) -> None:
    results = gates(film(drawn()[:1]))
    assert results["video_frozen"].reason == results["duplicate_frames"].reason == "It has a single frame."
