"""Ratings that a user imported, read from a snapshot: the sources, their ratings, and their half-lives."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from data.errors import UnknownNameError
from leaderboard.lifecycle.estimates import estimates
from leaderboard.lifecycle.half_life_estimate import Estimate
from leaderboard.lifecycle.rating_tenures import rating_half_lives
from leaderboard.lifecycle.tenure import TenureProtocol

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SOURCES = """
    SELECT source, task, count(DISTINCT category) AS categories, count(DISTINCT model) AS models,
           count(DISTINCT day) AS snapshots, min(day) AS first_day, max(day) AS last_day, count(*) AS ratings
    FROM ratings GROUP BY source, task ORDER BY source, task
"""
RATINGS = """
    SELECT task, category, day, model, rating, low, high FROM ratings WHERE source = ?
    ORDER BY task, category, day, rating DESC, model
"""


def sources(cursor: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    """Return one row a source and task: categories, models, snapshots, first_day, last_day, ratings."""
    frame: pd.DataFrame = cursor.execute(SOURCES).df()
    return frame


def ratings(cursor: "duckdb.DuckDBPyConnection", source: str) -> "pd.DataFrame":
    """Return a source's ratings: task, category, day, model, rating, low, high, the best first within a day.

    Raises UnknownNameError with the nearest source there is.
    """
    frame: pd.DataFrame = cursor.execute(RATINGS, [source]).df()
    if frame.empty:
        names = [name for (name,) in cursor.execute("SELECT DISTINCT source FROM ratings").fetchall()]
        raise UnknownNameError("source of ratings", source, names)
    return frame


def half_lives(
    cursor: "duckdb.DuckDBPyConnection",
    *,
    source: str,
    protocol: TenureProtocol | None = None,
    estimated: Callable[..., tuple[Estimate, ...]] = estimates,
) -> tuple[Estimate, ...]:
    """Return a source's half-lives, as `rating_half_lives` estimates them. Raises UnknownNameError."""
    return rating_half_lives(ratings(cursor, source), source, protocol=protocol, estimated=estimated)
