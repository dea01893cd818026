"""The current results of one suite on one calendar, and each field's prompt means, read from the warehouse.

Standings and routes are both computed from them. Results of different evaluator versions or instrument fingerprints are
never compared: each field uses only the newest.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from data.vocabulary import ALL_CATEGORIES, Calendar
from leaderboard.inference.prompt_units import Pooled, pooled
from leaderboard.inference.vocabulary import Array, Bounds
from leaderboard.standings.spans import CommittedRun, StandingSpan

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

ENTRIES = """
    SELECT daily.model, daily.run_id, runs.day AS run_day, daily.day, daily.committed_at, models.retired,
           ingested.commit_digest
    FROM daily_runs AS daily
    JOIN runs USING (run_id)
    JOIN models ON models.run_id = daily.run_id AND models.model = daily.model
    JOIN ingested ON ingested.run_id = daily.run_id
    WHERE daily.calendar = ? AND daily.suite_digest = ?
    ORDER BY ALL
"""
MEANS = """
    SELECT model, day, category, prompt, prompt_unit, metric, version, fingerprint, mean, n_seeds
    FROM daily_prompt_means JOIN metrics USING (metric)
    WHERE calendar = ? AND suite_digest = ? AND metrics.kind = 'quality'
    ORDER BY ALL
"""
ATTEMPTS = """
    SELECT samples.model, daily.day, category, count(*) AS n, count(*) FILTER (status <> 'ok') AS n_not_ok,
           count(unsound.sample) FILTER (status = 'ok') AS n_unsound
    FROM samples JOIN daily_runs AS daily ON daily.run_id = samples.run_id AND daily.model = samples.model
    LEFT JOIN unsound ON unsound.run_id = samples.run_id AND unsound.sample = samples.sample
    WHERE daily.calendar = ? AND daily.suite_digest = ?
    GROUP BY ALL ORDER BY ALL
"""
METRICS = "SELECT metric, higher_is_better, low, high FROM metrics WHERE kind = 'quality' ORDER BY metric"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRules:
    """What a quality metric declares."""

    higher_is_better: bool
    bounds: Bounds


class Attempts(NamedTuple):
    """The number of samples, of those that failed, were refused or timed out, and of those that came and are unsound.

    Neither of the latter two has a part in quality.
    """

    n: int
    n_not_ok: int
    n_unsound: int = 0

    @property
    def useless(self) -> bool:
        """Whether not one sample was ok and sound."""
        return self.n == self.n_not_ok + self.n_unsound


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteScores:
    """The current results of one suite on one calendar. `commits` maps a run to the digest of its content.

    `means` has the columns of `daily_prompt_means`, `attempts` model, day, category, n, n_not_ok,
    n_unsound.
    """

    calendar: Calendar
    suite: str
    suite_digest: str
    entries: tuple[CommittedRun, ...]
    commits: Mapping[str, str]
    metrics: Mapping[str, MetricRules]
    means: "pd.DataFrame"
    attempts: "pd.DataFrame"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldScores:
    """One metric's means of all models of a span: shape (entries, models), NaN where there is none.

    `prompts` names the prompt of each entry: entries of the same text and inputs are one (`data.suites.units`).
    """

    metric: str
    version: str
    fingerprint: str
    models: tuple[str, ...]
    prompts: tuple[str, ...]
    categories: tuple[str, ...]
    means: Array
    seeds: Array

    def of(self, category: str) -> Pooled:
        """Return a category's prompts with their means and seed counts, shape (prompts, models); '*' is all of them."""
        rows = [row for row, name in enumerate(self.categories) if category in (ALL_CATEGORIES, name)]
        return pooled(self.means[rows], self.seeds[rows], [self.prompts[row] for row in rows])


def read_suite_scores(
    cursor: "duckdb.DuckDBPyConnection", calendar: Calendar, *, suite: str, suite_digest: str
) -> SuiteScores:
    """Return the current results of one suite on one calendar, from the warehouse or a snapshot with fresh means."""
    key = [calendar, suite_digest]
    runs = cursor.execute(ENTRIES, key).fetchall()
    declared = cursor.execute(METRICS).fetchall()
    return SuiteScores(
        calendar=calendar,
        suite=suite,
        suite_digest=suite_digest,
        entries=tuple(
            CommittedRun(model=model, run_id=run_id, run_day=run_day, day=day, committed_at=at, retired=retired)
            for model, run_id, run_day, day, at, retired, _ in runs
        ),
        commits={row[1]: row[6] for row in runs},
        metrics={
            metric: MetricRules(higher_is_better=higher, bounds=(low, high)) for metric, higher, low, high in declared
        },
        means=cursor.execute(MEANS, key).df(),
        attempts=cursor.execute(ATTEMPTS, key).df(),
    )


