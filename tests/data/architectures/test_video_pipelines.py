"""The table of video pipeline classes: what is refused, what is offered instead, and how seconds become frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.architectures.library import load_architectures
from data.architectures.video_pipelines import VIDEO_PIPELINES, VideoPipeline
from data.catalogue import load_catalogue
from data.errors import ShapeError
from data.vocabulary import LocalSource, Model, Settings

CLASSES = st.sampled_from(sorted(VIDEO_PIPELINES.values(), key=lambda law: law.name))
VIDEOS = [
    model
    for model in load_catalogue().models.values()
    if isinstance(model.source, LocalSource) and model.task == "text-to-video"
]


@pytest.mark.parametrize(
    ("name", "frames", "sentence"),
    [
        (
            "LTXPipeline",
            100,
            r"Expected 97 or 105 frames for LTXPipeline \(8k \+ 1\), got 100, of which it would make 97\.",
        ),
        ("WanPipeline", 100, r"Expected 97 or 101 frames .* got 100, of which it would make 101\."),
        ("CogVideoXPipeline", 45, r"Expected 41 or 49 frames .* got 45, of which it would make 48\."),
        ("AnimateDiffPipeline", 40, r"Expected 32 frames for AnimateDiffPipeline, got 40\."),
        ("MovingShapesPipeline", 9, r"Expected 8 or 16 frames for MovingShapesPipeline \(8k \+ 8\), got 9\."),
    ],
)
def test_frames_that_a_class_does_not_make_are_refused_with_those_that_it_does(
    name: str, frames: int, sentence: str
) -> None:
    with pytest.raises(ShapeError, match=sentence):
        VIDEO_PIPELINES[name].check(Settings(width=64, height=64, frames=frames))


def test_sides_that_a_class_does_not_make_are_refused_with_the_nearest() -> None:
    with pytest.raises(ShapeError, match=r"multiples of 32 pixels for LTXPipeline, got 500x480\. .* is 512x480"):
        VIDEO_PIPELINES["LTXPipeline"].check(Settings(width=500, height=480, frames=97))


@given(CLASSES, st.integers(1, 400))
def test_what_is_not_refused_is_delivered_as_asked(law: VideoPipeline, frames: int) -> None:
    side = law.multiple * 2
    try:
        law.check(Settings(width=side, height=side, frames=frames))
    except ShapeError:
        assert frames not in range(law.first_frames, law.most_frames + 1, law.frame_step)
        assert law.rounding == "none" or law.delivered(frames) != frames
    else:
        assert law.delivered(frames) == frames


@given(CLASSES, st.floats(0.1, 30))
def test_seconds_become_the_nearest_frames_that_are_made(law: VideoPipeline, seconds: float) -> None:
    frames = law.frames(seconds)
    law.check(Settings(width=law.multiple * 2, height=law.multiple * 2, frames=frames))
    if law.first_frames / law.fps < seconds < (law.most_frames - law.frame_step) / law.fps:
        assert abs(frames - seconds * law.fps) <= law.frame_step / 2 + 0.5


@pytest.mark.parametrize("model", VIDEOS, ids=lambda model: model.id)
def test_every_video_of_the_catalogue_asks_for_what_its_class_makes(model: Model) -> None:
    assert isinstance(model.source, LocalSource)
    law = VIDEO_PIPELINES[model.source.pipeline]
    law.check(model.settings)
    assert law.task == model.task


def test_every_video_architecture_is_made_by_a_class_of_the_table_within_its_limits() -> None:
    for described in load_architectures().values():
        if described.task == "text-to-video":
            law = VIDEO_PIPELINES[described.pipeline or ""]
            law.check(Settings(**described.conventions.model_dump(include={"width", "height", "frames"})))
            assert described.limits.multiple % law.multiple == 0
