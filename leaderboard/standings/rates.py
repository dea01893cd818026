"""Rates of faults beside quality: each gate, each status and the unsound share of every model's latest run.

The prompt is the unit: attempts are averaged within a prompt, and the interval of the mean over prompts respects 0 and
1; where each prompt has one attempt it is Clopper and Pearson's exact one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leaderboard.inference.intervals import Interval, mean_interval
from leaderboard.inference.rates import SHARE, rate_interval
from leaderboard.standings.queries import Board

if TYPE_CHECKING:
    import duckdb

STATUS_RATES: Final = {
    "not_ok": "Refused, failed, timed out or unknown",
    "unsound": "Came, and is undecodable, blank, the file of another prompt or not as asked",
    "refused": "Refused",
    "failed": "Failed",
    "timed-out": "Timed out",
    "unknown": "Outcome unknown",
}
"""The rates that are known without an evaluator, and what each counts of all attempts."""

BOARDS = """
    SELECT calendar, suite, suite_digest, suite_version AS version, suite_title AS title, task, primary_metric, seeds,
           0 AS k, min(day) OVER whole AS first_day, day, committed_at, machine, device
    FROM runs
    WINDOW whole AS (PARTITION BY calendar, suite_digest)
    QUALIFY row_number() OVER (PARTITION BY calendar, suite_digest ORDER BY day DESC, committed_at DESC, run_id) = 1
    ORDER BY committed_at DESC, suite, calendar
"""
CATEGORIES = """
    SELECT DISTINCT category FROM latest_samples WHERE calendar = $calendar AND suite_digest = $digest ORDER BY category
"""
UNSCORED = """
    SELECT reason FROM latest_scores WHERE calendar = $calendar AND suite_digest = $digest AND metric = $metric
      AND reason IS NOT NULL
    GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 1
"""
GATES = """
    SELECT metric, title, higher_is_better FROM metrics
    WHERE kind = 'gate' AND low = 0 AND high = 1 AND metric IN (
        SELECT metric FROM latest_scores WHERE calendar = $calendar AND suite_digest = $digest
    )
    ORDER BY metric
"""
NEWEST = """
    SELECT version, fingerprint FROM latest_scores JOIN runs USING (run_id)
    WHERE latest_scores.calendar = $calendar AND latest_scores.suite_digest = $digest AND metric = $metric
    ORDER BY latest_scores.day DESC, committed_at DESC, version DESC, fingerprint LIMIT 1
"""
OF_GATE = """
    SELECT model, list(mean) AS means, CAST(sum(hits) AS BIGINT) AS hits, CAST(sum(n) AS BIGINT) AS n
    FROM (
        SELECT model, prompt, avg(value) AS mean, sum(value) AS hits, count(*) AS n FROM latest_scores
        WHERE calendar = $calendar AND suite_digest = $digest AND metric = $metric AND version = $version
          AND fingerprint = $fingerprint AND value IS NOT NULL AND ($category = '*' OR category = $category)
        GROUP BY ALL
    ) GROUP BY model ORDER BY model
"""
OF_STATUS = """
    SELECT model, list(mean) AS means, CAST(sum(hits) AS BIGINT) AS hits, CAST(sum(n) AS BIGINT) AS n
    FROM (
        SELECT model, prompt, avg(hit) AS mean, sum(hit) AS hits, count(*) AS n
        FROM (
            SELECT model, prompt, CAST(CASE $metric
                WHEN 'not_ok' THEN status <> 'ok'
                WHEN 'unsound' THEN status = 'ok' AND (run_id, sample) IN (SELECT (run_id, sample) FROM unsound)
                ELSE status = $metric END AS DOUBLE) AS hit
            FROM latest_samples
            WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category)
        ) GROUP BY ALL
    ) GROUP BY model ORDER BY model
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate that can be listed: its name, what it counts, and whether more of it is better."""

    name: str
    title: str
    higher_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRate:
    """One model's rate: so many `hits` of `n` attempts, and the interval of the mean over prompts."""

    model: str
    hits: float
    n: int
    interval: Interval


def boards(cursor: "duckdb.DuckDBPyConnection") -> list[Board]:
    """Return every suite on every calendar that has a run, the newest first, whether or not anybody stands there."""
    answer = cursor.execute(BOARDS)
    names = [column[0] for column in answer.description]
    return [Board(**dict(zip(names, row, strict=True))) for row in answer.fetchall()]


def rates(cursor: "duckdb.DuckDBPyConnection", board: Board) -> dict[str, Rate]:
    """Return the rates that a board has, by name: its gates, then those of statuses."""
    gates = cursor.execute(GATES, {"calendar": board.calendar, "digest": board.suite_digest}).fetchall()
    named = [Rate(name=name, title=title, higher_is_better=higher) for name, title, higher in gates]
    named += [Rate(name=name, title=title) for name, title in STATUS_RATES.items()]
    return {rate.name: rate for rate in named}


def why_unscored(cursor: "duckdb.DuckDBPyConnection", board: Board) -> str | None:
    """Return one of the reasons why samples have no number by the metric that ranks; None where there is none."""
    parameters = {"calendar": board.calendar, "digest": board.suite_digest, "metric": board.primary_metric}
    row = cursor.execute(UNSCORED, parameters).fetchone()
    return None if row is None else str(row[0])


def categories(cursor: "duckdb.DuckDBPyConnection", board: Board) -> tuple[str, ...]:
    """Return the categories of a board's latest samples, in alphabetical order."""
    answer = cursor.execute(CATEGORIES, {"calendar": board.calendar, "digest": board.suite_digest})
    return tuple(category for (category,) in answer.fetchall())


def model_rates(
    cursor: "duckdb.DuckDBPyConnection", board: Board, rate: Rate, category: str = "*"
) -> tuple[ModelRate, ...]:
    """Return a rate of each model's latest run, the best first. Of a gate only results of the newest version count."""
    parameters: dict[str, Any] = {"calendar": board.calendar, "digest": board.suite_digest, "metric": rate.name}
    query = OF_STATUS
    if rate.name not in STATUS_RATES:
        version, fingerprint = cursor.execute(NEWEST, parameters).fetchone() or ("", "")
        parameters |= {"version": version, "fingerprint": fingerprint}
        query = OF_GATE
    rows = cursor.execute(query, parameters | {"category": category}).fetchall()
    found = [ModelRate(model=m, hits=hits, n=n, interval=_interval(means, hits, n)) for m, means, hits, n in rows]
    sign = -1 if rate.higher_is_better else 1
    return tuple(sorted(found, key=lambda each: (sign * each.interval.estimate, each.model)))


def _interval(means: list[float], hits: float, n: int) -> Interval:
    """A single prompt has no spread; its attempts are counted as they are."""
    return rate_interval(round(hits), n) if len(means) == 1 else mean_interval(sorted(means), bounds=SHARE)
