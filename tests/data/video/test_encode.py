"""Masters give back the very pixels; delivery files are small, even, tagged and enlarged."""

import io
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np
import pytest

from data.video import encode
from data.video.reader import VideoReader


@pytest.mark.parametrize(("width", "height"), [(48, 32), (47, 33), (1, 1), (16, 2)])
def test_a_master_gives_back_the_very_pixels(
    reader: VideoReader, noise: Callable[..., list[np.ndarray]], width: int, height: int
) -> None:
    frames = noise(5, width, height)
    clip = reader.read(encode.master(frames, frames_per_second=16))
    assert np.array_equal(clip.frames, np.stack(frames))
    assert (clip.frames_per_second, clip.seconds) == (16.0, 5 / 16)


def test_the_same_frames_give_the_same_bytes(noise: Callable[..., list[np.ndarray]]) -> None:
    frames = noise()
    assert encode.master(frames, frames_per_second=24) == encode.master(frames, frames_per_second=24)
    assert encode.delivery(frames, frames_per_second=24) == encode.delivery(frames, frames_per_second=24)


@pytest.mark.parametrize("rate", [8.0, 23.976, Fraction(30000, 1001), 60])
def test_the_rate_is_kept_as_it_was_asked(
    reader: VideoReader, noise: Callable[..., list[np.ndarray]], rate: float | Fraction
) -> None:
    clip = reader.read(encode.master(noise(6), frames_per_second=rate))
    assert clip.frames_per_second == pytest.approx(float(rate), rel=1e-4)
    assert not clip.variable_rate


def test_a_delivery_file_is_what_browsers_play(reader: VideoReader, noise: Callable[..., list[np.ndarray]]) -> None:
    data = encode.delivery(noise(4, 31, 31), frames_per_second=8)
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(io.BytesIO(data)) as file:
        context = file.streams.video[0].codec_context
        assert (context.pix_fmt, context.color_primaries, context.color_trc, context.colorspace) == ("yuv420p", 1, 1, 1)
    clip = reader.read(data)
    assert clip.frames.shape == (4, 248, 248, 3)


def test_enlarged_flat_colours_survive_the_delivery(reader: VideoReader) -> None:
    frame = np.zeros((32, 32, 3), dtype=np.uint8)
    frame[8:24, 8:24] = (220, 30, 30)
    clip = reader.read(encode.delivery([frame] * 4, frames_per_second=8))
    middle = clip.frames[2, 128, 128].astype(int)
    assert np.abs(middle - (220, 30, 30)).max() <= 6


def test_sound_is_kept_beside_the_frames(reader: VideoReader, noise: Callable[..., list[np.ndarray]]) -> None:
    samples = np.sin(np.linspace(0, 600, 12_000, dtype=np.float32))[None]
    audio = encode.Audio(samples=np.concatenate([samples, samples]), rate=24_000)
    for data in (
        encode.master(noise(12), frames_per_second=24, audio=audio),
        encode.delivery(noise(12), frames_per_second=24, audio=audio),
    ):
        sound = reader.read(data).file.sound
        assert sound is not None
        assert (sound.rate, sound.channels) == (24_000, 2)
        assert sound.seconds == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("frames", [[], [np.zeros((2, 2, 3), np.uint8), np.zeros((2, 4, 3), np.uint8)]])
def test_no_frames_and_unequal_frames_are_refused(frames: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="Expected uint8 RGB frames of one size"):
        encode.master(frames, frames_per_second=8)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="frames a second"):
        encode.rate_of(rate)
