"""Rows of a table, whatever the form of its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import InputFileError
from data.formats.toml import read_text


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, and the line (or the entry, counted from 1) at which it begins."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file in order, the names of its columns, and what was guessed about its form."""

    columns: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str] = ()


def table_text(path: Path) -> str:
    """Return the text of a table's file. Raises InputFileError where it is not readable text, or holds a NUL."""
    text = read_text(path)
    at = text.find("\0")
    if at >= 0:
        problem = "Expected text, got the character U+0000. Save the file as UTF-8."
        raise InputFileError(path, problem, line=text.count("\n", 0, at) + 1)
    return text


def rows_of(cells: Sequence[tuple[int, Mapping[str, Any]]], *notes: str) -> Rows:
    """Return rows with all the columns that any of them has, in the order in which they first come."""
    columns = dict.fromkeys(column for _, each in cells for column in each)
    return Rows(tuple(columns), [Row(line, each) for line, each in cells], notes)
