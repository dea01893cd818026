"""What a folder or a manifest says: rows that name a file and, as far as known, prompt, model, seed, time and cost."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, NamedTuple

from data.errors import HalflifeError
from harness.brought.files import BroughtFileError, inside

MOST_FILES: Final = 1_000_000
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".m4v", ".webm")


class LeftOut(NamedTuple):
    """What was not taken: a file or a line of a manifest, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtRow:
    """One file as it was handed over. `prompt` are words that may name its prompt, none: the file's name does.

    `place` is for people: the file, or the manifest's line. `seconds` and `cost_usd` (US dollars) are None where they
    are not given, and so is `deployment`, the catalogue's id of what made it.
    """

    place: str
    file: str
    model: str
    prompt: tuple[str, ...] = ()
    seed: int | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    deployment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The rows of a folder or a manifest, what was left out of it, and the columns that were not read."""

    rows: tuple[BroughtRow, ...]
    left_out: tuple[LeftOut, ...] = ()
    unread_columns: tuple[str, ...] = ()


def list_folder(folder: Path, model: str | None = None, deployment: str | None = None) -> Listing:
    """Return the media files of a folder, in order of their names; without `model` each subfolder is one.

    Hidden files are passed over; links that lead out of it and other files than media are left out with a reason.
    Raises HalflifeError where there is no such folder, or it holds too many files.
    """
    if not folder.is_dir():
        raise HalflifeError(f"Expected a folder of pictures or videos, got {str(folder)!r}. Check the path.")
    rows: list[BroughtRow] = []
    left_out: list[LeftOut] = []
    for name in _names(folder):
        reason = _unfit(folder, name)
        parts = PurePath(name).parts
        if reason is None and model is None and len(parts) == 1:
            reason = "Expected the folder of a model around it, got none. Give --model, or make one."
        if reason is not None:
            left_out.append(LeftOut(name, reason))
        else:
            rows.append(BroughtRow(place=name, file=name, model=model or parts[0], deployment=deployment))
        if len(rows) + len(left_out) > MOST_FILES:
            raise HalflifeError(f"Expected at most {MOST_FILES:,} files in {folder}, got more. Split it.")
    return Listing(rows=tuple(rows), left_out=tuple(left_out))


def _names(folder: Path) -> Iterator[str]:
    """Yield files and linked folders below a folder, by path, without going through links."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if os.path.islink(os.path.join(here, name))]
        for name in sorted([*linked, *(name for name in files if not name.startswith("."))]):
            yield os.path.relpath(os.path.join(here, name), folder)


def _unfit(folder: Path, name: str) -> str | None:
    try:
        mode = inside(folder, name).stat().st_mode
    except BroughtFileError as error:
        return str(error)
    except OSError as error:
        return f"Expected a file, got: {error.strerror or 'no end of links'}."
    if stat.S_ISDIR(mode):
        return "Expected a file, got a link to a folder, which is not followed."
    if not stat.S_ISREG(mode):
        return "Expected a plain file, got a pipe or a device."
    if not name.lower().endswith(SUFFIXES):
        return f"Expected a picture or a video by its name ({', '.join(SUFFIXES)})."
    return None
