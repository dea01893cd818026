"""Encoding: images without loss, videos that play, the same bytes for the same pixels."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from data.media import sniff
from harness.local.encoding import frames_of, image_of, mp4, png


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
    assert mp4(frames, fps=8).data == mp4([frame.copy() for frame in frames], fps=8).data


def test_a_video_plays_at_its_rate_with_all_its_frames(tmp_path: Path) -> None:
    frames = [np.full((32, 48, 3), 40 * number, np.uint8) for number in range(5)]
    encoded = mp4(frames, fps=12)
    (tmp_path / "video.mp4").write_bytes(encoded.data)
    video = cv2.VideoCapture(str(tmp_path / "video.mp4"))
    played = [video.read()[1] for _ in frames]
    assert (video.get(cv2.CAP_PROP_FPS), video.read()[0]) == (12.0, False)
    assert all(np.abs(got.astype(int) - frame).max() <= 6 for got, frame in zip(played, frames, strict=True))
    assert (encoded.width, encoded.height, encoded.frames, encoded.media_type) == (48, 32, 5, "video/mp4")


def test_a_video_keeps_its_colours(tmp_path: Path) -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[:, :, 0] = 220
    (tmp_path / "video.mp4").write_bytes(mp4([red, red]).data)
    _, frame = cv2.VideoCapture(str(tmp_path / "video.mp4")).read()
    assert frame[16, 16, 2] > 180 > 60 > frame[16, 16, 0]


def test_a_video_is_known_media() -> None:
    kind = sniff(mp4([noise(16, 16)]).data)
    assert kind is not None
    assert kind.mime == "video/mp4"


def test_odd_sizes_are_made_even() -> None:
    assert mp4([noise(15, 17)])[2:4] == (16, 18)


@pytest.mark.parametrize("frames", [[], [noise(16, 16), noise(18, 16)]])
def test_frames_that_are_no_video_are_refused(frames: list[np.ndarray]) -> None:
    with pytest.raises(ValueError, match="Expected frames of one size"):
        mp4(frames)


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
