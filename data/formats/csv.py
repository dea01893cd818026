"""Tables that people bring as CSV: read once and strictly, every complaint naming file, line and column."""

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from data.errors import InputFileError
from data.formats.toml import read_text

MomentKind = Literal["date", "number"]


class Moment(NamedTuple):
    """A date, a time or a number of days as days since a common origin."""

    days: float
    kind: MomentKind


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its cells by column, without the white space around them, and the line it ends on.

    >>> row = TableRow(Path("a.csv"), 2, {"model": "flux", "rating": "1200.5", "date": "0001-01-02"})
    >>> row.text("model"), row.number("rating"), row.number("low"), row.moment("date")
    ('flux', 1200.5, None, Moment(days=2.0, kind='date'))
    """

    path: Path
    line: int
    cells: dict[str, str]

    def wrong(self, column: str, wanted: str, advice: str = "Correct it.") -> InputFileError:
        """Return the error that says what was expected of a cell, and what it holds."""
        cell = self.cells.get(column, "")
        got = f"{cell!r:.60}" if cell else "nothing"
        return InputFileError(self.path, f"Expected {wanted}, got {got}. {advice}", line=self.line, column=column)

    def text(self, column: str) -> str:
        """Return a cell that must hold something."""
        if not self.cells[column]:
            raise self.wrong(column, "a value")
        return self.cells[column]

    def number(self, column: str) -> float | None:
        """Return a finite number, None where the cell is empty."""
        cell = self.cells.get(column, "")
        if not cell:
            return None
        number = _number(cell)
        if number is None:
            raise self.wrong(column, "a number")
        return number

    def moment(self, column: str) -> Moment | None:
        """Return a date such as 2026-01-31, a time or a number of days; None where the cell is empty."""
        cell = self.cells.get(column, "")
        if not cell:
            return None
        moment = _moment(cell)
        if moment is None:
            raise self.wrong(column, "a date such as 2026-01-31")
        return moment


def read_rows(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    """Yield the rows of a CSV file whose header has the `required` columns; others are kept, blank lines passed over.

    Raises InputFileError for a file without a header, a missing or repeated column, or a row of another length.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header, required)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problem = f"Expected {len(header)} cells as in the header, got {len(cells)}. Correct the row."
                raise InputFileError(path, problem, line=reader.line_num)
            yield TableRow(path, reader.line_num, {n: cell.strip() for n, cell in zip(header, cells, strict=True)})
    except csv.Error as error:
        problem = f"Expected comma-separated values, got: {error}. Correct the row."
        raise InputFileError(path, problem, line=reader.line_num) from error


def _check_header(path: Path, header: Sequence[str], required: Sequence[str]) -> None:
    for name in required:
        if name not in header:
            got = ", ".join(header)[:200] or "an empty file"
            problem = f"Expected a header with the columns {', '.join(required)}, got {got}. Add {name!r}."
            raise InputFileError(path, problem, line=1, column=name)
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise InputFileError(path, "Expected each column once, got it twice. Remove one.", line=1, column=twice)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def _moment(text: str) -> Moment | None:
    try:
        return Moment(float(dt.date.fromisoformat(text).toordinal()), "date")
    except ValueError:
        pass
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        number = _number(text)
        return None if number is None else Moment(number, "number")
    if moment.tzinfo is not None:
        moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return Moment(moment.toordinal() + (moment - midnight) / dt.timedelta(days=1), "date")
