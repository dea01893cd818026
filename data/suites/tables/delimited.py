"""Tables with a delimiter: CSV as spreadsheets write it, and TSV with or without quotation marks around cells."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from data.errors import InputFileError
from data.suites.tables.row import Row, Rows, table_text

NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
TAB: Final = "\t"

Line = tuple[int, list[str]]


def read(path: Path) -> Rows:
    """Return the rows below the header of a CSV or TSV file; empty lines are passed over.

    Raises InputFileError for a header that names a column twice, or a row of another length.
    """
    text = table_text(path)
    expected = TAB if path.suffix.lower() in (".tsv", ".tab") else ","
    delimiter = _delimiter(text, expected)
    lines = _lines(path, text, delimiter)
    if not lines:
        raise InputFileError(path, "Expected a header and prompts, got an empty file. Add them.")
    (number, header), *filled = lines
    columns = [name.strip() for name in header]
    _check(path, number, columns, filled)
    rows = [
        Row(line, {name: cell for name, cell in zip(columns, cells, strict=True) if name}) for line, cells in filled
    ]
    notes = () if delimiter == expected else (f"cells are separated by {NAMES[delimiter]}",)
    return Rows([name for name in columns if name], rows, notes)


def _delimiter(text: str, expected: str) -> str:
    """Return what separates the cells of the first line; what the file's name promises unless only another is there."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return expected if expected in first else max(NAMES, key=lambda mark: (first.count(mark), mark == expected))


def _lines(path: Path, text: str, delimiter: str) -> list[Line]:
    try:
        lines = list(_quoted(text, delimiter))
    except csv.Error as error:
        if delimiter != TAB:
            problem = (
                f"Expected cells that CSV can hold, got: {error}. Correct the quotation marks, or shorten the cell."
            )
            raise InputFileError(path, problem) from error
        return list(_literal(text))
    # In many TSV files a quotation mark is part of the text: then quoted cells would swallow tabs and line ends.
    return list(_literal(text)) if delimiter == TAB and len({len(cells) for _, cells in lines}) > 1 else lines


def _quoted(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def _literal(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if line.strip():
            yield number, line.split(TAB)


def _check(path: Path, line: int, columns: Sequence[str], rows: Sequence[Line]) -> None:
    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice is not None:
        raise InputFileError(path, "Expected each column once, got it twice. Rename one.", line=line, column=twice)
    for number, cells in rows:
        if len(cells) != len(columns):
            problem = f"Expected {len(columns)} cells as in the header, got {len(cells)}. Correct the row."
            raise InputFileError(path, problem, line=number)
