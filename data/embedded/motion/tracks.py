"""Things followed through a clip: the picture's detector frame by frame, and its findings linked into tracks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from data.embedded.detector import DetectedThing, Detection, detect
from data.embedded.world import Background, Colour, ShapeName

FARTHEST: Final = 0.3
"""The farthest that a thing can go from one frame to the next, as a share of the side."""
_OTHER_COLOUR: Final = 0.5
_OTHER_SHAPE: Final = 0.1

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Track:
    """One thing through the frames in which it was seen; `frames` are their indices, the rest is frame by frame."""

    frames: tuple[int, ...]
    things: tuple[DetectedThing, ...]

    @property
    def x(self) -> Floats:
        """Centroids as shares of the width, 0 to 1."""
        return np.array([thing.x for thing in self.things])

    @property
    def y(self) -> Floats:
        """Centroids as shares of the height, 0 to 1, downwards."""
        return np.array([thing.y for thing in self.things])

    @property
    def size(self) -> Floats:
        """Natural logarithm of the square root of the covered share: differences are logarithms of ratios of size."""
        return np.log([thing.area for thing in self.things]) / 2

    @property
    def colours(self) -> tuple[Colour | None, ...]:
        """The colour in each frame."""
        return tuple(thing.colour for thing in self.things)

    @property
    def shape(self) -> ShapeName | None:
        """The shape in most frames."""
        return Counter(thing.shape for thing in self.things).most_common(1)[0][0]

    @property
    def shape_share(self) -> float:
        """The share of frames that show that shape, 0 to 1."""
        shape = self.shape
        return sum(thing.shape == shape for thing in self.things) / len(self.things)

    @property
    def unbroken(self) -> bool:
        """Whether no frame is missing between the first and the last."""
        return self.frames[-1] - self.frames[0] + 1 == len(self.frames)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from a clip: its detections frame by frame, and the tracks, the longest first."""

    detections: tuple[Detection, ...]
    tracks: tuple[Track, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of things in each frame."""
        return tuple(len(each.things) for each in self.detections)

    @property
    def background(self) -> Background | None:
        """The background, if it is the same in all frames."""
        seen = {each.background for each in self.detections}
        return seen.pop() if len(seen) == 1 else None


def read(clip: np.ndarray) -> Reading:
    """What a clip shows. `clip`: uint8, shape (frames, height, width, 3), RGB; ValueError for anything else."""
    if clip.ndim != 4 or len(clip) < 2:
        raise ValueError(f"Expected a clip of shape (frames, height, width, 3), at least 2 frames, got {clip.shape}.")
    detections = tuple(detect(frame) for frame in clip)
    return Reading(detections, linked(detections))


def linked(detections: Sequence[Detection]) -> tuple[Track, ...]:
    """Detections linked into tracks, nearest first; a change of colour or shape counts as a distance."""
    tracks: list[list[tuple[int, DetectedThing]]] = []
    for frame, detection in enumerate(detections):
        costs = sorted(
            (_distance(track[-1][1], thing), number, index)
            for number, track in enumerate(tracks)
            for index, thing in enumerate(detection.things)
            if np.hypot(track[-1][1].x - thing.x, track[-1][1].y - thing.y) <= FARTHEST
        )
        taken: dict[int, int] = {}
        for _, number, index in costs:
            if number not in taken.values() and index not in taken:
                taken[index] = number
        for index, thing in enumerate(detection.things):
            if index in taken:
                tracks[taken[index]].append((frame, thing))
            else:
                tracks.append([(frame, thing)])
    made = [Track(tuple(frame for frame, _ in each), tuple(thing for _, thing in each)) for each in tracks]
    return tuple(sorted(made, key=lambda track: -len(track.frames)))


def _distance(first: DetectedThing, second: DetectedThing) -> float:
    strange = _OTHER_COLOUR * (first.colour != second.colour) + _OTHER_SHAPE * (first.shape != second.shape)
    return float(np.hypot(first.x - second.x, first.y - second.y)) + strange
