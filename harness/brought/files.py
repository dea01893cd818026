"""Files of a folder that a person hands over, read as hostile input: none outside of it, none that is no plain file."""

import os
import stat
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 2**30
"""A file of more bytes is not read."""
OUTSIDE: Final = "Expected a file inside the folder, got a path that leads out of it."


class BroughtFileError(Exception):
    """A file that cannot be taken; the sentence becomes the reason, the same in every folder."""


def read_brought(folder: Path, name: str, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the bytes of the file `name` of a folder, symbolic links followed as long as they stay in it.

    Raises BroughtFileError for a file that is not there, lies outside, is empty, no plain file or over `most_bytes`.
    """
    try:
        path = inside(folder, name)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BroughtFileError("Expected a plain file, got a folder, a pipe or a device.")
            data = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise BroughtFileError("Expected a file of that name in the folder, got none.") from None
    except OSError as error:
        raise BroughtFileError(f"Expected a readable file, got: {error.strerror or 'no end of links'}.") from None
    if not data:
        raise BroughtFileError("Expected a picture or a video, got an empty file.")
    if len(data) > most_bytes:
        raise BroughtFileError(f"Expected at most {most_bytes:,} bytes, got more.")
    return data


def inside(folder: Path, name: str) -> Path:
    """Return where a name of a folder really lies. Raises BroughtFileError where that is outside, OSError on a loop."""
    try:
        path = (folder / name).resolve()
    except (ValueError, RuntimeError):
        raise BroughtFileError("Expected a file's name, got one that no file can have.") from None
    if not path.is_relative_to(folder.resolve()):
        raise BroughtFileError(OUTSIDE)
    return path
