"""Where names stand beside points without overlapping: a greedy choice of one of four corners for each."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

Corner = Literal["right-up", "left-up", "right-down", "left-down"]
CORNERS: Final[tuple[Corner, ...]] = ("right-up", "left-up", "right-down", "left-down")
LETTER: Final = 7.2
LINE: Final = 15.0
OFFSET: Final = 9.0


class Point(NamedTuple):
    """A named point, in pixels from the upper left."""

    x: float
    y: float
    name: str


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Return the shared area."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)


def corners(points: Sequence[Point], *, width: float) -> list[Corner]:
    """Return a corner for each point's name in a drawing of `width` pixels; earlier ones of `CORNERS` are preferred."""
    dots = [Box(p.x - 8, p.y - 8, p.x + 8, p.y + 8) for p in points]
    placed: dict[int, Box] = {}
    chosen: dict[int, Corner] = {}
    for index in sorted(range(len(points)), key=lambda i: (points[i].y, points[i].x)):
        others = [*placed.values(), *(dot for i, dot in enumerate(dots) if i != index)]
        costs = [(_cost(_box(points[index], corner), others, width), place) for place, corner in enumerate(CORNERS)]
        corner = CORNERS[min(costs)[1]]
        chosen[index], placed[index] = corner, _box(points[index], corner)
    return [chosen[index] for index in range(len(points))]


def _cost(box: Box, others: Sequence[Box], width: float) -> float:
    outside = max(0.0, -box.left) + max(0.0, box.right - width)
    return sum(box.overlap(other) for other in others) + 40 * outside


def _box(point: Point, corner: Corner) -> Box:
    width = LETTER * len(point.name)
    left = point.x + OFFSET if corner.startswith("right") else point.x - OFFSET - width
    top = point.y - OFFSET - LINE / 2 if corner.endswith("up") else point.y + OFFSET - LINE / 2
    return Box(left, top, left + width, top + LINE)
