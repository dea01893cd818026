"""Standings for every day of every calendar: read from the warehouse, computed by `inference`, written back.

A span of days with the same runs is computed once and copied to its days; days whose inputs are the same as when they
were last computed are not computed again. Results of different evaluator versions or instrument fingerprints are never
compared: each day uses only the newest.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from data.serialization import digest
from data.store.database import transaction
from data.vocabulary import ALL_CATEGORIES, Calendar, Progress
from leaderboard.inference.intervals import Interval
from leaderboard.inference.rates import rate_interval
from leaderboard.inference.standing import Standing, StandingRules, standings
from leaderboard.standings.prompt_means import (
    Attempts,
    FieldScores,
    SuiteScores,
    attempts,
    field_scores,
    read_suite_scores,
)
from leaderboard.standings.spans import StandingSpan, spans

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from data.store.warehouse import Warehouse

METHOD = "4"
"""Increases when the same inputs would give other standings, so that old days are computed again."""

COLUMNS = [
    "calendar",
    "suite",
    "suite_digest",
    "category",
    "metric",
    "version",
    "fingerprint",
    "day",
    "model",
    "estimate",
    "low",
    "high",
    "n_prompts",
    "n_samples",
    "n_not_ok",
    "rank",
    "rank_best",
    "rank_worst",
    "p_top_k",
    "k",
    "n_unsound",
    "unsound",
    "unsound_low",
    "unsound_high",
]
COUNTS = ("n_prompts", "n_samples", "n_not_ok", "rank", "rank_best", "rank_worst", "k", "n_unsound")

BOARDS = "SELECT DISTINCT calendar, suite, suite_digest FROM runs ORDER BY ALL"


def update(warehouse: "Warehouse", *, k: int = 3, progress: Progress | None = None) -> int:
    """Bring the standings of all suites on all calendars up to date and return how many spans were computed.

    Days that were computed before from the same runs, the same k and the same method are kept as they are.
    """
    warehouse.refresh_means()
    computed = 0
    with warehouse.cursor() as cursor:
        for calendar, suite, suite_digest in cursor.execute(BOARDS).fetchall():
            scores = read_suite_scores(cursor, cast(Calendar, calendar), suite=suite, suite_digest=suite_digest)
            before = _computed_before(cursor, calendar, suite_digest)
            frame, inputs, new = _bring_up_to_date(scores, before, k=k, progress=progress)
            if new or set(inputs.items()) != set(before.digests.items()):
                warehouse.replace_standings(calendar, suite_digest, frame)
                _remember(cursor, calendar, suite_digest, inputs)
            computed += new
    return computed


def compute(suite_scores: SuiteScores, span: StandingSpan, *, k: int = 3) -> "pd.DataFrame":
    """Return the standings of one day of a span: all metrics, all categories and '*', without the column `day`."""
    import pandas as pd

    tried, rows = attempts(suite_scores, span), []
    for scores in field_scores(suite_scores, span):
        metric = suite_scores.metrics[scores.metric]
        rules = StandingRules(k=k, higher_is_better=metric.higher_is_better, bounds=metric.bounds)
        for category in (ALL_CATEGORIES, *dict.fromkeys(scores.categories)):
            prompts = scores.of(category)
            counts = prompts.seeds.sum(axis=0)
            for standing, count in zip(standings(prompts.means, scores.models, rules), counts, strict=True):
                attempted = tried.get(category, {}).get(standing.model, Attempts(0, 0))
                row = _row(suite_scores, scores, category, standing, n_samples=int(count))
                rows.append(row | _beside(attempted))
    frame = pd.DataFrame(rows, columns=[column for column in COLUMNS if column not in ("day", "k")]).assign(k=k)
    return frame.astype(dict.fromkeys(COUNTS, "Int32"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Computed:
    digests: Mapping[dt.date, str]
    frame: "pd.DataFrame"


def _computed_before(cursor: "duckdb.DuckDBPyConnection", calendar: str, suite_digest: str) -> _Computed:
    key = [calendar, suite_digest]
    digests = "SELECT day, digest FROM standings_inputs WHERE calendar = ? AND suite_digest = ?"
    rows = "SELECT * FROM standings WHERE calendar = ? AND suite_digest = ?"
    return _Computed(digests=dict(cursor.execute(digests, key).fetchall()), frame=cursor.execute(rows, key).df())


def _remember(
    cursor: "duckdb.DuckDBPyConnection", calendar: str, suite_digest: str, inputs: Mapping[dt.date, str]
) -> None:
    import pandas as pd

    key = [calendar, suite_digest]
    rows = pd.DataFrame([(calendar, suite_digest, day, made_from) for day, made_from in inputs.items()])
    with transaction(cursor):
        cursor.execute("DELETE FROM standings_inputs WHERE calendar = ? AND suite_digest = ?", key)
        if len(rows):
            cursor.from_df(rows).insert_into("standings_inputs")


def _bring_up_to_date(
    suite_scores: SuiteScores, before: _Computed, *, k: int, progress: Progress | None
) -> "tuple[pd.DataFrame, dict[dt.date, str], int]":
    import pandas as pd

    all_spans = spans(suite_scores.entries, suite_scores.calendar)
    day_of = {inputs: day for day, inputs in before.digests.items()}
    dated = before.frame.assign(day=pd.to_datetime(before.frame["day"]).dt.date)
    frame_of = dict(iter(dated.groupby("day")))
    frames, digests, new = [pd.DataFrame(columns=COLUMNS)], dict[dt.date, str](), 0
    if progress:
        progress.begin(f"Standings of {suite_scores.suite} ({suite_scores.calendar})", len(all_spans))
    for span in all_spans:
        inputs = _inputs_digest(suite_scores, span, k)
        one_day = frame_of.get(day_of.get(inputs, dt.date.min))
        if one_day is None:
            one_day, new = compute(suite_scores, span, k=k), new + 1
        frames.append(_on_each_day(one_day, span))
        digests |= dict.fromkeys(span.days, inputs)
        if progress:
            progress.advance()
    if progress:
        progress.end()
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(filled, ignore_index=True)[COLUMNS], digests, new


def _inputs_digest(suite_scores: SuiteScores, span: StandingSpan, k: int) -> str:
    """Return a digest of everything that a day's standings depend on."""
    runs = {model: [run_id, suite_scores.commits[run_id]] for model, run_id in span.members.items()}
    rules = {name: [rule.higher_is_better, *rule.bounds] for name, rule in suite_scores.metrics.items()}
    return digest({"runs": runs, "metrics": rules, "k": k, "method": METHOD})


