"""A video file's bytes to frames, within limits. Run by `reader` in a process of its own; FFmpeg is not trusted here.

The container is forced by the magic bytes, nothing but the given bytes is opened, and no count that a file claims is
believed: pixels are counted again while they are decoded.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from data.video.clip import FileFacts, Pixels, ReadLimits, Sound, UnreadableVideoError

if TYPE_CHECKING:
    import av

VERSION: Final = "1"
"""Rises whenever a pixel or a moment of any clip can change; part of the fingerprint of evaluators of videos."""

BACKDROP: Final = 255
"""The grey level behind transparent pixels: white, as for pictures."""

MATROSKA: Final = b"\x1a\x45\xdf\xa3"


class DecodedFacts(NamedTuple):
    """What is known of a clip once its last frame was decoded; the fields are those of `Clip`."""

    shape: tuple[int, int, int, int]
    times: tuple[float, ...]
    seconds: float
    file: FileFacts


def container_of(data: bytes) -> str:
    """Return FFmpeg's name of the container by its magic bytes: "mp4" or "matroska" (WebM too).

    >>> container_of(bytes(4) + b"ftypisom"), container_of(MATROSKA + bytes(8))
    ('mp4', 'matroska')

    Raises UnreadableVideoError for anything else: playlists, pictures, HTML.
    """
    if data[4:8] == b"ftyp":
        return "mp4"
    if data[:4] == MATROSKA:
        return "matroska"
    if not data:
        raise UnreadableVideoError("Expected a video, got an empty file.")
    raise UnreadableVideoError(
        f"Expected an MP4, WebM or Matroska file, got bytes that begin with {data[:8].hex(' ')}."
    )


def decode_frames(data: bytes, limits: ReadLimits, keep: Callable[[Pixels], None]) -> DecodedFacts:
    """Give each frame of the first real video stream (cover art is none) to `keep`: upright, in RGB, opaque.

    Returns what the file says of them. Raises UnreadableVideoError, whose sentence says what was expected and what
    came; frames that were given before are then worth nothing.
    """
    import av

    kind = container_of(data)
    if len(data) > limits.file_bytes:
        raise UnreadableVideoError(f"Expected a file of at most {limits.file_bytes:,} bytes, got {len(data):,}.")
    count = 0
    try:
        with av.open(io.BytesIO(data), format=kind, options={"protocol_whitelist": "none"}) as container:
            stream = _video_stream(container)
            _refuse_by_header(stream, limits)
            stream.codec_context.options = {"max_pixels": str(2**27)}
            kept = _Kept(limits)
            for frame in _shown(container, stream):
                keep(kept.add(frame))
                count = len(kept.moments)
            return _facts(container, stream, kept)
    except UnreadableVideoError:
        raise
    except (av.FFmpegError, ValueError, MemoryError, OverflowError, EOFError) as error:
        after = f" after {count} frames" if count else ""
        raise UnreadableVideoError(f"The video is damaged{after}: {_brief(error)}.") from error


class _Kept:
    """Frames as they come, counted against the limits, made upright, opaque and small enough; none is held here."""

    def __init__(self, limits: ReadLimits) -> None:
        self.limits, self.moments = limits, list[tuple[float | None, float]]()
        self.pixels, self.bytes = 0, 0
        self.shape: tuple[int, ...] | None = None
        self.done: dict[str, None] = {}
        self.rotation = 0

    def add(self, frame: "av.VideoFrame") -> Pixels:
        """Return one frame's pixels. Raises UnreadableVideoError where it is one too many, or too large."""
        self.pixels += frame.width * frame.height
        if len(self.moments) >= self.limits.frames or self.pixels > self.limits.pixels:
            raise UnreadableVideoError(
                f"Expected at most {self.limits.frames:,} frames and {self.limits.pixels:,} pixels in all, got more."
            )
        pixels = self._pixels(frame)
        self.bytes += pixels.nbytes
        if self.bytes > self.limits.kept_bytes:
            raise UnreadableVideoError(f"Expected frames of at most {self.limits.kept_bytes:,} bytes in all, got more.")
        self.shape = self.shape or pixels.shape
        if pixels.shape != self.shape:
            raise UnreadableVideoError(
                f"Expected frames of one size, got {_size(self.shape)}, then {_size(pixels.shape)}."
            )
        base = float(frame.time_base or 0)
        length = float(frame.duration or 0) * base
        self.moments.append((None if frame.pts is None else frame.pts * base, length))
        return pixels

    def _pixels(self, frame: "av.VideoFrame") -> Pixels:
        scale = min(1.0, self.limits.side / max(frame.width, frame.height))
        width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        if scale < 1:
            self.done[f"made smaller to {width} × {height}"] = None
        components = frame.format.components
        if any(component.bits > 8 for component in components):
            self.done[f"{max(component.bits for component in components)} bit to 8"] = None
        alpha = any(component.is_alpha for component in components)
        shape: dict[str, Any] = {"width": width, "height": height, "interpolation": "AREA"}
        pixels = np.asarray(frame.to_ndarray(format="rgba" if alpha else "rgb24", **shape), dtype=np.uint8)
        if alpha:
            self.done["alpha over white"] = None
            pixels = _opaque(pixels)
        return self._upright(pixels, frame)

    def _upright(self, pixels: Pixels, frame: "av.VideoFrame") -> Pixels:
        turns = round(frame.rotation / 90) % 4
        if not turns:
            return pixels
        self.rotation = turns * 90
        self.done[f"rotated by {self.rotation}°"] = None
        return np.ascontiguousarray(np.rot90(pixels, turns))


