"""Which reader a file's name asks for."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from data.errors import InputFileError
from data.suites.tables import delimited, json_rows, text_rows
from data.suites.tables.row import Rows

READERS: Final[Mapping[str, Callable[[Path], Rows]]] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".tab": delimited.read,
    ".json": json_rows.read,
    ".jsonl": json_rows.read_lines,
    ".ndjson": json_rows.read_lines,
    ".txt": text_rows.read,
}


def read_rows(path: Path) -> Rows:
    """Return the rows of a file by the ending of its name, or of a folder of text files.

    Raises InputFileError for an ending that is not read, and as the form's reader does.
    """
    if path.suffix.lower() not in READERS and path.is_dir():
        return text_rows.read_folder(path)
    if path.suffix.lower() not in READERS:
        known = ", ".join(READERS)
        got = repr(path.suffix) if path.suffix else "none"
        raise InputFileError(path, f"Expected a name that ends in {known}, or a folder, got {got}. Save it as CSV.")
    return READERS[path.suffix.lower()](path)
