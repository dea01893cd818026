"""What the pages ask of a snapshot: SQL in, DataFrames out, every value a parameter.

Each function takes a DuckDB cursor. Statistics are computed elsewhere (`leaderboard.inference`,
`leaderboard.lifecycle`); here rows are only selected.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.vocabulary import VIDEO_TASKS
from leaderboard.standings.contents import SHORT, reference_to

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One content of a suite on one calendar, with the day of its newest standings.

    `newest`: no other content of the suite was run later there; `only`: there is no other.
    """

    calendar: str
    suite: str
    suite_digest: str
    version: str
    title: str
    task: str
    primary_metric: str
    seeds: int
    k: int
    first_day: dt.date
    day: dt.date
    committed_at: dt.datetime
    machine: str
    device: str
    newest: bool = True
    only: bool = True

    @property
    def reference(self) -> str:
        """How a selector names this content, and always will: `shapes@0123456789ab`."""
        return reference_to(self.suite, self.suite_digest)

    @property
    def label(self) -> str:
        """How results name it: by the suite, and the content where it is not the newest."""
        return self.suite if self.newest else self.reference

    @property
    def content(self) -> str:
        """Which of several contents it is, in words; nothing where it is the only one."""
        return "" if self.only else f"version {self.version} ({self.suite_digest[:SHORT]})"

    @property
    def table_id(self) -> str:
        """The id of the routing table that is made from it."""
        return f"{self.suite}.{self.calendar}"

    @property
    def video(self) -> bool:
        """Whether clips are made, so that prices and latencies are those of a second of video."""
        return self.task in VIDEO_TASKS

    @property
    def replayed(self) -> bool:
        """Whether the days are those of a replayed season, not of the real calendar."""
        return self.calendar == "replayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardMetric:
    """A metric as its evaluator declared it, with the version and instrument whose numbers are shown.

    Of a `neutral` one neither more nor less is better. `beside` names the metric without which this one misleads.
    """

    name: str
    title: str
    unit: str
    higher_is_better: bool
    low: float | None
    high: float | None
    kind: str
    version: str
    fingerprint: str
    neutral: bool = False
    beside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a page shows: a board, a category of it (or `*`), and a measure."""

    board: Board
    category: str
    measure: BoardMetric

    def parameters(self) -> Mapping[str, Any]:
        """The selection as named parameters of a query."""
        return {
            "calendar": self.board.calendar,
            "digest": self.board.suite_digest,
            "category": self.category,
            "metric": self.measure.name,
            "version": self.measure.version,
            "fingerprint": self.measure.fingerprint,
        }


BOARDS = """
    SELECT runs.calendar, runs.suite, runs.suite_digest, suite_version AS version, suite_title AS title, task,
           primary_metric, seeds, k, first_day, last.day, committed_at, machine, device
    FROM (SELECT calendar, suite_digest, min(day) AS first_day, max(day) AS day, max(k) AS k
          FROM standings GROUP BY ALL) AS last
    JOIN runs USING (calendar, suite_digest)
    QUALIFY row_number() OVER (PARTITION BY runs.calendar, suite_digest ORDER BY committed_at DESC, run_id DESC) = 1
    ORDER BY committed_at DESC, runs.suite, runs.calendar
"""

MEASURES = """
    SELECT metric AS name, title, unit, higher_is_better, low, high, kind, version, fingerprint,
           coalesce(neutral, false) AS neutral, beside
    FROM (SELECT metric, version, fingerprint, max(day) AS day, count(DISTINCT model) AS models
          FROM standings WHERE calendar = $calendar AND suite_digest = $digest GROUP BY ALL) AS standing
    JOIN metrics USING (metric)
    QUALIFY row_number() OVER (
        PARTITION BY metric ORDER BY standing.day DESC, models DESC, version DESC, fingerprint
    ) = 1
    ORDER BY array_position(['quality', 'gate', 'sensor'], kind), metric
