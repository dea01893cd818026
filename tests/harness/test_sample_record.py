"""What a sample says was asked and came, before its media are kept."""

from dataclasses import replace

import pytest

from data.vocabulary import Model, Plan, Sample, Settings
from harness.generator import Outcome
from harness.sample_record import delivery_of, media_of, sample_of

MP4 = bytes(4) + b"ftypisom"


def sample_for(plan: Plan, model: Model, settings: Settings, outcome: Outcome) -> Sample:
    request = replace(plan.requests[0], settings=settings)
    return sample_of(plan, model, request, at=plan.created_at, outcome=outcome)


@pytest.mark.parametrize(
    ("frames", "fps", "seconds", "asked"),
    [(81, 16.0, 5.0, 81 / 16), (48, 24.0, None, 2.0), (1, None, 5.0, 5.0), (1, None, None, None)],
)
def test_the_seconds_asked_are_those_of_the_frames_where_frames_were_asked(
    plan: Plan, model: Model, frames: int, fps: float | None, seconds: float | None, asked: float | None
) -> None:
    settings = Settings(width=16, height=16, frames=frames, fps=fps, video_seconds=seconds)
    sample = sample_for(plan, model, settings, Outcome(status="failed", reason="out of film"))
    assert (sample.video_seconds_asked, sample.fps_asked, sample.frames_asked) == (asked, fps, frames)


def test_a_delivery_file_is_known_by_its_first_bytes_as_media_are() -> None:
    outcome = Outcome(status="ok", data=MP4, delivery=MP4 + b"shown")
    kept, shown = media_of(outcome), delivery_of(outcome)
    assert kept is not None
    assert shown is not None
    assert (kept.kind.mime, shown.kind.mime, shown.data) == ("video/mp4", "video/mp4", MP4 + b"shown")
    assert delivery_of(replace(outcome, delivery=None)) is None
