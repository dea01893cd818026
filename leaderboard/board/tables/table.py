"""A table as plain data: a component draws it, a test can read it.

Every cell has the text that is shown and the value that it is sorted by. Nothing in it is markup: the component writes
all of it as text.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

ColumnKind = Literal["rank", "name", "text", "number", "interval"]
Bounds = tuple[float | None, float | None]
LARGEST: Final = 1e300
LEAST: Final = 1e-300
Tone = Literal["plain", "muted", "good", "warning", "bad", "accent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `help` is its tooltip, `wrap` lets a long text take several lines.

    On a narrow screen the columns that are not `narrow` become a line of notes below the row's name.
    """

    key: str
    label: str
    kind: ColumnKind = "text"
    help: str = ""
    narrow: bool = False
    sortable: bool = True
    wrap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A short word beside a name."""

    text: str
    tone: Tone = "plain"
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one cell shows: `text`, `sub` below it, `help` as a tooltip; `sort` is the value to sort by.

    `value`, `low`, `high` are drawn on the axis; `best` and `worst` are the ends of a rank set.
    """

    text: str
    sort: float | str | None = None
    sub: str = ""
    help: str = ""
    tone: Tone = "plain"
    badges: tuple[Badge, ...] = ()
    value: float | None = None
    low: float | None = None
    high: float | None = None
    best: int | None = None
    worst: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on the axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The axis that the interval bars of a table share."""

    low: float
    high: float
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table. `rows` map column keys to cells; `places` counts the ranks; `label` is its accessible name.

    It opens sorted by the column `sort`; the rows in `highlight` (by index) are marked.
    """

    label: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Cell]]
    axis: Axis | None = None
    places: int = 0
    sort: str = ""
    descending: bool = False
    highlight: Sequence[int] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; numbers that are not finite, which JSON cannot hold, are missing."""
        return asdict(self, dict_factory=_finite)


def _finite(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in fields}


def axis(values: Sequence[float], bounds: Bounds, *, write: Callable[[float], str]) -> Axis | None:
    """Return an axis with three to five round ticks that holds all values and stays within the metric's bounds.

    None without a finite value. Values outside the bounds count as on them.

    >>> [tick.text for tick in axis([0.18, 0.99], (0.0, 1.0), write=str).ticks]
    ['0.0', '0.25', '0.5', '0.75', '1.0']
    """
    floor = -LARGEST if bounds[0] is None else bounds[0]
    ceiling = LARGEST if bounds[1] is None else bounds[1]
    finite = [min(max(value, floor), ceiling) for value in values if math.isfinite(value)]
    if not finite:
        return None
    low, high = min(finite), max(finite)
    # Finer steps than a billionth of the values could not be told apart.
    rough = (
        max(high - low, 1e-9 * max(abs(low), abs(high)), LEAST)
        if high > low
        else max(abs(high), LEAST)
        if high
        else 1.0
    ) / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    first -= step * first > low + 1e-9 * abs(low)
    last = max(last + (step * last < high - 1e-9 * abs(high)), first + 1)
    first -= max(floor, step * first) >= min(ceiling, step * last)
    places = [float(f"{step * number:.12g}") for number in range(first, last + 1)]
    return Axis(
        low=max(floor, places[0]),
        high=min(ceiling, places[-1]),
        ticks=tuple(Tick(at=at, text=write(at)) for at in places if floor <= at <= ceiling),
    )