"""

STANDINGS = """
    WITH chosen AS (
        SELECT * FROM standings
        WHERE calendar = $calendar AND suite_digest = $digest AND category = $category AND metric = $metric
          AND version = $version AND fingerprint = $fingerprint
        QUALIFY day = max(day) OVER ()
    ), latest AS MATERIALIZED (
        SELECT run_id, model FROM latest_runs WHERE calendar = $calendar AND suite_digest = $digest
    ), attempts AS MATERIALIZED (
        SELECT model, coalesce(prompt_unit, prompt) AS prompt_unit, status, cost_usd, video_seconds
        FROM samples JOIN latest USING (run_id, model) LEFT JOIN prompts USING (run_id, prompt)
        WHERE $category = '*' OR samples.category = $category
    ), timing AS (
        SELECT model, count(*) AS attempts, count(*) FILTER (status = 'refused') AS refused,
               count(*) FILTER (status = 'failed') AS failed, count(*) FILTER (status = 'timed-out') AS timed_out,
               count(*) FILTER (status = 'unknown') AS unknown,
               avg(video_seconds) FILTER (status = 'ok') AS clip_seconds
        FROM attempts GROUP BY model
    ), latencies AS (
        SELECT model, quantile_cont(seconds, 0.5) AS p50
        FROM latency_calls JOIN latest USING (run_id, model)
        WHERE of_record AND ($category = '*' OR category = $category) GROUP BY model
    ), costs AS (
        SELECT model, avg(usd) AS usd
        FROM (SELECT model, prompt_unit, avg(cost_usd) AS usd FROM attempts GROUP BY ALL) GROUP BY model
    ), facts AS (
        SELECT model, title, family, provider, location, released, retired, task
        FROM models JOIN latest USING (run_id, model)
    )
    SELECT chosen.*, timing.* EXCLUDE (model), p50, costs.usd, usd / nullif(clip_seconds, 0) AS usd_a_video_second,
           clip_seconds / nullif(p50, 0) AS real_time_factor, facts.* EXCLUDE (model)
    FROM chosen LEFT JOIN timing USING (model) LEFT JOIN latencies USING (model)
    LEFT JOIN costs USING (model) LEFT JOIN facts USING (model)
    ORDER BY rank NULLS LAST, rank_best, estimate DESC, model
"""

HISTORY = """
    SELECT day, model, rank, rank_best, rank_worst, estimate, low, high, p_top_k, k
    FROM standings
    WHERE calendar = $calendar AND suite_digest = $digest AND category = $category AND metric = $metric
      AND version = $version AND fingerprint = $fingerprint
    ORDER BY day, rank NULLS LAST, model
"""

MEANS = """
    SELECT model, prompt_unit AS prompt, list_avg(list_sort(list(mean))) AS mean FROM prompt_means
    WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category)
      AND metric = $metric AND version = $version AND fingerprint = $fingerprint
    GROUP BY ALL ORDER BY model, prompt_unit
"""

SINGLE_SCORES = """
    SELECT hash(scores.model) AS model, hash(coalesce(prompt_unit, prompt)) AS prompt, value
    FROM scores JOIN latest_runs AS latest USING (run_id, model) LEFT JOIN prompts USING (run_id, prompt)
    WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR scores.category = $category)
      AND metric = $metric AND version = $version AND fingerprint = $fingerprint AND value IS NOT NULL
      AND NOT EXISTS (FROM unsound WHERE unsound.run_id = scores.run_id AND unsound.sample = scores.sample)
"""

LATENCIES = """
    SELECT model, list(seconds) AS seconds FROM latency_calls JOIN latest_runs AS latest USING (run_id, model)
    WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category) AND of_record
    GROUP BY model ORDER BY model
