"""Half-lives from ratings that a user brought: each source apart, and none of them with what was measured here."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from data.errors import UnknownNameError
from data.vocabulary import ALL_CATEGORIES
from leaderboard.lifecycle.estimates import Estimate, estimates
from leaderboard.lifecycle.gap import DailyLead, gap_tenures
from leaderboard.lifecycle.spell import Spell, of_tenures
from leaderboard.lifecycle.tenure import Protocol, Tenure, tenures

if TYPE_CHECKING:
    import datetime as dt

    import duckdb
    import pandas as pd

NORMAL_95 = 1.959964

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
    found: pd.DataFrame = cursor.execute(SOURCES).df()
    return found


def ratings(cursor: "duckdb.DuckDBPyConnection", source: str) -> "pd.DataFrame":
    """Return a source's ratings: task, category, day, model, rating, low, high, the best first within a day.

    Raises UnknownNameError with the nearest source there is.
    """
    found: pd.DataFrame = cursor.execute(RATINGS, [source]).df()
    if found.empty:
        known = [name for (name,) in cursor.execute("SELECT DISTINCT source FROM ratings").fetchall()]
        raise UnknownNameError("source of ratings", source, known)
    return found


def half_lives(
    cursor: "duckdb.DuckDBPyConnection",
    *,
    source: str,
    protocol: Protocol | None = None,
    estimated: Callable[..., tuple[Estimate, ...]] = estimates,
) -> tuple[Estimate, ...]:
    """Return a source's half-lives of rank and of the lead: of each task, and of each of its categories.

    A task is told by its category `*` where the source rates all together, else by its categories in one. A lead is
    told by the ratings' intervals; without them there is none.
    """
    rule, found = protocol or Protocol(), list[Estimate]()
    pooled: dict[str, list[Spell]] = {}
    for (task, category), rows in ratings(cursor, source).groupby(["task", "category"], sort=True):
        where = {"source": source, "task": str(task), "category": str(category)}
        stays = list(of_tenures(rank_tenures(rows, rule), where))
        pooled.setdefault(str(task), []).extend(stays)
        found += estimated(stays, scope=where)
        leads = list(_leads(rows))
        if leads:
            found += estimated(of_tenures(gap_tenures(leads, gap_days=rule.gap_days), where), kind="gap", scope=where)
    return (*_tasks(source, pooled, estimated), *found)


def rank_tenures(rows: "pd.DataFrame", protocol: Protocol) -> tuple[Tenure, ...]:
    """Return the tenures in the top k of one category, from columns day, model, rating; equal ratings share a rank."""
    ranks: dict[dt.date, dict[str, int]] = {}
    placed = rows.assign(rank=rows.groupby("day")["rating"].rank(method="min", ascending=False))
    for day, model, rank in zip(placed["day"].dt.date, placed["model"], placed["rank"], strict=True):
        ranks.setdefault(day, {})[str(model)] = int(rank)
    return tenures(ranks, protocol=protocol)


def _tasks(
    source: str, pooled: Mapping[str, list[Spell]], estimated: Callable[..., tuple[Estimate, ...]]
) -> Iterator[Estimate]:
    for task, stays in pooled.items():
        overall = [one for one in stays if one.scope["category"] == ALL_CATEGORIES] or stays
        yield from estimated(overall, scope={"source": source, "task": task})


def _leads(rows: "pd.DataFrame") -> Iterator[DailyLead]:
    """Yield each day's lead of the first over the second, where both have an interval."""
    columns = (rows[name] for name in ("day", "model", "rating", "low", "high"))
    days = itertools.groupby(zip(*columns, strict=True), key=lambda row: row[0])
    for day, group in days:
        held = list(group)
        if len(held) < 2 or any(math.isnan(row[3]) for row in held[:2]):
            continue
        first, second = held[:2]
        error = math.hypot(first[4] - first[3], second[4] - second[3]) / (2 * NORMAL_95)
        z = (first[2] - second[2]) / error if error else math.inf * (first[2] > second[2])
        yield DailyLead(day.date(), first[1], 0.0 if math.isnan(z) else z, tuple(row[1] for row in held))
