"""Text: a file with one prompt a line, or a folder of text files."""

import re
from pathlib import Path

from data.errors import InputFileError
from data.suites.tables import delimited
from data.suites.tables.row import Row, Rows, rows_of, table_text

ITEM = "item_id"
"""The column by which DPG-Bench's table of questions names the text file of a prompt."""


def read(path: Path) -> Rows:
    """Return one prompt a line; empty lines are passed over."""
    return rows_of([(number, {"prompt": line}) for number, line in _filled(path)])


def read_folder(folder: Path) -> Rows:
    """Return one prompt a file where every text file has a single line, else one a line with the file as category.

    A table beside them with the column `item_id` says what is asked about each file's picture (DPG-Bench's form).
    Raises InputFileError for a folder without text files.
    """
    files = sorted(
        (path for path in folder.iterdir() if path.suffix.lower() == ".txt" and path.name[0] != "."), key=_place
    )
    if not files:
        raise InputFileError(folder, "Expected text files (.txt) in the folder, got none. Name the table's file.")
    texts = {path: _filled(path) for path in files}
    if max(len(lines) for lines in texts.values()) > 1:
        lines = [(number, path.stem, line) for path in files for number, line in texts[path]]
        cells = [(number, {"category": stem, "prompt": line}) for number, stem, line in lines]
        return rows_of(cells, "one prompt a line, and each file's name is the category")
    for path in files:
        if not texts[path]:
            raise InputFileError(path, "Expected a prompt, got an empty file. Write one, or remove the file.")
    prompts = {path.stem: texts[path][0][1] for path in files}
    asked = _questions(folder)
    if asked is None:
        cells = [(place, {"id": stem, "prompt": text}) for place, (stem, text) in enumerate(prompts.items(), start=1)]
        return rows_of(cells, "one prompt a file, whose name is the id")
    return _joined(folder, prompts, asked)


def _joined(folder: Path, prompts: dict[str, str], asked: Rows) -> Rows:
    rows: list[Row] = []
    for row in asked.rows:
        name = row.cells[ITEM].strip()
        if name not in prompts:
            problem = f"Expected questions about a text file of the folder, got {name!r}. Add {name}.txt."
            raise InputFileError(folder, problem, line=row.line, column=ITEM)
        rows.append(Row(row.line, {**row.cells, "text": prompts[name]}))
    without = prompts.keys() - {row.cells[ITEM].strip() for row in asked.rows}
    rows += [Row(1, {ITEM: name, "text": prompts[name]}) for name in prompts if name in without]
    columns = tuple(dict.fromkeys([*asked.columns, "text"]))
    return Rows(columns, rows, ("one prompt a file, with the questions of the table beside them",))


def _questions(folder: Path) -> Rows | None:
    tables = [delimited.read(path) for path in sorted(folder.glob("*.csv")) if path.name[0] != "."]
    return next((table for table in tables if ITEM in table.columns), None)


def _filled(path: Path) -> list[tuple[int, str]]:
    lines = table_text(path).replace("\r\n", "\n").split("\n")
    return [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip()]


def _place(path: Path) -> list[tuple[int, str]]:
    """Order 2.txt before 10.txt."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", path.stem)]