"""

UNDER_LOAD = """
    SELECT model, bool_or(of_record) AS of_record, max(in_flight) AS in_flight, count(*) AS n,
           quantile_cont(seconds, 0.5) AS p50, any_value(alone) AS alone
    FROM latency_calls JOIN latest_runs AS latest USING (run_id, model)
    WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category)
      AND in_flight > 1
    GROUP BY model ORDER BY model
"""

COSTS = """
    SELECT model, list(usd) AS usd
    FROM (SELECT model, coalesce(prompt_unit, prompt) AS prompt_unit, avg(cost_usd) AS usd
          FROM latest_samples AS samples LEFT JOIN prompts USING (run_id, prompt)
          WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR samples.category = $category)
            AND cost_usd IS NOT NULL
          GROUP BY ALL)
    GROUP BY model ORDER BY model
"""

UNKNOWN_COSTS = """
    SELECT model, count(*) - count(cost_usd), count(*) FROM latest_samples
    WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category)
    GROUP BY model
"""

MODELS = """
    SELECT model, title, family, provider, location, task, released, retired
    FROM models JOIN latest_runs AS latest USING (run_id, model)
    WHERE latest.calendar = $calendar AND latest.suite_digest = $digest
    ORDER BY released, model
"""


PROMPTS = """
    SELECT prompt, any_value(prompts.text) AS text, any_value(prompts.category) AS category,
           bool_or(held_out) AS held_out, any_value(tags) AS tags
    FROM prompts JOIN (SELECT DISTINCT run_id FROM latest_runs WHERE calendar = $calendar AND suite_digest = $digest)
        USING (run_id)
    WHERE $category = '*' OR category = $category
    GROUP BY prompt ORDER BY min(prompts.rowid)
"""

SAMPLES = """
    SELECT sample, model, title, provider, location, status, reason, seed, call, seconds, cost_usd, media, media_type,
           samples.width, samples.height, samples.frames, fps, video_seconds, delivery
    FROM latest_samples AS samples JOIN models USING (run_id, model)
    WHERE calendar = $calendar AND suite_digest = $digest AND prompt = $prompt
    ORDER BY model, seed
"""

SAMPLE_SCORES = """
    SELECT sample, model, scores.metric, title, unit, higher_is_better, kind, value, reason
    FROM latest_scores AS scores JOIN metrics USING (metric)
    WHERE calendar = $calendar AND suite_digest = $digest AND prompt = $prompt AND kind <> 'sensor'
    ORDER BY array_position(['quality', 'gate'], kind), metric <> $metric, metric
"""


def boards(cursor: "duckdb.DuckDBPyConnection") -> list[Board]:
    """Return the suites that have standings, each of their contents, the newest first."""
    rows = _rows(cursor, BOARDS, {})
    of_suite = [(row["calendar"], row["suite"]) for row in rows]
    newest = [suite not in of_suite[:place] for place, suite in enumerate(of_suite)]
    only = [of_suite.count(suite) == 1 for suite in of_suite]
    return [Board(**row, newest=new, only=one) for row, new, one in zip(rows, newest, only, strict=True)]


def measures(cursor: "duckdb.DuckDBPyConnection", board: Board) -> list[BoardMetric]:
    """Return the metrics that have standings, quality first; of several versions the one of the newest day."""
    return [BoardMetric(**row) for row in _rows(cursor, MEASURES, _board_parameters(board))]


def categories(cursor: "duckdb.DuckDBPyConnection", board: Board) -> list[str]:
    """Return the categories that have standings, `*` first, the others in the order of the suite."""
    order = """
        SELECT category
        FROM (SELECT DISTINCT category FROM standings WHERE calendar = $calendar AND suite_digest = $digest)
        LEFT JOIN (SELECT category, min(rowid) AS place FROM prompts GROUP BY category) USING (category)
        ORDER BY category <> '*', place, category
    """
    return [str(row["category"]) for row in _rows(cursor, order, _board_parameters(board))]


def standings(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame":
    """Return one row a model of the newest day: its standing, failures, p50 in seconds, US dollars a sample.

    Of clips also: `clip_seconds`, the mean length of those that came; `usd_a_video_second`, the mean cost of an attempt
    divided by it; `real_time_factor`, the seconds of video that a second of waiting at p50 brings.
    """
    return _frame(cursor, STANDINGS, selection.parameters())


def history(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame":
    """Return the standings of every day: day, model, rank, rank set, estimate and interval."""
    return _frame(cursor, HISTORY, selection.parameters())


def prompt_means(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame":
    """Return model, prompt, mean (over seeds and the entries of a prompt), of each model's latest run."""
    return _frame(cursor, MEANS, selection.parameters())


