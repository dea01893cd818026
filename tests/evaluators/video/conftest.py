"""Videos as evaluators get them: drawn frames, written without loss, read by one process."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from data.embedded.motion.drawing import courses, draw, tensors, to_uint8
from data.embedded.motion.world import Actor, MotionAction, MovingScene
from data.embedded.world import Thing
from data.video import encode
from data.video.reader import VideoReader
from evaluators.eval_input import EvalInput
from evaluators.video.frames import READ_LIMITS

RIGHT = MovingScene((Actor(Thing("red", "circle"), (MotionAction("right"),)),))


@pytest.fixture(scope="session")
def reader() -> Iterator[VideoReader]:
    """One reading process for all tests."""
    with VideoReader(READ_LIMITS) as made:
        yield made


@pytest.fixture(scope="session")
def drawn() -> Callable[..., np.ndarray]:
    """Draws a scene (default: a red circle that moves right): `drawn(scene, frames=16)`."""

    def draw_scene(scene: MovingScene = RIGHT, frames: int = 16) -> np.ndarray:
        course = courses(tensors([scene]), frames, torch.Generator().manual_seed(1))
        clip: np.ndarray = to_uint8(draw(course))[0].numpy()
        return clip

    return draw_scene


@pytest.fixture(scope="session")
def film(lab: Any, reader: VideoReader) -> Callable[..., EvalInput]:
    """An input of these frames: `film(frames, rate=8, prompt=…, delivered=True, fps_asked=…)`."""

    def make(
        frames: np.ndarray,
        *,
        rate: float = 8,
        prompt: Any = None,
        delivered: bool = False,
        audio: encode.Audio | None = None,
        **asked: Any,
    ) -> EvalInput:
        data = encode.master(list(frames), frames_per_second=rate, audio=audio)
        delivery = encode.delivery(list(frames), frames_per_second=rate) if delivered else None
        sample = lab.sample(**{"width_asked": frames.shape[2], "height_asked": frames.shape[1], **asked})
        return EvalInput(sample, prompt or lab.prompt(), data, None, delivery, reader)

    return make
