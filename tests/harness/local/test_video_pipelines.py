"""Every video pipeline class of the table, tiny and with random weights, through the whole harness.

What comes is counted against the table: a class that follows another law in a later diffusers is seen here.
"""

import datetime as dt
import importlib.util
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

from data.architectures.video_pipelines import VIDEO_PIPELINES, VideoPipeline
from data.errors import ShapeError
from data.home import Home
from data.media import MediaStore
from data.runs import RunFolder
from data.video.reader import VideoReader
from data.vocabulary import LocalSource, Machine, MediaInput, Model, Request, Sample, Settings, Suite
from harness.execution import execute
from harness.local.loading import accepted, arguments
from harness.local.pipeline import LocalPipeline
from harness.plan import expand

CREATED = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
CLASSES = sorted(name for name in VIDEO_PIPELINES if name != "MovingShapesPipeline")
EXTRA = {"SanaVideoPipeline": {"use_resolution_binning": False, "complex_human_instruction": None}}

pytestmark = pytest.mark.filterwarnings(
    "ignore:In CPU autocast, but the target dtype is not supported:UserWarning",
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
)


@pytest.fixture(scope="module")
def tiny_videos() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tiny_videos", Path(__file__).with_name("tiny_videos.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def picture(media: MediaStore) -> MediaInput:
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "PNG")
    return MediaInput(sha256=media.put(buffer.getvalue(), "png"), media_type="image/png", path="picture.png")


@pytest.fixture
def film(suite: Suite, machine: Machine, home: Home, picture: MediaInput) -> Callable[[Model], RunFolder]:
    """Makes the run of one prompt with one model; a task that starts from a picture gets one."""

    def planned(model: Model) -> RunFolder:
        inputs = {"image": picture} if model.task == "image-to-video" else {}
        prompts = (replace(suite.prompts[0], inputs=inputs),)
        filmed = replace(suite, task=model.task, prompts=prompts)
        plan = expand(
            filmed, [model], seeds=[0], calendar="live", day=model.released, machine=machine, created_at=CREATED
        )
        return RunFolder.create(home, plan)

    return planned


def model_of(model: Model, law: VideoPipeline, frames: int) -> Model:
    side = max(law.multiple, 32)
    extra = EXTRA.get(law.name, {})
    settings = Settings(width=side + law.multiple, height=side, frames=frames, fps=law.fps, steps=2, extra=extra)
    source = LocalSource(kind="hub", pipeline=law.name, repository="tiny", revision="0")
    return replace(model, id="tiny", task=law.task, source=source, settings=settings)


def frames_of(law: VideoPipeline) -> int:
    return law.first_frames + law.frame_step * (1 if law.frame_step > 1 else 3)


@pytest.fixture(params=CLASSES)
def law(request: Any) -> VideoPipeline:
    return VIDEO_PIPELINES[request.param]


def test_a_class_goes_through_the_whole_harness(
    law: VideoPipeline, tiny_videos: ModuleType, film: Any, model: Model, media: MediaStore, progress: Any
) -> None:
    wanted, pipeline = model_of(model, law, frames_of(law)), tiny_videos.built(law.name)
    run = film(wanted)
    execute(run, media, lambda _: LocalPipeline("cpu", load=lambda source: pipeline, media=media), progress)
    (sample,) = run.samples().values()
    assert sample.reason is None
    check_record(sample, wanted.settings, law)
    check_files(sample, media)
    check_times(sample, has_text=law.task == "text-to-video")
    assert law.frame_step == 1 or made(pipeline, wanted, frames_of(law) + law.frame_step - 2) == law.delivered(
        frames_of(law) + law.frame_step - 2
    )


def check_record(sample: Sample, settings: Settings, law: VideoPipeline) -> None:
    assert (sample.width, sample.height, sample.frames) == (settings.width, settings.height, settings.frames)
    assert (sample.fps_asked, sample.video_seconds_asked) == (law.fps, settings.frames / law.fps)
    assert (sample.fps, sample.video_seconds, sample.audio) == (law.fps, settings.frames / law.fps, law.audio)


def check_files(sample: Sample, media: MediaStore) -> None:
    files = [media.path(name or "").read_bytes() for name in (sample.media, sample.delivery)]
    with VideoReader() as reader:
        master, delivery = map(reader.read, files)
    assert master.frames.shape == (sample.frames, sample.height, sample.width, 3)
    assert (master.file.sound is not None, delivery.file.sound is not None) == (sample.audio, sample.audio)
    assert len(delivery.frames) == sample.frames
    assert master.seconds == pytest.approx(sample.video_seconds)


def check_times(sample: Sample, *, has_text: bool) -> None:
    timing = sample.timing
    assert timing is not None
    assert len(timing.step_seconds) == 2
    assert (timing.text_seconds is not None) is has_text
    assert timing.decode_seconds is not None
    assert sum(timing.step_seconds) + timing.decode_seconds + (timing.text_seconds or 0) <= timing.seconds


def made(pipeline: Any, model: Model, frames: int) -> int:
    """How many frames the class makes when the harness does not stop it."""
    asked = replace(model.settings, frames=frames)
    request = Request(id="", model="", prompt="", text="a red circle", category="", seed=0, settings=asked)
    return len(pipeline(**arguments(accepted(type(pipeline)), request)).frames[0])


@pytest.mark.parametrize("frames", [frames for frames in range(1, 27) if frames not in (1, 9, 17, 25)])
def test_frames_that_a_class_would_change_are_refused_before_weights_load(model: Model, frames: int) -> None:
    local = LocalPipeline("cpu", load=lambda source: pytest.fail("weights were loaded"))
    with pytest.raises(ShapeError, match=rf"frames for LTXPipeline \(8k \+ 1\), got {frames}, of which it would make"):
        local.preflight(model_of(model, VIDEO_PIPELINES["LTXPipeline"], frames))


def test_a_picture_that_is_not_in_the_store_fails_its_sample(
    tiny_videos: ModuleType, film: Any, model: Model, media: MediaStore, progress: Any, picture: MediaInput
) -> None:
    wanted = model_of(model, VIDEO_PIPELINES["StableVideoDiffusionPipeline"], 3)
    run, pipeline = film(wanted), tiny_videos.built("StableVideoDiffusionPipeline")
    media.path(picture.sha256).unlink()
    execute(run, media, lambda _: LocalPipeline("cpu", load=lambda source: pipeline, media=media), progress)
    (sample,) = run.samples().values()
    assert sample.status == "failed"
    assert "Expected the picture that the prompt starts from" in (sample.reason or "")
