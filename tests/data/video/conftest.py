"""Small clips, and files of the kinds that trouble readers, made with PyAV."""

import io
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from data.video.clip import ReadLimits
from data.video.reader import VideoReader

Frames = list[npt.NDArray[np.uint8]]
SMALL = ReadLimits(frames=200, pixels=2**24, kept_bytes=2**26, memory_bytes=2**28, seconds=20.0)


@pytest.fixture(scope="session")
def reader() -> Iterator[VideoReader]:
    """One reading process for all tests, with small limits."""
    with VideoReader(SMALL) as made:
        yield made


@pytest.fixture(scope="session")
def noise() -> Callable[..., Frames]:
    """Makes frames of noise: `noise(n, width, height)`."""

    def frames(n: int = 8, width: int = 48, height: int = 32) -> Frames:
        drawn = np.random.default_rng(5).integers(0, 256, (n, height, width, 3))
        return list(drawn.astype(np.uint8))

    return frames


@pytest.fixture(scope="session")
def written() -> Callable[..., bytes]:
    """Writes frames as somebody else's file: `written(frames, codec=…, pixels=…, container=…, moments=…)`."""

    def write(
        frames: Frames,
        *,
        codec: str = "libx264",
        pixels: str = "yuv420p",
        container: str = "mp4",
        moments: list[int] | None = None,
        options: dict[str, str] | None = None,
    ) -> bytes:
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=container) as file:
            stream: Any = file.add_stream(codec, rate=24, options=options or {})
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = pixels
            stream.codec_context.time_base = Fraction(1, 24)
            source = "rgba" if frames[0].shape[2] == 4 else "rgb24"
            for index, frame in enumerate(frames):
                picture = av.VideoFrame.from_ndarray(frame, format=source)
                picture.pts = index if moments is None else moments[index]
                picture.time_base = Fraction(1, 24)
                file.mux(stream.encode(picture))
            file.mux(stream.encode(None))
        return buffer.getvalue()

    return write
