"""JSON and JSON lines: a list of objects or texts, or an object of them by id or by category."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.errors import InputFileError
from data.formats.toml import parse_json
from data.suites.tables.row import Rows, rows_of, table_text

Cells = tuple[int, Mapping[str, Any]]


def read(path: Path) -> Rows:
    """Return the entries of a JSON file.

    It holds a list of objects or texts, an object of those by their ids, or an object of such lists by category; of an
    object with one list among other values, the list. Raises InputFileError for anything else.
    """
    content = parse_json(table_text(path), path)
    if isinstance(content, list):
        return rows_of(list(_entries(path, content)))
    if not isinstance(content, dict) or not content:
        raise InputFileError(path, f"Expected a list or an object of prompts, got {_kind(content)}. Check the file.")
    lists = {key: value for key, value in content.items() if isinstance(value, list) and _holds_entries(value)}
    if len(lists) == 1:
        ((key, entries),) = lists.items()
        return rows_of(list(_entries(path, entries)), f"the prompts are the list {key!r}")
    if len(lists) == len(content):
        return rows_of(list(_by_category(path, lists)), "each list is a category")
    if all(isinstance(value, dict | str) for value in content.values()):
        return rows_of(list(_by_id(path, content)), "each key is an id")
    raise InputFileError(path, "Expected objects or texts by their ids, got other values too. Give a list of objects.")


def read_lines(path: Path) -> Rows:
    """Return the entries of a JSON lines file, an object or a text a line; empty lines are passed over."""
    lines = ((number, line) for number, line in enumerate(table_text(path).split("\n"), start=1) if line.strip())
    return rows_of([(number, _cells(path, number, parse_json(line, path, line=number))) for number, line in lines])


def _entries(path: Path, entries: Sequence[Any]) -> Iterator[Cells]:
    for number, entry in enumerate(entries, start=1):
        yield number, _cells(path, number, entry)


def _by_category(path: Path, lists: Mapping[str, Sequence[Any]]) -> Iterator[Cells]:
    named = ((key, entry) for key, entries in lists.items() for entry in entries)
    for number, (key, entry) in enumerate(named, start=1):
        yield number, {"category": key} | dict(_cells(path, number, entry))


def _by_id(path: Path, entries: Mapping[str, Any]) -> Iterator[Cells]:
    for number, (key, entry) in enumerate(entries.items(), start=1):
        yield number, {"id": key} | dict(_cells(path, number, entry))


def _cells(path: Path, number: int, entry: Any) -> Mapping[str, Any]:
    if isinstance(entry, str):
        return {"prompt": entry}
    if not isinstance(entry, dict):
        raise InputFileError(path, f"Expected an object or a text, got {_kind(entry)}. Correct the entry.", line=number)
    return entry


def _holds_entries(value: Sequence[Any]) -> bool:
    return bool(value) and all(isinstance(entry, dict | str) for entry in value)


def _kind(value: Any) -> str:
    kinds = {"dict": "an empty object", "list": "a list", "NoneType": "null", "str": "a text"}
    return kinds.get(type(value).__name__, "a number or a truth value")
