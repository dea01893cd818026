"""Where ratings from outside are kept: `history/<source>/<digest>.json` under the home, written once each.

A file is named by its content, so importing the same ratings again changes nothing. Where two files of one source rate
the same model on the same day in the same category, the one that was imported later counts.
"""

import datetime as dt
import re
from collections.abc import Sequence
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


def add_to_shelf(home: Home, imported: Imported) -> bool:
    """Keep an import; False where the same ratings of the same source are there. Raises HomeError on a full disk."""
    check_identifier("source", imported.source)
    content = digest({"source": imported.source, "task": imported.task, "ratings": imported.ratings})
    folder = home.history / imported.source
    place = folder / f"{content}.json"
    if place.exists():
        return False
    make_folder(folder)
    write_atomic(place, canonical(imported) + b"\n")
    return True


def files(home: Home) -> list[Path]:
    """Return the files on the shelf, by source and name."""
    if not home.history.is_dir():
        return []
    return sorted(path for path in home.history.glob("*/*.json") if NAME.fullmatch(path.name))


def read_imported(path: Path) -> Imported:
    """Return what a file on the shelf holds. Raises InputFileError where it is damaged or misplaced."""
    try:
        held = from_json(Imported, parse(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise InputFileError(path, f"Expected ratings of ours, got: {error}. Import them again.") from error
    content = digest({"source": held.source, "task": held.task, "ratings": held.ratings})
    if (held.source, f"{content}.json") != (path.parent.name, path.name):
        raise InputFileError(path, "Expected the ratings that its name stands for, got others. Import them again.")
    return held


def shelf(home: Home) -> Sequence[Imported]:
    """Return every import, the oldest first."""
    return sorted((read_imported(path) for path in files(home)), key=lambda one: (one.imported_at, one.source))
