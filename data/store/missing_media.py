"""Which generated files a snapshot names that are not in the home any more."""

import os
from typing import TYPE_CHECKING, NamedTuple

from data.home import Home

if TYPE_CHECKING:
    import duckdb

NAMED = """
    SELECT DISTINCT unnest([media, delivery]) AS name FROM samples
    WHERE status = 'ok' ORDER BY name NULLS LAST
"""


class MediaCount(NamedTuple):
    """How many files are named, and the hashes of those that are gone."""

    named: int
    missing: tuple[str, ...]


def count_media(cursor: "duckdb.DuckDBPyConnection", home: Home) -> MediaCount:
    """Return how many files of samples a snapshot names, and which of them are gone: their scores stay, unshown."""
    named = [name for (name,) in cursor.execute(NAMED).fetchall() if name]
    there = {file.partition(".")[0] for folder in _folders(home) for file in os.listdir(folder)}
    return MediaCount(len(named), tuple(name for name in named if name not in there))


def _folders(home: Home) -> list[str]:
    if not home.media.is_dir():
        return []
    return [entry.path for entry in os.scandir(home.media) if entry.is_dir()]
