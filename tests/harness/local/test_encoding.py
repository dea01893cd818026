"""Encoding: images and videos without loss, the same bytes for the same pixels, and a file that browsers play."""

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from data.media import MP4, sniff
from data.video.encode import Audio
from data.video.reader import VideoReader
from harness.local.encoding import clip, frames_of, image_of, png


def noise(width: int, height: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(width=st.integers(1, 40), height=st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_a_png_gives_back_every_pixel(width: int, height: int) -> None:
    encoded = png(Image.fromarray(noise(width, height)))
    with Image.open(io.BytesIO(encoded.data)) as image:
        assert np.array_equal(np.asarray(image), noise(width, height))
    assert (encoded.width, encoded.height, encoded.frames) == (width, height, 1)


def test_the_same_pixels_give_the_same_bytes() -> None:
    frames = [noise(16, 16, seed) for seed in range(3)]
    assert png(Image.fromarray(frames[0])).data == png(Image.fromarray(frames[0].copy())).data
    assert clip(frames, fps=8) == clip([frame.copy() for frame in frames], fps=8)


def test_a_clip_is_a_master_of_the_very_pixels_with_a_delivery_file_beside_it() -> None:
    frames = [noise(48, 32, seed) for seed in range(5)]
    encoded = clip(frames, fps=12)
    with VideoReader() as reader:
        kept, shown = reader.read(encoded.data), reader.read(encoded.delivery or b"")
    assert np.array_equal(kept.frames, np.stack(frames))
    assert shown.frames.shape == (5, 256, 384, 3)
    assert (shown.file.pixel_format, shown.seconds) == ("yuv420p", pytest.approx(5 / 12))
    assert (encoded.width, encoded.height, encoded.frames, encoded.media_type) == (48, 32, 5, "video/mp4")
    assert (encoded.fps, encoded.video_seconds, encoded.audio) == (12, 5 / 12, False)


def test_sound_goes_into_both_files() -> None:
    tone = np.sin(np.arange(8_000, dtype=np.float32) / 10)[None]
    encoded = clip([noise(16, 16)] * 8, fps=8, audio=Audio(samples=tone, rate=8_000))
    with VideoReader() as reader:
        sounds = [reader.read(data).file.sound for data in (encoded.data, encoded.delivery or b"")]
    assert encoded.audio
    assert [sound is not None and sound.rate for sound in sounds] == [8_000, 8_000]


def test_both_files_are_known_media() -> None:
    encoded = clip([noise(15, 17)], fps=8)
    assert [sniff(data) for data in (encoded.data, encoded.delivery or b"")] == [MP4, MP4]


@pytest.mark.parametrize("frames", [[], [noise(16, 16), noise(18, 16)]])
def test_frames_that_are_no_video_are_refused(frames: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="Expected uint8 RGB frames of one size"):
        clip(frames, fps=8)


@pytest.mark.parametrize("form", ["pil", "array", "tensor", "list of arrays"])
def test_frames_are_read_from_every_form_that_pipelines_give(form: str) -> None:
    pixels = np.stack([noise(8, 6, seed) for seed in range(3)])
    floats = pixels.astype(np.float64) / 255
    forms = {
        "pil": [[Image.fromarray(frame) for frame in pixels]],
        "array": floats[None],
        "tensor": torch.from_numpy(floats).permute(0, 3, 1, 2)[None],
        "list of arrays": [list(floats)],
    }
    assert np.array_equal(np.stack(frames_of(forms[form])), pixels)


def test_an_image_is_read_from_floats_too() -> None:
    pixels = noise(8, 6)
    assert np.array_equal(np.asarray(image_of((pixels / 255.0)[None])), pixels)
    assert image_of(np.zeros((1, 4, 4, 1))).mode == "L"
