"""The history of models in a snapshot: their states, their marked changes, and the last day each was run."""

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

LAST_RUNS = "SELECT model, max(day) AS day FROM daily_runs WHERE calendar = 'live' GROUP BY model"
STATES = """
    SELECT model, state, day, reason, decided_by, successor, until,
           lead(day) OVER (PARTITION BY model ORDER BY day, decided_at) AS ended
    FROM model_states ORDER BY model, day, decided_at
"""
MARKS = """
    SELECT model, suite, suite_digest, day, found_on, revision, metric, p, shift, low, high FROM drift_marks
    ORDER BY day, model, p, metric
"""


def last_runs(cursor: "duckdb.DuckDBPyConnection") -> dict[str, dt.date]:
    """Return the last day on which each model was run on the live calendar."""
    return dict(cursor.execute(LAST_RUNS).fetchall())


def states(cursor: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    """Return every state for a timeline: model, state, day, ended, reason, decided_by, successor, until."""
    frame: pd.DataFrame = cursor.execute(STATES).df()
    return frame


def drift_marks(cursor: "duckdb.DuckDBPyConnection") -> "pd.DataFrame":
    """Return one row a marked change and metric.

    Columns: model, suite, suite_digest, day, found_on, revision, metric, p, shift, low, high.
    """
    frame: pd.DataFrame = cursor.execute(MARKS).df()
    return frame
