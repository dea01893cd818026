"""What each video pipeline class of diffusers makes of the frames, sides and rate that it is asked for.

No class says how many frames a second it means, and most make another number of frames than was asked without a word:
so what can be asked is checked against this table before weights are loaded. Read in diffusers 0.42.1; a test runs
every class with tiny random weights and counts what comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from data.architectures.shape import LARGEST, ShapeLimits, check_size
from data.errors import ShapeError
from data.vocabulary import Settings, Task

Rounding = Literal["silent", "warned", "paired", "none"]
"""What a class does with a number of frames that it does not make.

It rounds down without a word; it rounds and warns; it decodes latents in pairs, so that an even number of them gives
three frames more than an odd one (CogVideoX: 45 asked, 48 made); or it does not round.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPipeline:
    """A class of pipelines: it makes `frame_step`·k + `first_frames` frames of sides that are multiples of `multiple`.

    `fps` is its authors' rate in frames a second; `audio` says that it makes sound too.
    """

    name: str
    fps: float
    multiple: int
    frame_step: int = 1
    first_frames: int = 1
    most_frames: int = LARGEST
    rounding: Rounding = "none"
    task: Task = "text-to-video"
    audio: bool = False

    @property
    def limits(self) -> ShapeLimits:
        """The same as limits of an architecture."""
        return ShapeLimits(
            multiple=self.multiple,
            frame_step=self.frame_step,
            first_frames=self.first_frames,
            most_frames=self.most_frames,
        )

    def delivered(self, frames: int) -> int:
        """Return how many frames the class makes when it is asked for `frames`.

        >>> VIDEO_PIPELINES["LTXPipeline"].delivered(100), VIDEO_PIPELINES["WanPipeline"].delivered(100)
        (97, 101)
        """
        if self.rounding == "paired":
            time = self.frame_step // 2
            latents = (frames - 1) // time + 1
            return (latents - 1) * time + 1 if latents % 2 else latents * time
        if self.rounding == "warned" and frames % self.frame_step != 1:
            return frames // self.frame_step * self.frame_step + 1
        if self.rounding == "silent":
            return (frames - 1) // self.frame_step * self.frame_step + 1
        return frames

    def frames(self, seconds: float, fps: float | None = None) -> int:
        """Return the number of frames that the class makes and that is nearest to `seconds` at `fps` (or its own rate).

        >>> VIDEO_PIPELINES["WanPipeline"].frames(5), VIDEO_PIPELINES["LTXPipeline"].frames(5, fps=30)
        (81, 153)
        """
        return self.limits.nearest_frames(max(1, round(seconds * (fps or self.fps))))

    def check(self, settings: Settings) -> None:
        """Raise ShapeError, which says what to ask instead, for frames or sides that the class does not make.

        >>> VIDEO_PIPELINES["LTXPipeline"].check(Settings(width=704, height=480, frames=100))
        Traceback (most recent call last):
        data.errors.ShapeError: Expected 97 or 105 frames for LTXPipeline (8k + 1), got 100, of which it would make 97.
        """
        check_size(self.name, settings.width, settings.height, self.limits)
        below, above = self._around(settings.frames)
        exact = self.rounding == "paired" and self.delivered(settings.frames) == settings.frames
        if not exact and settings.frames not in (below, above):
            wanted = f"{below}" if below == above else f"{below} or {above}"
            made = self.delivered(settings.frames)
            would = "" if made == settings.frames else f", of which it would make {made}"
            law = "" if self.frame_step == 1 else f" ({self.frame_step}k + {self.first_frames})"
            raise ShapeError(f"Expected {wanted} frames for {self.name}{law}, got {settings.frames}{would}.")

    def _around(self, frames: int) -> tuple[int, int]:
        """The nearest numbers of frames below and above that are made, the same one twice at an end."""
        taken = range(self.first_frames, self.most_frames + 1, self.frame_step)
        place = (frames - self.first_frames) // self.frame_step
        last = len(taken) - 1
        exact = (frames - self.first_frames) % self.frame_step == 0
        return taken[min(last, max(0, place))], taken[min(last, max(0, place + (not exact)))]


VIDEO_PIPELINES: Final[Mapping[str, VideoPipeline]] = MappingProxyType(
    {
        law.name: law
        for law in (
            VideoPipeline(name="WanPipeline", frame_step=4, rounding="warned", multiple=16, fps=16.0),
            VideoPipeline(name="LTXPipeline", frame_step=8, rounding="silent", multiple=32, fps=24.0),
            VideoPipeline(name="LTX2Pipeline", frame_step=8, rounding="silent", multiple=32, fps=24.0, audio=True),
            VideoPipeline(name="HunyuanVideoPipeline", frame_step=4, rounding="silent", multiple=16, fps=24.0),
            VideoPipeline(name="HunyuanVideo15Pipeline", frame_step=4, rounding="silent", multiple=16, fps=24.0),
            VideoPipeline(name="CogVideoXPipeline", frame_step=8, rounding="paired", multiple=16, fps=8.0),
            VideoPipeline(name="MochiPipeline", frame_step=6, rounding="silent", multiple=16, fps=30.0),
            VideoPipeline(name="SanaVideoPipeline", frame_step=4, rounding="silent", multiple=32, fps=16.0),
            VideoPipeline(name="AnimateDiffPipeline", most_frames=32, multiple=8, fps=8.0),
            VideoPipeline(name="StableVideoDiffusionPipeline", task="image-to-video", multiple=8, fps=7.0),
            VideoPipeline(
                name="MovingShapesPipeline", frame_step=8, first_frames=8, most_frames=16, multiple=32, fps=8.0
            ),
        )
    }
)
