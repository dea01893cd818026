"""Rating histories as CSV or Parquet: date, model, category, rating, interval."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from data.errors import InputFileError
from data.formats.csv import TableRow, read_rows
from data.vocabulary import ALL_CATEGORIES

REQUIRED: Final = ("date", "model", "rating")
MOST_RATINGS: Final = 1_000_000
MOST_BYTES: Final = 256 * 1024 * 1024
LONGEST_NAME: Final = 200

NUMBER = r"[+-]?\d+(?:\.\d+)?"
EITHER_SIDE: Final = re.compile(r"(?:\+/-|±|\+-)?\s*(\d+(?:\.\d+)?)")
BELOW_AND_ABOVE: Final = re.compile(r"-\s*(\d+(?:\.\d+)?)\s*/\s*\+?\s*(\d+(?:\.\d+)?)")
ENDS: Final = re.compile(rf"\[?\s*({NUMBER})\s*(?:,|;|\.\.|to|–)\s*({NUMBER})\s*\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A model's rating on a day, higher is better; `low` and `high` are the ends of its 95 % interval, if known."""

    day: dt.date
    model: str
    rating: float
    category: str = ALL_CATEGORIES
    low: float | None = None
    high: float | None = None


def read_ratings(path: Path) -> tuple[Rating, ...]:
    """Return the ratings of a `.csv` or `.parquet` file.

    Columns: date, model, rating; category (else `*`); and as interval either `interval` (`-5/+5`, `±23`, `[1170,
    1186]`) or `low` and `high`. Raises InputFileError with file, line (in Parquet the row) and column.
    """
    rows = _parquet(path) if path.suffix.lower() == ".parquet" else read_rows(path, REQUIRED)
    ratings, lines = [], dict[tuple[dt.date, str, str], int]()
    for row in rows:
        rating = _rating(row)
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


def interval_ends(rating: float, text: str) -> tuple[float, float] | None:
    """Return the ends that an interval's text means around a rating, None where it means none.

    >>> interval_ends(1246.0, "-11/+12"), interval_ends(1178.0, "+/- 23"), interval_ends(5.0, "[4.5, 6]")
    ((1235.0, 1258.0), (1155.0, 1201.0), (4.5, 6.0))
    """
    text = text.strip()
    if match := BELOW_AND_ABOVE.fullmatch(text):
        return rating - float(match[1]), rating + float(match[2])
    if match := EITHER_SIDE.fullmatch(text):
        return rating - float(match[1]), rating + float(match[1])
    if match := ENDS.fullmatch(text):
        return float(match[1]), float(match[2])
    return None


def checked_name(name: str) -> str | None:
    """Return a model's or category's name where it is short, printable text, else None."""
    return name if 0 < len(name) <= LONGEST_NAME and name.isprintable() else None


def _rating(row: TableRow) -> Rating:
    moment, rating = row.moment("date"), row.number("rating")
    if moment is None or moment.kind != "date":
        raise row.wrong("date", "a date such as 2026-01-31")
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
    ends = interval_ends(rating, text) if text else None
    if text and ends is None:
        raise row.wrong("interval", "an interval such as -5/+5, ±23 or [1170, 1186]")
    low, high = ends or (row.number("low"), row.number("high"))
    if (low is None) != (high is None):
        raise row.wrong("low" if low is None else "high", "both ends of an interval, or none")
    if low is not None and high is not None and not low <= rating <= high:
        raise row.wrong("interval" if text else "low", f"an interval around the rating {rating:g}")
    return low, high


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
            wanted = [n for n in (*REQUIRED, "category", "interval", "low", "high") if n in names]
            rows = file.read(columns=wanted).to_pylist()
    except (pa.ArrowException, OSError) as error:
        problem = f"Expected a Parquet file, got: {str(error).splitlines()[0]:.200} Write it again."
        raise InputFileError(path, problem) from error
    for number, cells in enumerate(rows, start=1):
        yield TableRow(path, number, {name: _text(value) for name, value in cells.items()})


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
