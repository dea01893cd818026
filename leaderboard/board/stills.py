"""Stills of clips: a poster and a strip of frames, as WebP. A process of its own reads the files, one after another."""

import io
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from data.video.clip import Clip, ReadLimits, UnreadableVideoError
from data.video.reader import VideoReader

FRAMES: Final = 8
"""Frames of a strip, evenly spaced in time, the first and the last among them."""
STRIP_HEIGHT: Final = 96
LIMITS: Final = ReadLimits(side=512, seconds=20.0)

_reader: Final = VideoReader(LIMITS)
_one_at_a_time: Final = Lock()


class Stills(NamedTuple):
    """Two WebP files: the clip's first frame, and `FRAMES` of its frames from left to right."""

    poster: bytes
    strip: bytes


def stills(data: bytes) -> Stills | None:
    """Return the stills of a video file; None where it cannot be read within the limits."""
    try:
        with _one_at_a_time:
            clip = _reader.read(data)
    except UnreadableVideoError:
        return None
    return Stills(_webp(Image.fromarray(clip.frames[0])), _webp(Image.fromarray(_strip(clip))))


def _strip(clip: Clip) -> np.ndarray:
    chosen = np.linspace(0, len(clip.frames) - 1, FRAMES).round().astype(int)
    return np.concatenate([_small(clip.frames[index]) for index in chosen], axis=1)


def _small(frame: np.ndarray) -> np.ndarray:
    image = Image.fromarray(frame)
    image.thumbnail((10 * STRIP_HEIGHT, STRIP_HEIGHT))
    return np.asarray(image)


def _webp(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=image.height <= STRIP_HEIGHT, quality=85, method=4)
    return buffer.getvalue()
