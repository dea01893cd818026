"""A table from a file, held to all that must hold before anybody reads it: lint, and that it has not expired."""

import datetime as dt
from pathlib import Path
from typing import Any

from data.errors import RoutingError
from leaderboard.routing.table.lint import lint
from leaderboard.routing.table.model import RoutingTable
from leaderboard.routing.table.parsing import complaint, parsed
from leaderboard.routing.table.problems import LintProblem
from leaderboard.routing.timestamps import stamp


def content_problems(content: Any, *, at: dt.datetime) -> list[LintProblem]:
    """Return everything that is wrong with a file's JSON values as a table at a time; see `problems`."""
    table, misfits = parsed(content)
    return misfits if table is None else problems(table, at=at)


def problems(table: RoutingTable, *, at: dt.datetime) -> list[LintProblem]:
    """Return everything that is wrong with a table at a time: what lint finds, and a time outside its window."""
    wrong, now = lint(table), stamp(at)
    if table.expires_at <= now:
        sentence = f"Expected a time after {now}, got {table.expires_at}: it has expired. Build the table again."
        wrong.append(LintProblem("expired", "expires_at", sentence))
    if table.not_before > now:
        sentence = f"Expected a time up to {now}, got {table.not_before}: it is not valid yet. Check the clock."
        wrong.append(LintProblem("early", "not_before", sentence))
    return wrong


def check(table: RoutingTable, path: Path, *, at: dt.datetime) -> None:
    """Raise RoutingError with the file, the key and the sentence where a table does not hold at a time."""
    wrong = problems(table, at=at)
    if wrong:
        raise RoutingError(complaint(path, wrong))
