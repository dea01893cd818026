"""What is made: the shape of one call of a pipeline, what a user asked for, and what an architecture takes."""

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from data.errors import ShapeError
from data.formats.toml import Declared

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
class ShapeRequest:
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


class ShapeLimits(Declared):
    """Which shapes are taken: multiples of pixels, `frame_step`·k + `first_frames` frames, sides and text to a limit.

    Without `frame_step` the architecture makes single pictures; with `square` both sides are the same.

    >>> limits = ShapeLimits(multiple=16, frame_step=4, longest_side=1024)
    >>> limits.nearest_side(500), limits.nearest_size(500, 2000), limits.nearest_frames(80)
    (496, (496, 1024), 81)
    """

    multiple: int = Field(ge=1)
    square: bool = False
    shortest_side: int = Field(default=1, ge=1)
    longest_side: int = Field(default=LARGEST, ge=1)
    frame_step: int | None = Field(default=None, ge=1)
    first_frames: int = Field(default=1, ge=1)
    fewest_frames: int = Field(default=1, ge=1)
    most_frames: int = Field(default=LARGEST, ge=1)
    text_multiple: int = Field(default=1, ge=1)
    fewest_text_tokens: int = Field(default=1, ge=0)
    most_text_tokens: int = Field(default=LARGEST, ge=0)

    def nearest_side(self, pixels: int) -> int:
        """Return the nearest side in pixels that is taken; of two as near the smaller."""
        return _nearest(pixels, range(0, self.longest_side + 1, self.multiple), least=max(1, self.shortest_side))

    def nearest_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the nearest width and height in pixels that are taken."""
        if self.square:
            width = height = round(abs(width * height) ** 0.5)
        return self.nearest_side(width), self.nearest_side(height)

    def nearest_frames(self, frames: int) -> int:
        """Return the nearest number of frames that is taken; of two as near the smaller."""
        taken = range(self.first_frames, self.most_frames + 1, self.frame_step or LARGEST)
        return _nearest(frames, taken, least=self.fewest_frames)

    def nearest_text(self, tokens: int) -> int:
        """Return the nearest number of text tokens that is taken; of two as near the smaller."""
        return _nearest(tokens, range(0, self.most_text_tokens + 1, self.text_multiple), least=self.fewest_text_tokens)


def fitted(name: str, asked: ShapeRequest, conventions: Conventions, limits: ShapeLimits) -> Shape:
    """Return the shape that `asked` stands for on the architecture `name`, conventions filled in.

    Raises ShapeError with the nearest shape that is taken. Seconds become the nearest number of frames that is.

    >>> conventions = Conventions(width=512, height=512, steps=20, guidance=4.0, text_tokens=77)
    >>> fitted("tiny", ShapeRequest(steps=8), conventions, ShapeLimits(multiple=8)).steps
    8
    >>> fitted("tiny", ShapeRequest(width=500), conventions, ShapeLimits(multiple=8))
    Traceback (most recent call last):
    data.errors.ShapeError: Expected sides that are multiples of 8 pixels for tiny, got 500x512. The nearest is 496x512.
    """
    width = conventions.width if asked.width is None else asked.width
    height = conventions.height if asked.height is None else asked.height
    check_size(name, width, height, limits)
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


def check_size(name: str, width: int, height: int, limits: ShapeLimits) -> None:
    """Raise ShapeError, with the nearest size that is taken, for sides in pixels that `name` does not take."""
    near = limits.nearest_size(width, height)
    if (width, height) != near:
        bounds = _bounds(limits.shortest_side, limits.longest_side, least=limits.multiple)
        sides = "equal sides" if limits.square else "sides"
        raise ShapeError(
            f"Expected {sides} that are multiples of {limits.multiple} pixels{bounds} for {name}, "
            f"got {width}x{height}. The nearest is {near[0]}x{near[1]}."
        )


def _check_text(name: str, tokens: int, conventions: Conventions, limits: ShapeLimits) -> None:
    near = limits.nearest_text(tokens) if conventions.text_tokens else 0
    if tokens != near:
        multiples = f" in multiples of {limits.text_multiple}" if limits.text_multiple > 1 else ""
        bounds = _bounds(limits.fewest_text_tokens, limits.most_text_tokens, least=1)
        wanted = f"text tokens{multiples}{bounds}" if conventions.text_tokens else "no text tokens"
        raise ShapeError(f"Expected {wanted} for {name}, got {tokens}. The nearest is {near}.")


def _bounds(least_taken: int, most_taken: int, *, least: int) -> str:
    low = f" from {least_taken}" if least_taken > least else ""
    return low + (f" up to {most_taken}" if most_taken < LARGEST else "")


def _frames(name: str, asked: ShapeRequest, conventions: Conventions, limits: ShapeLimits) -> int:
    if asked.seconds is not None:
        return _frames_of_seconds(name, asked, conventions, limits)
    frames = conventions.frames if asked.frames is None else asked.frames
    near = limits.nearest_frames(frames)
    if frames != near:
        wanted = (
            "one frame"
            if limits.frame_step is None
            else f"frames of the form {limits.frame_step}k + {limits.first_frames}"
        )
        bounds = _bounds(limits.fewest_frames, limits.most_frames, least=1)
        raise ShapeError(f"Expected {wanted}{bounds} for {name}, got {frames}. The nearest is {near}.")
    return frames


def _frames_of_seconds(name: str, asked: ShapeRequest, conventions: Conventions, limits: ShapeLimits) -> int:
    if asked.frames is not None:
        raise ShapeError("Expected one of seconds and frames, got both. Leave one out.")
    if limits.frame_step is None or conventions.fps is None:
        raise ShapeError(
            f"Expected no duration for {name}, which makes pictures, got {asked.seconds:g} s. Leave it out."
        )
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


def _nearest(value: int, taken: range, *, least: int) -> int:
    first = taken.index(next(number for number in taken if number >= least))
    below = taken[max(first, min(len(taken) - 1, (value - taken.start) // taken.step))]
    above = min(taken[-1], below + taken.step)
    return above if above - value < value - below else below
