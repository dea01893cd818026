"""The manifest of brought media: CSV, TSV or JSON lines, one file a row; a row that does not hold is left out."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from data.errors import InputFileError
from data.formats.toml import read_text
from harness.brought.listing import BroughtRow, LeftOut, Listing

FILE, PROMPT = "file", "prompt"
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    FILE: ("file", "filename", "file_name", "path", "image", "image_path", "video", "video_path"),
    PROMPT: ("prompt_id", "prompt", "text", "prompt_text", "caption"),
    "model": ("model", "model_name"),
    "seed": ("seed",),
    "seconds": ("seconds", "latency_s", "latency_seconds"),
    "cost": ("cost", "cost_usd", "usd"),
    "deployment": ("deployment",),
}
"""What is read, and the names that it may have; of several names for a prompt the first that fits one counts."""
LARGEST_SEED: Final = 2**53 - 1


class _RowError(ValueError):
    """A row that does not hold; the sentence says why."""


def read_manifest(path: Path, model: str | None = None, deployment: str | None = None) -> Listing:
    """Return what a `.csv`, `.tsv`, `.jsonl` or `.ndjson` file says; `model` and `deployment` are of rows without one.

    Raises InputFileError for a file of another kind or without a column that is needed.
    """
    rows: list[BroughtRow] = []
    left_out: list[LeftOut] = []
    unread: dict[str, None] = {}
    known = {alias for aliases in COLUMNS.values() for alias in aliases}
    for line, content in _contents(path):
        place = f"{path.name}, line {line}"
        try:
            cells = _cells(content)
            unread |= dict.fromkeys(name for name in cells if name not in known)
            rows.append(_row(place, cells, model, deployment))
        except _RowError as error:
            left_out.append(LeftOut(place, str(error)))
    return Listing(rows=tuple(rows), left_out=tuple(left_out), unread_columns=tuple(unread))


def _contents(path: Path) -> Iterator[tuple[int, Any]]:
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _json_lines(path)
    if suffix in (".csv", ".tsv"):
        return _csv_rows(path, "\t" if suffix == ".tsv" else ",")
    raise InputFileError(path, "Expected a .csv, .tsv or .jsonl file, got another. Convert it.")


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError):
            yield number, None


def _csv_rows(path: Path, delimiter: str) -> Iterator[tuple[int, Any]]:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), delimiter=delimiter)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if not set(COLUMNS[FILE]) & set(header):
            got = ", ".join(header)[:200] or "an empty file"
            raise InputFileError(path, f"Expected a header with the column 'file', got {got}. Add it.", line=1)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None
    except csv.Error as error:
        problem = f"Expected comma-separated values, got: {error}. Correct the row."
        raise InputFileError(path, problem, line=reader.line_num) from error


def _cells(content: Any) -> dict[str, str]:
    """Return a row's cells as text, by column; what is empty or null is not there."""
    if not isinstance(content, dict):
        raise _RowError("Expected an object, or as many cells as the header has. Correct the row.")
    cells = {str(name).strip().lower(): value for name, value in content.items() if value is not None}
    for name, value in cells.items():
        if isinstance(value, bool | dict | list) and any(name in aliases for aliases in COLUMNS.values()):
            raise _RowError(f"Expected a text or a number as {name!r}, got {value!r:.60}. Correct it.")
    return {name: text for name, value in cells.items() if (text := str(value).strip())}


def _row(place: str, cells: Mapping[str, str], model: str | None, deployment: str | None) -> BroughtRow:
    file, named = _one(cells, FILE), _one(cells, "model") or model
    if file is None or named is None:
        raise _RowError(
            f"Expected a {'file' if file is None else 'model'}, got none. Add it"
            + ("." if file is None else ", or give --model.")
        )
    return BroughtRow(
        place=place,
        file=file,
        model=named,
        prompt=tuple(cells[alias] for alias in COLUMNS[PROMPT] if alias in cells),
        seed=_seed(_one(cells, "seed")),
        seconds=_amount("seconds", _one(cells, "seconds")),
        cost_usd=_amount("cost", _one(cells, "cost")),
        deployment=_one(cells, "deployment") or deployment,
    )


def _one(cells: Mapping[str, str], column: str) -> str | None:
    return next((cells[alias] for alias in COLUMNS[column] if alias in cells), None)


def _seed(text: str | None) -> int | None:
    if text is None:
        return None
    number = _number(text)
    if number is None or number != int(number) or not 0 <= number <= LARGEST_SEED:
        raise _RowError(f"Expected a seed from 0 to {LARGEST_SEED}, got {text!r:.60}. Correct it.")
    return int(number)


def _amount(column: str, text: str | None) -> float | None:
    if text is None:
        return None
    number = _number(text)
    if number is None or number < 0:
        raise _RowError(f"Expected {column} of 0 or more, got {text!r:.60}. Correct it or leave it empty.")
    return number


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None
