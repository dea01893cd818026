"""The exact checker: reads the things back out of an image of the world of shapes, and judges them. Nothing is learned.

An image of any size is first reduced by area to the world's grid (shorter side 32), so that a nearest-neighbour
enlargement reads as its original. Each pixel is read as a blend of the background with a palette colour: it belongs to
the colour whose blend comes nearest, if that covers at least half of it. A thing is a connected component of one colour
over 1.8 % of the area; its shape is the template, stretched to the component's box, with the largest intersection over
union, if that is over 0.6. A blob that stands out from the background in no colour of the palette is a thing without
colour: it spoils the count, as it should.
Imports numpy, scipy and OpenCV only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar

import cv2
import numpy as np
import numpy.typing as npt
from scipy import ndimage

from data.embedded.world import BACKGROUNDS, COLOURS, PALETTE, RELATIONS, SHAPES, SIZE, Background, Colour, ShapeName

VERSION: Final = "1"

LONGEST: Final = 256
"""Longer over shorter side above which an image is not read: it is enlarged to a shorter side of `SIZE` pixels."""
"""Rises whenever a reading or a verdict can change."""

LEAST_AREA: Final = 0.018
LEAST_IOU: Final = 0.6
NEAR_COLOUR: Final = 80.0
FAR_FROM_BACKGROUND: Final = 60.0
_TEMPLATE: Final = 48
_FINER: Final = 6

_Image = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]
_FloatArray = npt.NDArray[np.float64]
ExpectedThing = tuple[Colour | None, ShapeName | None]
W = TypeVar("W", bound=str)


@dataclass(frozen=True, slots=True)
class DetectedThing:
    """One thing that was detected.

    `x` and `y` are the centroid and `area` the covered part, all as fractions of the image (0 to 1, y
    downwards). `colour` is None for a blob of no palette colour, `shape` is None below the least IoU.
    """

    colour: Colour | None
    shape: ShapeName | None
    x: float
    y: float
    area: float
    iou: float


@dataclass(frozen=True, slots=True)
class Detection:
    """All that was detected in one image, largest thing first; `background` is None if it is neither dark nor light."""

    things: tuple[DetectedThing, ...]
    background: Background | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an image meets an expectation, part by part.

    `colour` and `shape` compare the sets regardless of pairing, `bound` the pairs of colour and shape;
    `position` is true where no relation was asked; `background` is None where none was asked. `correct` is count,
    bound and position, and the background where one was asked.
    """

    count: bool
    colour: bool
    shape: bool
    position: bool
    background: bool | None
    correct: bool
    bound: bool


def detect(image: np.ndarray) -> Detection:
    """The things and the background of an image.

    `image`: uint8, shape (height, width, 3), RGB, any size of at least 8 by 8, at most `LONGEST` times as long as
    wide. Raises ValueError for anything else.
    """
    pixels = _reduced(image)
    ground = np.median(_border(pixels), axis=0)
    label, cover = _blends(pixels, ground)
    things: list[DetectedThing] = []
    for index, colour in enumerate(COLOURS):
        things += _components(np.where(label == index, cover, 0.0), colour)
    things += _foreign(np.linalg.norm(pixels - ground, axis=-1) > FAR_FROM_BACKGROUND, (label >= 0) & (cover >= 0.5))
    return Detection(tuple(sorted(things, key=lambda thing: -thing.area)), _background(ground))


def verdict(expectation: Mapping[str, Any], detection: Detection) -> Verdict:
    """Whether a detection meets an expectation as suites state it.

    `expectation`: `{"things": [{"colour": "red", "shape": "circle"}, ...], "relation": "left-of" | None,
    "background": "dark" | None}`; relation (from things[0] to things[1]) and background may be absent. Raises
    ValueError for words that are not of the world.
    """
    expected = _expected_things(expectation)
    relation = _word(expectation.get("relation"), RELATIONS, "relation")
    asked = _word(expectation.get("background"), BACKGROUNDS, "background")
    detected = detection.things
    count = len(detected) == len(expected)
    colour = Counter(colour for colour, _ in expected) == Counter(thing.colour for thing in detected)
    shape = Counter(shape for _, shape in expected) == Counter(thing.shape for thing in detected)
    bound = Counter(expected) == Counter((thing.colour, thing.shape) for thing in detected)
    position = relation is None or _in_relation(expected, relation, detected)
    background = None if asked is None else detection.background == asked
    correct = count and bound and position and background is not False
    return Verdict(count, colour, shape, position, background, correct, bound)


def _reduced(image: np.ndarray) -> _FloatArray:
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or min(image.shape[:2]) < 8:
        raise ValueError(
            f"Expected a uint8 RGB image of shape (height, width, 3), at least 8 by 8, got {image.dtype} {image.shape}."
        )
    height, width = image.shape[:2]
    shorter = min(height, width)
    if max(height, width) > LONGEST * shorter:
        raise ValueError(f"Expected an image at most {LONGEST} times as long as wide, got {width} × {height}.")
    target = (max(1, round(width * SIZE / shorter)), max(1, round(height * SIZE / shorter)))
    if target == (width, height):
        return image.astype(np.float64)
    how = cv2.INTER_AREA if shorter > SIZE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, target, interpolation=how), dtype=np.float64)


