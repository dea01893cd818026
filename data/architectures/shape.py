"""What is made: the shape of one call of a pipeline, what a user asked for, and what an architecture takes."""

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from data.declaration import Declared
from data.errors import ShapeError

LARGEST: Final = 65_536
"""Pixels, frames, steps or tokens beyond which a number is a slip of the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One call: pixels, frames, steps, guidance scale, media a call and the tokens of text that the denoiser sees."""

    width: int
    height: int
    frames: int = 1
    steps: int
    guidance: float
    batch: int = 1
    text_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a user asked for; None stands for the architecture's convention. Seconds and frames exclude each other."""

    width: int | None = None
    height: int | None = None
    frames: int | None = None
    seconds: float | None = None
    steps: int | None = None
    guidance: float | None = None
    batch: int = 1
    text_tokens: int | None = None


class Conventions(Declared):
    """The call that the model's authors show: what a number left out stands for. `fps` is the rate of playing."""

    width: int = Field(ge=1)
    height: int = Field(ge=1)
    frames: int = Field(default=1, ge=1)
    fps: float | None = Field(default=None, gt=0)
    steps: int = Field(ge=1)
    guidance: float = Field(ge=0)
    text_tokens: int = Field(ge=0)


class Limits(Declared):
    """Which shapes are taken: multiples of pixels, frames of the form `frame_step`·k + 1, sides and text to a limit.

    Without `frame_step` the architecture makes single pictures.
    """

    multiple: int = Field(ge=1)
    longest_side: int = Field(default=LARGEST, ge=1)
    frame_step: int | None = Field(default=None, ge=1)
    most_frames: int = Field(default=LARGEST, ge=1)
    most_text_tokens: int = Field(default=LARGEST, ge=0)

    def nearest_side(self, pixels: int) -> int:
        """Return the nearest side in pixels that is taken; of two as near the smaller."""
        return _nearest(pixels, step=self.multiple, offset=0, most=self.longest_side)

    def nearest_frames(self, frames: int) -> int:
        """Return the nearest number of frames that is taken; of two as near the smaller."""
        return 1 if self.frame_step is None else _nearest(frames, step=self.frame_step, offset=1, most=self.most_frames)


def fitted(name: str, asked: Asked, conventions: Conventions, limits: Limits) -> Shape:
    """Return the shape that `asked` stands for on the architecture `name`, conventions filled in.

    Raises ShapeError with the nearest shape that is taken. Seconds become the nearest number of frames that is.
    """
    width = conventions.width if asked.width is None else asked.width
    height = conventions.height if asked.height is None else asked.height
    _check_size(name, width, height, limits)
    text = conventions.text_tokens if asked.text_tokens is None else asked.text_tokens
    _check_text(name, text, conventions, limits)
    return Shape(
        width=width,
        height=height,
        frames=_frames(name, asked, conventions, limits),
        steps=_counted("steps", conventions.steps if asked.steps is None else asked.steps),
        guidance=_guidance(conventions.guidance if asked.guidance is None else asked.guidance),
        batch=_counted("batch", asked.batch),
        text_tokens=text,
    )


def _check_size(name: str, width: int, height: int, limits: Limits) -> None:
    near = limits.nearest_side(width), limits.nearest_side(height)
    if (width, height) != near:
        limit = f" up to {limits.longest_side}" if limits.longest_side < LARGEST else ""
        raise ShapeError(
            f"Expected sides that are multiples of {limits.multiple} pixels{limit} for {name}, got {width}x{height}. "
            f"The nearest is {near[0]}x{near[1]}."
        )


def _check_text(name: str, tokens: int, conventions: Conventions, limits: Limits) -> None:
    least = min(1, conventions.text_tokens)
    most = limits.most_text_tokens if conventions.text_tokens else 0
    if not least <= tokens <= most:
        near = max(least, min(tokens, most))
        raise ShapeError(f"Expected {least} to {most} text tokens for {name}, got {tokens}. The nearest is {near}.")


def _frames(name: str, asked: Asked, conventions: Conventions, limits: Limits) -> int:
    if asked.seconds is not None:
        return _frames_of_seconds(name, asked, conventions, limits)
    frames = conventions.frames if asked.frames is None else asked.frames
    near = limits.nearest_frames(frames)
    if frames != near:
        wanted = "one frame" if limits.frame_step is None else f"frames of the form {limits.frame_step}k + 1"
        limit = f" up to {limits.most_frames}" if limits.most_frames < LARGEST else ""
        raise ShapeError(f"Expected {wanted}{limit} for {name}, got {frames}. The nearest is {near}.")
    return frames


def _frames_of_seconds(name: str, asked: Asked, conventions: Conventions, limits: Limits) -> int:
    if asked.frames is not None:
        raise ShapeError("Expected one of seconds and frames, got both. Leave one out.")
    if limits.frame_step is None or conventions.fps is None:
        raise ShapeError(f"Expected no duration for {name}, which makes pictures, got {asked.seconds:g} s. Leave it out.")
    if not 0 < (asked.seconds or 0) <= LARGEST / conventions.fps:
        raise ShapeError(
            f"Expected a duration of at most {LARGEST / conventions.fps:.0f} s above 0 for {name}, "
            f"got {asked.seconds:g} s. Correct it."
        )
    frames = round((asked.seconds or 0) * conventions.fps)
    if frames > limits.most_frames:
        most = limits.nearest_frames(limits.most_frames)
        raise ShapeError(
            f"Expected at most {most / conventions.fps:.2f} s ({most} frames) for {name}, got {asked.seconds:g} s. "
            f"The nearest is {most} frames."
        )
    return limits.nearest_frames(frames)


def _counted(what: str, value: int) -> int:
    if not 1 <= value <= LARGEST:
        raise ShapeError(f"Expected {what} from 1 to {LARGEST:,}, got {value}. Correct it.")
    return value


def _guidance(value: float) -> float:
    if not 0 <= value <= LARGEST:
        raise ShapeError(f"Expected a guidance scale of 0 or more, got {value:g}. Correct it.")
    return float(value)


def _nearest(value: int, *, step: int, offset: int, most: int) -> int:
    first = offset if offset else step
    last = first + (most - first) // step * step
    below = max(first, min(last, (value - offset) // step * step + offset))
    above = min(last, below + step)
    return above if above - value < value - below else below
