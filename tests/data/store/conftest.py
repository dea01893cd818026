"""What tests of the store share: every table's content, and standings to put in."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.store.database import connect
from data.store.warehouse import Warehouse

Content = dict[str, list[tuple[Any, ...]]]


def read_content(path: Path) -> Content:
    """Every table and view of a DuckDB file, its rows in an order of their own."""
    with contextlib.closing(connect(path, read_only=True)) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        names += [
            name for (name,) in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        ]
        return {name: sorted(connection.table(name).fetchall(), key=repr) for name in names}


def make_standings(warehouse: Warehouse) -> None:
    """A stand-in for the leaderboard: one row a calendar, suite, metric, day and model out of the prompt means."""
    with warehouse.cursor() as cursor:
        frame = cursor.execute(
            "SELECT calendar, suite, suite_digest, '*' AS category, metric, version, fingerprint, day, model, "
            "list_avg(list_sort(list(mean))) AS estimate, NULL::DOUBLE AS low, NULL::DOUBLE AS high, "
            "count(*)::INTEGER AS n_prompts, sum(n_seeds)::INTEGER AS n_samples, 0 AS n_not_ok, 1 AS rank, "
            "1 AS rank_best, 2 AS rank_worst, NULL::DOUBLE AS p_top_k, 3 AS k, "
            "0 AS n_unsound, 0.0 AS unsound, NULL::DOUBLE AS unsound_low, NULL::DOUBLE AS unsound_high "
            "FROM daily_prompt_means GROUP BY ALL"
        ).df()
    for (calendar, suite_digest), rows in frame.groupby(["calendar", "suite_digest"]):
        warehouse.replace_standings(str(calendar), str(suite_digest), pd.DataFrame(rows))


@pytest.fixture
def content() -> Callable[[Path], Content]:
    """Reads every table and view of a DuckDB file."""
    return read_content


@pytest.fixture
def standings() -> Callable[[Warehouse], None]:
    """Fills the table of standings from what is in the warehouse."""
    return make_standings
