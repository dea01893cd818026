"""Where external ratings are kept: `history/<source>/<digest>.json` under the home, written once each.

A file is named by its content, so importing the same ratings again changes nothing. Where two files of one source rate
the same model on the same day in the same category, the one that was imported later counts.
"""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.errors import InputFileError
from data.files import make_folder, write_atomic
from data.history.ratings import Rating
from data.home import Home
from data.serialization import canonical, digest, from_json, parse
from data.vocabulary import Task, check_identifier

NAME: Final = re.compile(r"[0-9a-f]{64}\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One import: whose ratings of which task, the file's name as the user had it, and when it came."""

    source: str
    task: Task
    origin: str
    imported_at: dt.datetime
    ratings: tuple[Rating, ...]


def save_import(home: Home, imported: Imported) -> bool:
    """Save an import; False where the same ratings of the same source are there. Raises HomeError on a full disk."""
    check_identifier("source", imported.source)
    folder = home.history / imported.source
    place = folder / f"{_digest(imported)}.json"
    if place.exists():
        return False
    make_folder(folder)
    write_atomic(place, canonical(imported) + b"\n")
    return True


def import_files(home: Home) -> list[Path]:
    """Return the files of all imports, by source and name."""
    if not home.history.is_dir():
        return []
    return sorted(path for path in home.history.glob("*/*.json") if NAME.fullmatch(path.name))


def read_import(path: Path) -> Imported:
    """Return the import that a file holds. Raises InputFileError where it is damaged or misplaced."""
    try:
        imported = from_json(Imported, parse(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise InputFileError(path, f"Expected ratings of ours, got: {error}. Import them again.") from error
    if (imported.source, f"{_digest(imported)}.json") != (path.parent.name, path.name):
        raise InputFileError(path, "Expected the ratings that its name stands for, got others. Import them again.")
    return imported


def _digest(imported: Imported) -> str:
    return digest({"source": imported.source, "task": imported.task, "ratings": imported.ratings})
