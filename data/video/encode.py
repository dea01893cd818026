"""Frames and sound to files: a lossless master, which is scored, and a delivery file, which browsers play.

The master is H.264 in RGB at quantiser 0 (High 4:4:4 Predictive): the very pixels, the same bytes each time. Browsers
do not play that; the delivery file is H.264 4:2:0 at crf 18 with BT.709 colours, and tiny frames are enlarged by whole
factors first, so that half the chroma samples still tell their colours apart.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from data.video.clip import Pixels, Samples

if TYPE_CHECKING:
    import av

MASTER: Final = {"qp": "0", "preset": "veryfast", "threads": "1"}
DELIVERY: Final = {"crf": "18", "preset": "medium", "threads": "1", "x264-params": "cpu-independent=1"}
SHORT_SIDE: Final = 256
LARGEST_FACTOR: Final = 8
BT709: Final = 1
LIMITED_RANGE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Sound to be written: float samples in −1 to 1 of shape (channels, n), and samples a second."""

    samples: Samples = field(repr=False)
    rate: int


def rate_of(frames_per_second: float | Fraction) -> Fraction:
    """Return a frame rate as the fraction that a container keeps.

    >>> rate_of(24.0), rate_of(23.976), rate_of(Fraction(30000, 1001))
    (Fraction(24, 1), Fraction(2997, 125), Fraction(30000, 1001))

    Raises ValueError unless it is positive and finite.
    """
    if not 0 < frames_per_second < 1_000:
        raise ValueError(f"Expected between 0 and 1,000 frames a second, got {frames_per_second}.")
    return Fraction(frames_per_second).limit_denominator(1_001)


def master(frames: Sequence[Pixels], *, frames_per_second: float | Fraction, audio: Audio | None = None) -> bytes:
    """Return frames (each uint8 RGB, height × width × 3) as an MP4 that gives back the very pixels.

    The same frames give the same bytes. Sound is kept as ALAC with 16 bits a sample. Raises ValueError for no frames
    or for frames of different sizes.
    """
    return _written(checked(frames), rate_of(frames_per_second), audio, _MasterCodec())


def delivery(frames: Sequence[Pixels], *, frames_per_second: float | Fraction, audio: Audio | None = None) -> bytes:
    """Return frames as an MP4 that browsers play and can seek in before it is whole there, with loss.

    Frames with a short side under 256 pixels are enlarged 2 to 8 times; an odd last row or column is repeated. Sound
    becomes AAC. Raises ValueError as `master` does.
    """
    same = checked(frames)
    factor = enlargement(same[0].shape[1], same[0].shape[0])
    shown = [_even(frame.repeat(factor, axis=0).repeat(factor, axis=1)) for frame in same]
    return _written(shown, rate_of(frames_per_second), audio, _DeliveryCodec())


def enlargement(width: int, height: int) -> int:
    """Return the whole factor by which a delivery file enlarges frames of that size.

    >>> enlargement(32, 32), enlargement(96, 64), enlargement(832, 480)
    (8, 4, 1)
    """
    return int(min(LARGEST_FACTOR, max(1, SHORT_SIDE // max(1, min(width, height)))))


def checked(frames: Sequence[Pixels]) -> Sequence[Pixels]:
    """Return the frames, or raise ValueError where there are none, or not all uint8 RGB of one size."""
    shapes = sorted({(frame.shape, str(frame.dtype)) for frame in frames})
    if len(shapes) != 1 or shapes[0][1] != "uint8" or len(shapes[0][0]) != 3 or shapes[0][0][2] != 3:
        raise ValueError(f"Expected uint8 RGB frames of one size, got {shapes or 'none'}.")
    return frames


class _MasterCodec:
    """H.264 RGB without loss, ALAC."""

    video, audio, sample_format = "libx264rgb", "alac", "s16p"

    def prepare(self, stream: Any) -> None:
        stream.pix_fmt, stream.options = "rgb24", MASTER

    def frame(self, pixels: Pixels) -> "av.VideoFrame":
        import av

        return av.VideoFrame.from_ndarray(pixels, format="rgb24")


class _DeliveryCodec:
    """H.264 4:2:0 with BT.709 colours, AAC."""

    video, audio, sample_format = "libx264", "aac", "fltp"

    def prepare(self, stream: Any) -> None:
        stream.pix_fmt, stream.options = "yuv420p", DELIVERY
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED_RANGE

    def frame(self, pixels: Pixels) -> "av.VideoFrame":
        import av
        from av.video.reformatter import ColorRange, Colorspace

        rgb = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        return rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)


_Codec = _MasterCodec | _DeliveryCodec


def _written(frames: Sequence[Pixels], rate: Fraction, audio: Audio | None, codec: _Codec) -> bytes:
    """Write the file beside and return its bytes: the index moves to the front in a second pass over a real file."""
    import av

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        with av.open(str(path), "w", format="mp4", options=options) as container:
            video = _video_stream(container, frames[0], rate, codec)
            sound = None if audio is None else _audio_stream(container, audio, codec)
            for index, pixels in enumerate(frames):
                frame = codec.frame(np.ascontiguousarray(pixels))
                frame.pts, frame.time_base = index, 1 / rate
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
            if audio is not None and sound is not None:
                _write_audio(container, sound, audio, codec)
        return path.read_bytes()


def _video_stream(container: Any, first: Pixels, rate: Fraction, codec: _Codec) -> Any:
    stream = container.add_stream(codec.video, rate=rate)
    stream.height, stream.width = first.shape[:2]
    stream.codec_context.flags |= _bitexact()
    stream.time_base = stream.codec_context.time_base = 1 / rate
    codec.prepare(stream)
    return stream


def _audio_stream(container: Any, audio: Audio, codec: _Codec) -> Any:
    stream = container.add_stream(codec.audio, rate=audio.rate)
    stream.codec_context.layout = "mono" if audio.samples.shape[0] == 1 else "stereo"
    stream.codec_context.format = codec.sample_format
    stream.codec_context.flags |= _bitexact()
    return stream


def _write_audio(container: Any, stream: Any, audio: Audio, codec: _Codec) -> None:
    import av

    samples = np.clip(audio.samples[:2], -1.0, 1.0)
    if codec.sample_format == "s16p":
        samples = np.rint(samples * 32_767).astype(np.int16)
    layout = "mono" if len(samples) == 1 else "stereo"
    size = stream.codec_context.frame_size or 1_024
    for start in range(0, samples.shape[1], size):
        block = np.ascontiguousarray(samples[:, start : start + size])
        frame = av.AudioFrame.from_ndarray(block, format=codec.sample_format, layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = audio.rate, start, Fraction(1, audio.rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _bitexact() -> int:
    from av.codec.context import Flags

    return int(Flags.bitexact)


def _even(frame: Pixels) -> Pixels:
    height, width = frame.shape[:2]
    if not height % 2 and not width % 2:
        return frame
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