def _video_stream(container: Any) -> Any:
    from av.stream import Disposition

    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not streams:
        got = "sound alone" if container.streams.audio else "none"
        raise UnreadableVideoError(f"Expected a video stream, got {got}.")
    return streams[0]


def _refuse_by_header(stream: Any, limits: ReadLimits) -> None:
    area = stream.codec_context.width * stream.codec_context.height
    if area * max(1, stream.frames) > limits.pixels or stream.frames > limits.frames:
        raise UnreadableVideoError(
            f"Expected at most {limits.frames:,} frames and {limits.pixels:,} pixels in all, got a header of "
            f"{stream.frames:,} frames of {stream.codec_context.width} × {stream.codec_context.height}."
        )


def _shown(container: Any, stream: Any) -> "Iterator[av.VideoFrame]":
    stream.thread_type = "NONE"
    for packet in container.demux(stream):
        yield from packet.decode()


def _facts(container: Any, stream: Any, kept: _Kept) -> DecodedFacts:
    if kept.shape is None:
        raise UnreadableVideoError("Expected at least one frame, got none.")
    declared = stream.frames or None
    shown = len(kept.moments)
    if declared is not None and shown < declared and not _has_edits(container, stream):
        raise UnreadableVideoError(f"The video is damaged: its header says {declared} frames, and {shown} can be read.")
    if declared is not None and shown < declared:
        kept.done[f"{declared - shown} frames hidden by an edit list"] = None
    times, seconds = _times(kept.moments, stream)
    context = stream.codec_context
    height, width = kept.shape[:2]
    return DecodedFacts(
        shape=(shown, height, width, 3),
        times=times,
        seconds=seconds,
        file=FileFacts(
            container=container.format.name.partition(",")[0],
            codec=context.name,
            pixel_format=str(context.pix_fmt),
            width=context.width,
            height=context.height,
            declared_frames=declared,
            rotation=kept.rotation,
            sound=_sound(container),
            done=tuple(kept.done),
        ),
    )


def _has_edits(container: Any, stream: Any) -> bool:
    """Whether the container holds more packets than it shows: leading frames that an edit list hides."""
    packets = sum(1 for packet in _rewound(container, stream) if packet.size)
    return packets >= (stream.frames or 0)


def _rewound(container: Any, stream: Any) -> Iterator[Any]:
    with suppress(Exception):
        container.seek(0)
        yield from container.demux(stream)


def _times(moments: list[tuple[float | None, float]], stream: Any) -> tuple[tuple[float, ...], float]:
    """Return when each frame is shown, the first at 0, and the clip's seconds; by the rate where no moment is given."""
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    step = 1 / rate if rate else 0.0
    given = [moment for moment, _ in moments if moment is not None]
    if len(given) < len(moments):
        times = [index * step for index in range(len(moments))]
    else:
        times = [moment - given[0] for moment in given]
    last = moments[-1][1] or (times[-1] - times[-2] if len(times) > 1 else step)
    return tuple(times), times[-1] + last


def _sound(container: Any) -> Sound | None:
    if not container.streams.audio:
        return None
    stream = container.streams.audio[0]
    seconds = None if stream.duration is None or stream.time_base is None else float(stream.duration * stream.time_base)
    context = stream.codec_context
    return Sound(codec=context.name, rate=context.sample_rate, channels=context.channels, seconds=seconds)


def _opaque(pixels: Pixels) -> Pixels:
    alpha = pixels[:, :, 3:].astype(np.float32) / 255
    return np.asarray(np.rint(pixels[:, :, :3] * alpha + BACKDROP * (1 - alpha)), dtype=np.uint8)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} × {shape[0]}"


def _brief(error: BaseException) -> str:
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(words).split())[:160].rstrip(". ")