def single_scores(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame":
    """Return model, prompt, value: one row a scored and sound sample.

    Model and prompt are hashes: they only tell rows apart.
    """
    return _frame(cursor, SINGLE_SCORES, selection.parameters())


def latencies(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "dict[str, npt.NDArray[np.float64]]":
    """Return the seconds of each model's latency of record, end to end: steady calls that were ok.

    They are single stream where there are enough such calls, else under load, never both.
    """
    return _arrays(cursor, LATENCIES, selection)


def costs(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "dict[str, npt.NDArray[np.float64]]":
    """Return the mean cost of an attempt at each prompt, for each model, in US dollars; failed ones are paid too."""
    return _arrays(cursor, COSTS, selection)


def unknown_costs(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> dict[str, tuple[int, int]]:
    """Return for each model of how many attempts the cost is not known, and how many there are."""
    parameters = _board_parameters(selection.board) | {"category": selection.category}
    rows = cursor.execute(UNKNOWN_COSTS, parameters).fetchall()
    return {model: (unknown, attempts) for model, unknown, attempts in rows}


def models(cursor: "duckdb.DuckDBPyConnection", board: Board) -> "pd.DataFrame":
    """Return the models that have run, retired ones too, in the order of their release."""
    return _frame(cursor, MODELS, _board_parameters(board))


def prompts(cursor: "duckdb.DuckDBPyConnection", board: Board, category: str) -> "pd.DataFrame":
    """Return the prompts of a category (`*`: all) in the suite's order: prompt, text, category, held_out, tags."""
    return _frame(cursor, PROMPTS, _board_parameters(board) | {"category": category})


def samples(cursor: "duckdb.DuckDBPyConnection", board: Board, prompt: str) -> "pd.DataFrame":
    """Return every model's samples of one prompt, all seeds, failed ones too."""
    return _frame(cursor, SAMPLES, _board_parameters(board) | {"prompt": prompt})


def sample_scores(cursor: "duckdb.DuckDBPyConnection", board: Board, prompt: str, metric: str) -> "pd.DataFrame":
    """Return the scores of one prompt's samples, quality first and `metric` first of all; sensors are left out."""
    return _frame(cursor, SAMPLE_SCORES, _board_parameters(board) | {"prompt": prompt, "metric": metric})


def _board_parameters(board: Board) -> dict[str, Any]:
    return {"calendar": board.calendar, "digest": board.suite_digest}


def _arrays(
    cursor: "duckdb.DuckDBPyConnection", sql: str, selection: Selection
) -> "dict[str, npt.NDArray[np.float64]]":
    import numpy as np

    columns = cursor.execute(sql, _board_parameters(selection.board) | {"category": selection.category}).fetchnumpy()
    models, lists = columns.values()
    return {str(model): np.asarray(values, dtype=np.float64) for model, values in zip(models, lists, strict=True)}


def _frame(cursor: "duckdb.DuckDBPyConnection", sql: str, parameters: Mapping[str, Any]) -> "pd.DataFrame":
    frame: pd.DataFrame = cursor.execute(sql, dict(parameters)).df()
    return frame


def _rows(cursor: "duckdb.DuckDBPyConnection", sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    result = cursor.execute(sql, dict(parameters))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
