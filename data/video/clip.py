"""A decoded video: its frames, when each is shown, its sound, and what the file said about itself."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]


class UnreadableVideoError(ValueError):
    """The bytes are not a video that can be read within the limits; the sentence becomes a score's reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLimits:
    """How much of a file is read at most; what is over a limit is a reason, not a crash.

    `file_bytes`: size of the file. `frames`: frames that are shown. `pixels`: pixels of all frames as coded, by header
    and by count while decoding. `side`: pixels of a kept frame's longer side; larger frames are made smaller while
    they are decoded. `kept_bytes`: bytes of all kept frames. `memory_bytes`: address space of the reading process
    above what it needs empty. `seconds`: wall-clock time for one file.
    """

    file_bytes: int = 512 * 2**20
    frames: int = 3_600
    pixels: int = 4 * 2**30
    side: int = 1_024
    kept_bytes: int = 768 * 2**20
    memory_bytes: int = 1_024 * 2**20
    seconds: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a file says about its sound: codec, samples a second, channels, seconds (None where it says nothing)."""

    codec: str
    rate: int
    channels: int
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What a file says about itself. `width` and `height` are pixels as coded, before rotation.

    `declared_frames` is None where the container does not count them. `done` says what was done to the frames.
    """

    container: str
    codec: str
    pixel_format: str
    width: int
    height: int
    declared_frames: int | None
    rotation: int
    sound: Sound | None
    done: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A decoded video. `frames` is uint8 RGB of shape (n, height, width, 3), n ≥ 1.

    `times` are the seconds at which each frame is shown, the first at 0; `seconds` runs to the end of the last frame.
    """

    frames: Pixels = field(repr=False)
    times: tuple[float, ...] = field(repr=False)
    seconds: float
    file: FileFacts

    @property
    def frames_per_second(self) -> float | None:
        """Frames over seconds, None where the file gives the clip no length."""
        return len(self.times) / self.seconds if self.seconds > 0 else None

    @property
    def variable_rate(self) -> bool:
        """Whether the steps between frames differ by more than a twentieth of their median."""
        steps = np.diff(self.times)
        return len(steps) > 1 and bool(np.ptp(steps) > 0.05 * float(np.median(steps)))

    def at(self, moments: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """Return for each moment (seconds) the index of the frame that is on the screen then."""
        shown = np.searchsorted(np.asarray(self.times), np.asarray(moments, dtype=np.float64) + 1e-9, side="right") - 1
        return np.clip(shown, 0, len(self.times) - 1)
