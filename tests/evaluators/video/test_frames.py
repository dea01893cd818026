"""Which frames of a clip are looked at: by time, whatever the rate."""

import numpy as np
import pytest

from data.video.clip import Clip, FileFacts
from evaluators.video.frames import sampled

FACTS = FileFacts(
    container="mp4", codec="h264", pixel_format="gbrp", width=4, height=4, declared_frames=None, rotation=0, sound=None
)


def clip(times: list[float], seconds: float) -> Clip:
    return Clip(frames=np.zeros((len(times), 4, 4, 3), np.uint8), times=tuple(times), seconds=seconds, file=FACTS)


def steady(count: int, rate: float) -> Clip:
    return clip([index / rate for index in range(count)], count / rate)


@pytest.mark.parametrize(("count", "rate", "step"), [(16, 8, 1), (48, 24, 3), (60, 30, 4)])
def test_eight_frames_a_second_are_looked_at(count: int, rate: float, step: int) -> None:
    indices = sampled(steady(count, rate))
    assert len(indices) == 16
    assert np.abs(np.diff(indices) - step).max() <= 1


def test_a_slow_clip_is_looked_at_frame_by_frame() -> None:
    assert sampled(steady(6, 4)).tolist() == [0, 1, 2, 3, 4, 5]


def test_of_a_long_clip_sixty_four_frames_are_looked_at_from_all_of_it() -> None:
    indices = sampled(steady(2400, 24))
    assert len(indices) == 64
    assert (indices[0] < 24, indices[-1] > 2376) == (True, True)


def test_a_variable_rate_is_sampled_by_what_is_on_the_screen() -> None:
    assert sampled(clip([0.0, 0.1, 0.2, 1.0], 2.0)).tolist() == [0, 1, 2, 3]
    assert sampled(clip([0.0, 0.01, 0.02, 0.5], 1.0)).tolist() == [2, 3]


def test_a_file_without_moments_is_sampled_by_number() -> None:
    assert sampled(clip([0.0] * 5, 0.0)).tolist() == [0, 1, 2, 3, 4]
    assert sampled(clip([0.0], 0.0)).tolist() == [0]
