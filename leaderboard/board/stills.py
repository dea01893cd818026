"""Stills of media as WebP: thumbnails of images, posters and strips of frames of clips. Each is made once and kept.

Images are decoded as evaluators see them, within the same limits of memory; clips by a process of its own, one after
another. What cannot be decoded is remembered too, for as long as the board runs.
"""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock
from typing import Final, Literal, NamedTuple

import numpy as np
from PIL import Image

from data.errors import HomeError
from data.files import write_atomic
from data.home import Home
from data.video.clip import Clip, ReadLimits, UnreadableVideoError
from data.video.reader import VideoReader
from evaluators.decode import MOST_BYTES, decode
from evaluators.decoder_errors import UndecodableError

Form = Literal["thumbnails", "strips"]

SIDE: Final = 512
KEPT_PIXELS: Final = 2**22
"""Pixels of a larger image that are resized: four for each of a thumbnail, and more."""
FRAMES: Final = 8
"""Frames of a strip, evenly spaced in time, the first and the last among them."""
STRIP_HEIGHT: Final = 96
LIMITS: Final = ReadLimits(side=SIDE, seconds=20.0)
MOST_REMEMBERED: Final = 512

_reader: Final = VideoReader(LIMITS)


class Stills:
    """The stills of one home, in its cache folder; what cannot be kept there is held in memory, some of it."""

    def __init__(self, home: Home) -> None:
        self._cache = home.cache
        self._busy: set[str] = set()
        self._free, self._one_clip = Condition(), Lock()
        self._remembered: dict[tuple[Path, int, Form], bytes | None] = {}

    def kept(self, path: Path, form: Form) -> bytes | None:
        """Return a still that lies in the cache folder, None where none does."""
        try:
            return self._place(path, form).read_bytes()
        except OSError:
            return None

    def made(self, path: Path, form: Form, *, video: bool) -> bytes | None:
        """Return a still of a file, None where it cannot be decoded; who asks for the same file meanwhile waits."""
        key = (path, path.stat().st_mtime_ns, form)
        with self._alone(path.stem):
            kept = self.kept(path, form)
            if kept is not None or key in self._remembered:
                return kept or self._remembered[key]
            for name, webp in (self._of_clip(path) if video else self._of_image(path)).items():
                self._keep((*key[:2], name), webp)
            return self.kept(path, form) or self._remembered[key]

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        with self._free:
            self._free.wait_for(lambda: name not in self._busy)
            self._busy.add(name)
        try:
            yield
        finally:
            with self._free:
                self._busy.discard(name)
                self._free.notify_all()

    def _of_image(self, path: Path) -> Mapping[Form, bytes | None]:
        return {"thumbnails": thumbnail(path.read_bytes()) if path.stat().st_size <= MOST_BYTES else None}

    def _of_clip(self, path: Path) -> Mapping[Form, bytes | None]:
        """Decode a clip once for both of its stills."""
        if path.stat().st_size > LIMITS.file_bytes:
            return {"thumbnails": None, "strips": None}
        with self._one_clip:
            made = clip_stills(path.read_bytes())
        return {"thumbnails": made and made.poster, "strips": made and made.strip}

    def _keep(self, key: tuple[Path, int, Form], webp: bytes | None) -> None:
        place = self._place(key[0], key[2])
        try:
            if webp is not None:
                os.makedirs(place.parent, exist_ok=True)
                write_atomic(place, webp)
                return
        except (OSError, HomeError):
            pass
        while len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)))
        self._remembered[key] = webp

    def _place(self, path: Path, form: Form) -> Path:
        return self._cache / form / path.stem[:2] / f"{path.stem}.webp"


class ClipStills(NamedTuple):
    """Two WebP files: the clip's first frame, and `FRAMES` of its frames from left to right."""

    poster: bytes
    strip: bytes


def thumbnail(data: bytes) -> bytes | None:
    """Return an image as WebP of at most 512 pixels a side, lossless where small; None where it cannot be decoded."""
    try:
        picture = decode(data, kept=KEPT_PIXELS, judge=False)
    except UndecodableError:
        return None
    image = Image.fromarray(picture.pixels)
    small = max(image.size) <= SIDE
    image.thumbnail((SIDE, SIDE))
    return _webp(image, lossless=small and picture.format in ("PNG", "GIF"))


def clip_stills(data: bytes) -> ClipStills | None:
    """Return the stills of a video file; None where it cannot be read within the limits."""
    try:
        clip = _reader.read(data)
    except UnreadableVideoError:
        return None
    poster, strip = Image.fromarray(clip.frames[0]), Image.fromarray(_strip(clip))
    return ClipStills(_webp(poster, lossless=poster.height <= STRIP_HEIGHT), _webp(strip, lossless=True))


def _strip(clip: Clip) -> np.ndarray:
    chosen = np.linspace(0, len(clip.frames) - 1, FRAMES).round().astype(int)
    return np.concatenate([_small(clip.frames[index]) for index in chosen], axis=1)


def _small(frame: np.ndarray) -> np.ndarray:
    image = Image.fromarray(frame)
    image.thumbnail((10 * STRIP_HEIGHT, STRIP_HEIGHT))
    return np.asarray(image)


def _webp(image: Image.Image, *, lossless: bool) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=lossless, quality=85, method=4)
    return buffer.getvalue()