def field_scores(suite_scores: SuiteScores, span: StandingSpan) -> "Iterator[FieldScores]":
    """Yield each quality metric's scores of the models of a span, in the newest version that any of them has.

    A model of which every attempt failed or is unsound is in every metric, without scores; a model that was scored only
    by another version is left out.
    """
    import pandas as pd

    sample_days = _sample_days(suite_scores, span)
    days = pd.DataFrame({"model": list(sample_days), "day": pd.to_datetime(list(sample_days.values()))})
    means = suite_scores.means.assign(day=pd.to_datetime(suite_scores.means["day"])).merge(days, on=["model", "day"])
    failed = [model for model, tried in attempts(suite_scores, span).get(ALL_CATEGORIES, {}).items() if tried.useless]
    order = {entry.model: entry for entry in suite_scores.entries if span.members.get(entry.model) == entry.run_id}
    for metric, scores in means.groupby("metric", sort=True):
        version, fingerprint = _newest(scores, order)
        yield _scores(
            str(metric), scores[(scores["version"] == version) & (scores["fingerprint"] == fingerprint)], failed
        )


def attempts(suite_scores: SuiteScores, span: StandingSpan) -> dict[str, dict[str, Attempts]]:
    """Return the attempts of each model of a span, by category and for all together ('*')."""
    sample_days = _sample_days(suite_scores, span)
    by_category: dict[str, dict[str, Attempts]] = {ALL_CATEGORIES: {}}
    columns = [suite_scores.attempts[name].tolist() for name in ("model", "day", "category", *Attempts._fields)]
    for model, day, category, *counts in zip(*columns, strict=True):
        if sample_days.get(model) == day.date():
            by_category.setdefault(category, {})[model] = Attempts(*counts)
            before = by_category[ALL_CATEGORIES].get(model, Attempts(0, 0))
            by_category[ALL_CATEGORIES][model] = Attempts(*(sum(pair) for pair in zip(before, counts, strict=True)))
    return by_category


def _sample_days(suite_scores: SuiteScores, span: StandingSpan) -> dict[str, dt.date]:
    """Return the day of each member's samples."""
    entered = {(entry.model, entry.run_id): entry.day for entry in suite_scores.entries}
    return {model: entered[model, run_id] for model, run_id in span.members.items()}


def _newest(scores: "pd.DataFrame", order: Mapping[str, CommittedRun]) -> tuple[str, str]:
    """Return the version and fingerprint that count: of the newest run, then the highest, then of the most models."""
    holders: dict[tuple[str, str], set[str]] = {}
    names = (scores[name].tolist() for name in ("version", "fingerprint", "model"))
    for version, fingerprint, model in set(zip(*names, strict=True)):
        holders.setdefault((version, fingerprint), set()).add(model)

    def newness(made_by: tuple[str, str]) -> tuple[dt.datetime, list[tuple[int, int, str]], int, str]:
        models = holders[made_by]
        newest = max(order[model].committed_at for model in models)
        return newest, _version_parts(made_by[0]), len(models), made_by[1]

    return max(holders, key=newness)


def _version_parts(version: str) -> list[tuple[int, int, str]]:
    """Return a key by which 1.10 is above 1.9, and letters are above numbers."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"[.+-]", version)]


def _scores(metric: str, rows: "pd.DataFrame", failed: list[str]) -> FieldScores:
    table = rows.pivot(index=["category", "prompt_unit", "prompt"], columns="model", values=["mean", "n_seeds"])
    models = sorted({*table.columns.get_level_values("model"), *failed})
    return FieldScores(
        metric=metric,
        version=str(rows["version"].iloc[0]),
        fingerprint=str(rows["fingerprint"].iloc[0]),
        models=tuple(models),
        prompts=tuple(table.index.get_level_values("prompt_unit")),
        categories=tuple(table.index.get_level_values("category")),
        means=table.reindex(columns=[("mean", model) for model in models]).to_numpy(dtype=np.float64),
        seeds=table.reindex(columns=[("n_seeds", model) for model in models]).fillna(0).to_numpy(dtype=np.float64),
    )
