"""Numbered migrations: SQL files `NNN_title.sql` in a folder, applied once each and in order."""

import re
from pathlib import Path
from typing import NamedTuple

from data.errors import HalflifeError

MIGRATIONS = Path(__file__).parent / "migrations"
"""Those of the warehouse."""
NAME = re.compile(r"(?P<number>[0-9]{3})_[a-z0-9_]+\.sql")


class Migration(NamedTuple):
    """One step of a database's shape."""

    number: int
    name: str
    sql: str


def migrations(folder: Path) -> list[Migration]:
    """Return the migrations of a folder by number. Raises ValueError where numbers have gaps or occur twice."""
    steps = []
    for path in sorted(folder.glob("*.sql")):
        match = NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"Expected a migration named NNN_title.sql, got {path.name!r}.")
        steps.append(Migration(int(match["number"]), path.stem, path.read_text(encoding="utf-8")))
    numbers = [migration.number for migration in steps]
    if numbers != list(range(1, len(steps) + 1)):
        raise ValueError(f"Expected migrations numbered from 001 without gaps in {folder}, got {numbers}.")
    return steps


def pending(steps: list[Migration], applied: set[int], path: Path) -> list[Migration]:
    """Return what is still to be applied to the database at `path`. Raises HalflifeError when it is newer."""
    newer = applied - {migration.number for migration in steps}
    if newer:
        raise HalflifeError(
            f"Expected {path} in a shape up to {len(steps):03}, got {max(newer):03}: a newer version made it. "
            "Update this one."
        )
    return [migration for migration in steps if migration.number not in applied]