def _on_each_day(one_day: "pd.DataFrame", span: StandingSpan) -> "pd.DataFrame":
    import pandas as pd

    days = span.days
    repeated = one_day.loc[np.tile(one_day.index.to_numpy(), len(days))].reset_index(drop=True)
    return repeated.assign(day=np.repeat(pd.to_datetime(list(days)), len(one_day)))


def _beside(attempted: Attempts) -> dict[str, object]:
    """Return what stands beside quality: failures, and the share of all attempts that is unsound."""
    rate = _rate(attempted.n_unsound, attempted.n)
    return {
        "n_not_ok": attempted.n_not_ok,
        "n_unsound": attempted.n_unsound,
        "unsound": rate.estimate,
        "unsound_low": rate.low,
        "unsound_high": rate.high,
    }


@lru_cache(maxsize=4096)
def _rate(events: int, n: int) -> Interval:
    return rate_interval(events, n)


def _row(
    suite_scores: SuiteScores, scores: FieldScores, category: str, standing: Standing, *, n_samples: int
) -> dict[str, object]:
    interval = standing.interval
    return {
        "calendar": suite_scores.calendar,
        "suite": suite_scores.suite,
        "suite_digest": suite_scores.suite_digest,
        "category": category,
        "metric": scores.metric,
        "version": scores.version,
        "fingerprint": scores.fingerprint,
        "model": standing.model,
        "estimate": interval and interval.estimate,
        "low": interval and interval.low,
        "high": interval and interval.high,
        "n_prompts": standing.n_prompts,
        "n_samples": n_samples,
        "rank": standing.rank,
        "rank_best": standing.rank_best,
        "rank_worst": standing.rank_worst,
        "p_top_k": standing.p_top_k,
    }
