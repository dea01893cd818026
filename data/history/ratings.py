"""Rating histories as CSV or Parquet: date, model, category, rating, interval."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from data.errors import InputFileError
from data.formats.csv import TableRow, read_rows
from data.history.interval_columns import IntervalColumns, interval_columns, interval_ends, renamed
from data.vocabulary import ALL_CATEGORIES

REQUIRED: Final = ("date", "model", "rating")
MOST_RATINGS: Final = 1_000_000
MOST_BYTES: Final = 256 * 1024 * 1024
LONGEST_NAME: Final = 200
ROUNDING: Final = 1.0
"""How far an interval that is given twice may differ: pages print whole numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A model's rating on a day, higher is better; `low` and `high` are the ends of its 95 % interval, if known."""

    day: dt.date
    model: str
    rating: float
    category: str = ALL_CATEGORIES
    low: float | None = None
    high: float | None = None


def read_ratings(path: Path, today: dt.date | None = None) -> tuple[Rating, ...]:
    """Return the ratings of a `.csv` or `.parquet` file.

    Columns: date, model, rating; category (else `*`); and as interval either one text (`-5/+5`, `+3/-3`, `±23`, `[1170,
    1186]`) or both ends, under the names that arenas use (`data.history.interval_columns`). `today` (else the day in
    UTC) is the last day that a rating may be of. Raises InputFileError with file, line (in Parquet the row) and column.
    """
    rows = _parquet(path) if path.suffix.lower() == ".parquet" else read_rows(path, REQUIRED)
    ratings, lines = [], dict[tuple[dt.date, str, str], int]()
    last, columns = today or dt.datetime.now(dt.UTC).date(), None
    for row in rows:
        columns = columns or _interval_columns(row)
        rating = _rating(replace(row, cells=renamed(row.cells, columns)), last)
        key = (rating.day, rating.category, rating.model)
        if key in lines:
            problem = (
                f"Expected one rating a day, model and category, got a second after line {lines[key]}. Remove one."
            )
            raise InputFileError(path, problem, line=row.line)
        lines[key] = row.line
        ratings.append(rating)
        if len(ratings) > MOST_RATINGS:
            raise InputFileError(path, f"Expected at most {MOST_RATINGS:,} ratings, got more. Split it.", line=row.line)
    if not ratings:
        raise InputFileError(path, "Expected at least one rating, got none. Add rows.")
    return tuple(ratings)


def alike(names: Iterable[str]) -> list[list[str]]:
    """Return the names that differ in letters of a-z and digits in nothing: perhaps of one model.

    What stands in brackets at a name's end tells models of one slug apart, and is left out here.

    >>> alike(["Painter A", "painter-a", "painter-b", "sketch (1)", "sketch (2)"])
    [['Painter A', 'painter-a'], ['sketch (1)', 'sketch (2)']]
    """
    by_slug: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        by_slug.setdefault(re.sub(r"\s*\([^()]*\)$|[^a-z0-9]", "", name.casefold()), []).append(name)
    return [group for slug, group in by_slug.items() if slug and len(group) > 1]


def checked_name(name: str) -> str | None:
    """Return a model's or category's name where it is short, printable text, else None."""
    return name if 0 < len(name) <= LONGEST_NAME and name.isprintable() else None


def _interval_columns(row: TableRow) -> IntervalColumns:
    try:
        return interval_columns(row.cells)
    except ValueError as error:
        raise InputFileError(row.path, str(error), line=1) from error


def _rating(row: TableRow, last: dt.date) -> Rating:
    moment, rating = row.moment("date"), row.number("rating")
    if moment is None or moment.kind != "date":
        raise row.wrong("date", "a date such as 2026-01-31")
    if int(moment.days) > last.toordinal():
        raise row.wrong("date", f"a day up to {last}, as nothing is rated in the future")
    if rating is None:
        raise row.wrong("rating", "a number")
    if not checked_name(row.cells["model"]):
        raise row.wrong("model", f"a name of 1 to {LONGEST_NAME} printable characters")
    category = row.cells.get("category") or ALL_CATEGORIES
    if not checked_name(category):
        raise row.wrong("category", f"a name of at most {LONGEST_NAME} printable characters")
    low, high = _ends(row, rating)
    return Rating(
        day=dt.date.fromordinal(int(moment.days)),
        model=row.cells["model"],
        rating=rating,
        category=category,
        low=low,
        high=high,
    )


def _ends(row: TableRow, rating: float) -> tuple[float | None, float | None]:
    text = row.cells.get("interval", "")
    printed = interval_ends(rating, text) if text else None
    if text and printed is None:
        raise row.wrong("interval", "an interval such as -5/+5, +3/-3, ±23 or [1170, 1186]")
    low, high = row.number("low"), row.number("high")
    if (low is None) != (high is None):
        raise row.wrong("low" if low is None else "high", "both ends of an interval, or none")
    if printed and low is not None and high is not None:
        _check_same(row, printed, (low, high))
    if low is None and printed:
        low, high = printed
    if low is not None and high is not None and not low <= rating <= high:
        raise row.wrong("interval" if text else "low", f"an interval around the rating {rating:g}")
    return low, high


def _check_same(row: TableRow, printed: tuple[float, float], ends: tuple[float, float]) -> None:
    if max(abs(a - b) for a, b in zip(printed, ends, strict=True)) > ROUNDING:
        raise row.wrong("interval", f"the interval that its ends say, {ends[0]:g} to {ends[1]:g}")


def _parquet(path: Path) -> Iterator[TableRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputFileError(path, f"Expected at most {MOST_BYTES:,} bytes, got more. Split the file.")
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            _check_columns(path, names)
            if file.metadata.num_rows > MOST_RATINGS:
                raise InputFileError(path, f"Expected at most {MOST_RATINGS:,} ratings, got more. Split it.")
            wanted = [name for name in names if name in (*REQUIRED, "category", *_of_interval(path, names))]
            rows = file.read(columns=wanted).to_pylist()
    except (pa.ArrowException, OSError) as error:
        problem = f"Expected a Parquet file, got: {str(error).splitlines()[0]:.200} Write it again."
        raise InputFileError(path, problem) from error
    for number, cells in enumerate(rows, start=1):
        yield TableRow(path, number, {name: _text(value) for name, value in cells.items()})


def _of_interval(path: Path, names: Sequence[str]) -> list[str]:
    try:
        return [name for name in interval_columns(names) if name is not None]
    except ValueError as error:
        raise InputFileError(path, str(error)) from error


def _check_columns(path: Path, names: Sequence[str]) -> None:
    missing = next((name for name in REQUIRED if name not in names), None)
    if missing is not None:
        got = ", ".join(names)[:200]
        problem = f"Expected the columns {', '.join(REQUIRED)}, got {got}. Add {missing!r}."
        raise InputFileError(path, problem, column=missing)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value).strip()
