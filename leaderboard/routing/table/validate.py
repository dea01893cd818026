"""A table from a file, held to all that must hold before anybody reads it: lint, and that it has not expired."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.errors import RoutingError
from leaderboard.routing.table.lint import LintProblem, lint
from leaderboard.routing.timestamps import stamp


def problems(table: Mapping[str, Any], *, at: dt.datetime) -> list[LintProblem]:
    """Return everything that is wrong with a table at a time: what lint finds, and a time out of its window."""
    found = lint(table)
    if any(problem.code == "schema" for problem in found):
        return found
    now = stamp(at)
    if table["expires_at"] <= now:
        found.append(
            LintProblem(
                "expired",
                "expires_at",
                f"Expected a time after {now}, got {table['expires_at']}: it has expired. Build the table again.",
            )
        )
    if table["not_before"] > now:
        found.append(
            LintProblem(
                "early",
                "not_before",
                f"Expected a time up to {now}, got {table['not_before']}: it is not valid yet. Check the clock.",
            )
        )
    return found


def checked(table: Mapping[str, Any], path: Path, *, at: dt.datetime) -> None:
    """Raise RoutingError with the file, the key and the sentence where a table does not hold at a time."""
    found = problems(table, at=at)
    if found:
        more = f" ({len(found) - 1} more after this one; `halflife routes lint` lists them.)" if len(found) > 1 else ""
        raise RoutingError(f"{complaint(path, found[0])}{more}")


def complaint(path: Path, problem: LintProblem) -> str:
    """Return a problem as one sentence with the file and the key."""
    return f"{path}, key {problem.where!r}: {problem.sentence}"
