"""From a pipeline's output to the bytes of files: PNG for an image, a master and a delivery file for a video.

Never inside a latency.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from data.video.clip import Pixels
from data.video.encode import Audio, delivery, master

PNG_COMPRESSION = 4


class Encoded(NamedTuple):
    """A file's bytes with what is in it; `width` and `height` are pixels, `frames` is 1 for an image.

    `fps`, `video_seconds`, `audio` and `delivery` (the file that browsers play) are a video's; None for an image.
    """

    data: bytes
    media_type: str
    width: int
    height: int
    frames: int
    fps: float | None = None
    video_seconds: float | None = None
    audio: bool | None = None
    delivery: bytes | None = None


def png(image: Image.Image) -> Encoded:
    """Return `image` as a PNG without loss; the same pixels give the same bytes with the same Pillow."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=PNG_COMPRESSION, optimize=False)
    return Encoded(buffer.getvalue(), "image/png", image.width, image.height, 1)


def clip(frames: Sequence[Pixels], *, fps: float, audio: Audio | None = None) -> Encoded:
    """Return `frames` (each uint8 RGB, height × width × 3) as a lossless master with the delivery file beside it.

    `video_seconds` is frames / `fps`. Raises ValueError for no frames, for unequal ones, or for a rate that is none.
    """
    data = master(frames, frames_per_second=fps, audio=audio)
    shown = delivery(frames, frames_per_second=fps, audio=audio)
    height, width = frames[0].shape[:2]
    return Encoded(
        data,
        "video/mp4",
        width,
        height,
        len(frames),
        fps=fps,
        video_seconds=len(frames) / fps,
        audio=audio is not None,
        delivery=shown,
    )


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


def audio_of(output: Mapping[str, Any], pipeline: Any) -> Audio | None:
    """Return the sound of a pipeline's first video at its vocoder's rate, or None where it makes none."""
    waves = output.get("audio")
    if waves is None:
        return None
    samples = np.atleast_2d(waves[0].detach().float().cpu().numpy())
    return Audio(samples=samples, rate=int(pipeline.vocoder.config.output_sampling_rate))


def _pixels(values: npt.NDArray[Any]) -> Pixels:
    if values.dtype != np.uint8:
        values = (values.clip(0.0, 1.0) * 255.0).round().astype(np.uint8)
    return values[:, :, 0] if values.shape[-1] == 1 else values