def _blends(pixels: _FloatArray, ground: _FloatArray) -> tuple[npt.NDArray[np.int64], _FloatArray]:
    """Each pixel's nearest palette colour, or -1, and how much of the pixel it covers (0 to 1): (height, width)."""
    lines = np.array([PALETTE[colour] for colour in COLOURS], dtype=np.float64) - ground
    offset = pixels - ground
    cover = np.clip(offset @ lines.T / np.maximum((lines * lines).sum(axis=-1), 1.0), 0.0, 1.0)
    missed = np.linalg.norm(offset[:, :, None, :] - cover[..., None] * lines, axis=-1)
    best = missed.argmin(axis=-1)
    label = np.where(missed.min(axis=-1) < NEAR_COLOUR, best, -1)
    return label, np.take_along_axis(cover, best[..., None], axis=-1)[..., 0]


def _border(pixels: _FloatArray) -> _FloatArray:
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def _background(ground: _FloatArray) -> Background | None:
    if ground.max() - ground.min() > FAR_FROM_BACKGROUND:
        return None
    level = float(ground.mean())
    if level < 100:
        return "dark"
    return "light" if level > 155 else None


def _components(cover: _FloatArray, colour: Colour | None) -> list[DetectedThing]:
    mask = cover >= 0.5
    if not mask.any():
        return []
    labelled, count = ndimage.label(mask, structure=np.ones((3, 3), dtype=int))
    sizes = np.bincount(labelled.ravel())
    height, width = mask.shape
    things = []
    for number in range(1, count + 1):
        area = sizes[number] / mask.size
        if area < LEAST_AREA:
            continue
        component = labelled == number
        rows, columns = np.nonzero(component)
        x, y = (columns.mean() + 0.5) / width, (rows.mean() + 0.5) / height
        shape, iou = _shape(cover, component) if colour is not None else (None, 0.0)
        things.append(DetectedThing(colour, shape, float(x), float(y), float(area), iou))
    return things


def _foreign(off_ground: _Mask, coloured: _Mask) -> list[DetectedThing]:
    # A one-pixel rim around a thing is antialiasing; only what lies outside of it can be a blob of its own.
    outside = off_ground & ~ndimage.binary_dilation(coloured, structure=np.ones((3, 3), dtype=bool))
    return _components(outside.astype(np.float64), None)


def _shape(cover: _FloatArray, component: _Mask) -> tuple[ShapeName | None, float]:
    """The shape of one component: its outline is where the cover, enlarged, passes one half."""
    rim = ndimage.binary_dilation(component, structure=np.ones((3, 3), dtype=bool))
    part = np.pad(np.where(rim, cover, 0.0), 1).astype(np.float32)
    fine = cv2.resize(part, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_LINEAR) >= 0.5
    rows, columns = np.nonzero(fine)
    box = fine[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.float32)
    stretched = cv2.resize(box, (_TEMPLATE, _TEMPLATE), interpolation=cv2.INTER_LINEAR) >= 0.5
    scores = {shape: _iou(stretched, template) for shape, template in _templates().items()}
    best = max(scores, key=lambda shape: scores[shape])
    return (best if scores[best] > LEAST_IOU else None), scores[best]


def _iou(first: _Mask, second: _Mask) -> float:
    return float(np.logical_and(first, second).sum() / np.logical_or(first, second).sum())


@cache
def _templates() -> dict[ShapeName, _Mask]:
    """Each shape filling its own bounding box, as it looks after reading at the world's resolution."""
    axis = (np.arange(_TEMPLATE) + 0.5) / _TEMPLATE * 2 - 1
    x, y = np.meshgrid(axis, axis)
    masks = {
        "circle": x * x + y * y <= 1,
        "square": np.ones_like(x, dtype=bool),
        "triangle": np.abs(x) <= (y + 1) / 2,
        "cross": (np.abs(x) <= 0.36) | (np.abs(y) <= 0.36),
    }
    return {shape: masks[shape] for shape in SHAPES}


def _expected_things(expectation: Mapping[str, Any]) -> list[ExpectedThing]:
    stated = expectation.get("things")
    if not isinstance(stated, Sequence) or isinstance(stated, str) or not stated:
        raise ValueError(f"Expected a list of things, got {stated!r}.")
    return [
        (_word(thing.get("colour"), COLOURS, "colour"), _word(thing.get("shape"), SHAPES, "shape")) for thing in stated
    ]


def _word(value: Any, known: tuple[W, ...], what: str) -> W | None:
    if value is None:
        return None
    for word in known:
        if value == word:
            return word
    raise ValueError(f"Unknown {what} {value!r}. Known: {', '.join(known)}.")


def _in_relation(expected: Sequence[ExpectedThing], relation: str, detected: Sequence[DetectedThing]) -> bool:
    if len(expected) != 2:
        return False
    first, second = (_matching(thing, detected) for thing in expected)
    if first is None or second is None or first is second:
        return False
    dx, dy = second.x - first.x, second.y - first.y
    if relation in ("left-of", "right-of"):
        return abs(dx) > abs(dy) and (dx > 0) == (relation == "left-of")
    return abs(dy) > abs(dx) and (dy > 0) == (relation == "above")


def _matching(expected: ExpectedThing, detected: Sequence[DetectedThing]) -> DetectedThing | None:
    """The detected thing of that colour and shape, else the largest of that colour: position is apart from shape."""
    colour, shape = expected
    of_colour = [thing for thing in detected if thing.colour == colour]
    exact = [thing for thing in of_colour if thing.shape == shape]
    return next(iter(exact + of_colour), None)
