"""Half-lives of rank and lead from a source's ratings: each source by itself, never mixed with our own standings."""

import datetime as dt
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from data.vocabulary import ALL_CATEGORIES
from leaderboard.lifecycle.estimates import estimates
from leaderboard.lifecycle.gap import DailyLead, gap_tenures
from leaderboard.lifecycle.half_life_estimate import Estimate
from leaderboard.lifecycle.spell import Spell, spells_of_tenures
from leaderboard.lifecycle.tenure import Tenure, TenureProtocol, tenures

if TYPE_CHECKING:
    import pandas as pd

NORMAL_95 = 1.959964
WHOLES = (ALL_CATEGORIES, "overall", "all", "full", "allcategories", "total", "global", "fulldataset", "everything")
"""What sources call the category that holds all others, the first of them first."""


def rating_half_lives(
    ratings: "pd.DataFrame",
    source: str,
    *,
    protocol: TenureProtocol | None = None,
    estimated: Callable[..., tuple[Estimate, ...]] = estimates,
) -> tuple[Estimate, ...]:
    """Return a source's half-lives of rank and of the lead: of each task, and of each of its categories.

    `ratings` has the columns task, category, day, model, rating, low, high, the best first within a day. A task is
    judged by the category that holds all others (`*`, overall, full) if the source has one, else by all its categories
    together: a tenure is never counted in the whole and in a part. Without intervals of the
    ratings there is no half-life of the lead. `estimated` makes the estimates of one group of spells.

    >>> import pandas as pd
    >>> from leaderboard.lifecycle.estimates import exponential_only
    >>> days = pd.to_datetime(["2026-01-05", "2026-01-12"] * 2)
    >>> ratings = pd.DataFrame({"task": "t", "category": "*", "day": days, "model": ["a", "a", "b", "b"]})
    >>> ratings = ratings.assign(rating=[9.0, 8.0, 7.0, 9.0], low=math.nan, high=math.nan)
    >>> top = TenureProtocol(k=1, gap_days=0)
    >>> first, _ = rating_half_lives(ratings, "arena", protocol=top, estimated=exponential_only)
    >>> first.scope, first.events
    ({'source': 'arena', 'task': 't'}, 1)
    """
    protocol, results = protocol or TenureProtocol(), list[Estimate]()
    pooled: dict[str, list[Spell]] = {}
    for (task, category), rows in ratings.groupby(["task", "category"], sort=True):
        scope = {"source": source, "task": str(task), "category": str(category)}
        spells = list(spells_of_tenures(rank_tenures(rows, protocol), scope))
        pooled.setdefault(str(task), []).extend(spells)
        results += estimated(spells, scope=scope)
        leads = list(_leads(rows))
        if leads:
            lead_spells = spells_of_tenures(gap_tenures(leads, gap_days=protocol.gap_days), scope)
            results += estimated(lead_spells, kind="gap", scope=scope)
    return (*_tasks(source, pooled, estimated), *results)


def counted_categories(names: Iterable[str]) -> tuple[str, ...]:
    """Return the category of a source that holds all its others, where there is one, else all of them.

    >>> counted_categories(["Overall", "coding"]), counted_categories(["preset", "full"])
    (('Overall',), ('full',))
    >>> counted_categories(["people", "signs"])
    ('people', 'signs')
    """
    known = sorted(names)
    plain = {re.sub("[^a-z*]", "", name.casefold()): name for name in known}
    whole = next((plain[name] for name in WHOLES if name in plain), None)
    return tuple(known) if whole is None else (whole,)


def rank_tenures(rows: "pd.DataFrame", protocol: TenureProtocol) -> tuple[Tenure, ...]:
    """Return the tenures in the top k of one category, from columns day, model, rating; equal ratings share a rank.

    >>> import pandas as pd
    >>> days = pd.to_datetime(["2026-01-05", "2026-01-12"] * 2)
    >>> rows = pd.DataFrame({"day": days, "model": ["a", "a", "b", "b"], "rating": [9.0, 8.0, 7.0, 9.0]})
    >>> [(tenure.model, tenure.ended_by) for tenure in rank_tenures(rows, TenureProtocol(k=1, gap_days=0))]
    [('a', 'overtaken'), ('b', 'censored')]
    """
    ranks: dict[dt.date, dict[str, int]] = {}
    ranked = rows.assign(rank=rows.groupby("day")["rating"].rank(method="min", ascending=False))
    for day, model, rank in zip(ranked["day"].dt.date, ranked["model"], ranked["rank"], strict=True):
        ranks.setdefault(day, {})[str(model)] = int(rank)
    return tenures(ranks, protocol=protocol)


def _tasks(
    source: str, pooled: Mapping[str, list[Spell]], estimated: Callable[..., tuple[Estimate, ...]]
) -> Iterator[Estimate]:
    for task, spells in pooled.items():
        counted = counted_categories({spell.scope["category"] for spell in spells})
        once = [spell for spell in spells if spell.scope["category"] in counted]
        yield from estimated(once, scope={"source": source, "task": task})


def _leads(rows: "pd.DataFrame") -> Iterator[DailyLead]:
    """Yield each day's lead of the first over the second, where both have an interval."""
    columns = (rows[name] for name in ("day", "model", "rating", "low", "high"))
    days = itertools.groupby(zip(*columns, strict=True), key=lambda row: row[0])
    for day, group in days:
        ranked = list(group)
        if len(ranked) < 2 or any(math.isnan(row[3]) for row in ranked[:2]):
            continue
        first, second = ranked[:2]
        error = math.hypot(first[4] - first[3], second[4] - second[3]) / (2 * NORMAL_95)
        z = (first[2] - second[2]) / error if error else math.inf * (first[2] > second[2])
        yield DailyLead(day.date(), first[1], 0.0 if math.isnan(z) else z, tuple(row[1] for row in ranked))
