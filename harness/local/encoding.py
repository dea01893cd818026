"""From a pipeline's output to the bytes of a file: PNG for an image, MP4 for a video. Never inside a latency."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
PNG_COMPRESSION = 4
DEFAULT_FPS = 8.0
CODECS = ("vp09", "mp4v")


class Encoded(NamedTuple):
    """A file's bytes with what is in it; `width` and `height` are pixels, `frames` is 1 for an image.

    `fps`, `video_seconds` and `audio` are a video's; None for an image.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    frames: int
    fps: float | None = None
    video_seconds: float | None = None
    audio: bool | None = None


def png(image: Image.Image) -> Encoded:
    """Return `image` as a PNG without loss; the same pixels give the same bytes with the same Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=PNG_COMPRESSION, optimize=False)
    return Encoded(buffer.getvalue(), "image/png", image.width, image.height, 1)


def mp4(frames: Sequence[Pixels], *, fps: float | None = None) -> Encoded:
    """Return `frames` (each height × width × 3, RGB) as an MP4 of `fps` (default 8) frames a second.

    The codec is VP9, which every browser plays, or MPEG-4 where OpenCV was built without it, at OpenCV's default of
    24 bits a pixel: with loss, about 2 of 255 levels on noise. An odd last row or column is repeated, as the codecs
    want even sizes; `width` and `height` are those in the file. Raises ValueError for no frames or for unequal ones.
    """
    if not frames or len({frame.shape for frame in frames}) != 1:
        raise ValueError(f"Expected frames of one size, got {sorted({frame.shape for frame in frames}) or 'none'}.")
    even, rate = [_even(frame) for frame in frames], fps or DEFAULT_FPS
    height, width = even[0].shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.mp4"
        _write(path, even, rate)
        data = path.read_bytes()
    return Encoded(data, "video/mp4", width, height, len(even), fps=rate, video_seconds=len(even) / rate, audio=False)


def image_of(images: Any) -> Image.Image:
    """Return the first image of a pipeline's `images`: PIL, or floats in 0 to 1 (n × height × width × channels)."""
    first = images[0]
    return first if isinstance(first, Image.Image) else Image.fromarray(_pixels(first))


def frames_of(videos: Any) -> list[Pixels]:
    """Return the first video of a pipeline's `frames` as RGB frames.

    A video is a list of PIL images, or floats in 0 to 1: an array (frames × height × width × 3) or a tensor
    (frames × 3 × height × width).
    """
    first = videos[0]
    if isinstance(first, Image.Image):
        first = videos
    if isinstance(first, np.ndarray):
        return [_pixels(frame) for frame in first]
    if isinstance(first, (list, tuple)):
        return [np.asarray(f.convert("RGB")) if isinstance(f, Image.Image) else _pixels(f) for f in first]
    return [_pixels(frame) for frame in first.detach().float().cpu().permute(0, 2, 3, 1).numpy()]


def _pixels(values: npt.NDArray[Any]) -> Pixels:
    if values.dtype != np.uint8:
        values = (values.clip(0.0, 1.0) * 255.0).round().astype(np.uint8)
    return values[:, :, 0] if values.shape[-1] == 1 else values


def _even(frame: Pixels) -> Pixels:
    height, width = frame.shape[:2]
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def _write(path: Path, frames: Sequence[Pixels], fps: float) -> None:
    import cv2

    height, width = frames[0].shape[:2]
    for codec in CODECS:
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, (width, height))
        if writer.isOpened():
            for frame in frames:
                writer.write(np.ascontiguousarray(frame[:, :, ::-1]))
            writer.release()
            return
    raise RuntimeError(f"OpenCV can write none of {', '.join(CODECS)} into an MP4.")
