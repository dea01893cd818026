"""What each model of a run costs and takes, read from the warehouse or a snapshot, by category."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from data.measurements import Measurement
from data.serialization import from_json
from data.vocabulary import ALL_CATEGORIES, Machine, Settings
from leaderboard.inference.quantiles import FEWEST_FOR_P95, MEDIAN_ERROR
from leaderboard.routing.decisions.decision_window import OperatingStats, OutputShape
from leaderboard.routing.decisions.shape_estimates import RunTiming, ShapeEstimates, described
from leaderboard.routing.policy.rules import RequiredShape
from leaderboard.routing.rounding import rounded

if TYPE_CHECKING:
    import duckdb

StatsByKey = dict[tuple[str, str, str], OperatingStats]
"""By run, model and category ('*' is all)."""

CALLS = """
    WITH calls AS (
        SELECT samples.run_id, samples.model, samples.category, cost_usd, record.seconds
        FROM samples LEFT JOIN (FROM latency_calls WHERE of_record) AS record USING (run_id, sample)
        WHERE list_contains($runs, samples.run_id)
    )
    SELECT run_id, model, category, avg(cost_usd) AS usd, coalesce(stddev_samp(cost_usd), 0) AS spread,
           count(cost_usd) AS n_known, median(seconds) AS seconds, coalesce(stddev_samp(seconds), 0) AS seconds_spread,
           count(seconds) AS n_steady, quantile_cont(seconds, 0.95) AS p95
    FROM calls GROUP BY GROUPING SETS ((run_id, model, category), (run_id, model))
    ORDER BY category NULLS FIRST
"""
CELLS = "SELECT record FROM cells ORDER BY measured_at, setup"
OFFERS = """
    SELECT run_id, model, width, height, frames, CAST(json_extract(settings, '$.fps') AS DOUBLE) AS fps,
           price_unit, price_usd
    FROM models WHERE list_contains(?, run_id)
"""
LOCAL = """
    SELECT run_id, model, revision, source, settings, machine_json FROM models JOIN runs USING (run_id)
    WHERE location = 'local' AND list_contains(?, run_id)
"""


def operating_stats(cursor: "duckdb.DuckDBPyConnection", runs: list[str]) -> StatsByKey:
    """Return cost and speed by run, model and category ('*' is all)."""
    offers = {(row[0], row[1]): _OfferedShape(*row[2:]) for row in cursor.execute(OFFERS, [runs]).fetchall()}
    others = _other_shapes(cursor, runs)
    stats: StatsByKey = {}
    for run_id, model, category, *calls in cursor.execute(CALLS, {"runs": runs}).fetchall():
        usd, spread, n, seconds, seconds_spread, n_steady, tail = calls
        offer, overall = offers[run_id, model], stats.get((run_id, model, ALL_CATEGORIES))
        stats[run_id, model, category or ALL_CATEGORIES] = OperatingStats(
            cost_usd=usd,
            cost_error=float(spread) / n**0.5 if n else 0.0,
            seconds=seconds,
            call_usd=overall.call_usd if overall else offer.call_usd(usd),
            shape=offer.shape,
            seconds_error=MEDIAN_ERROR * float(seconds_spread) / n_steady**0.5 if n_steady else 0.0,
            p95_s=overall.p95_s if overall else rounded(tail if n_steady >= FEWEST_FOR_P95 else None),
            other_shapes=overall.other_shapes if overall else others(run_id, model, seconds),
        )
    return stats


def _other_shapes(
    cursor: "duckdb.DuckDBPyConnection", runs: list[str]
) -> Callable[[str, str, float | None], Callable[[RequiredShape], OperatingStats | None] | None]:
    """Return a function from run, model and seconds to the model's statistics at shapes that it was not run at."""
    rows = cursor.execute(LOCAL, [runs]).fetchall()
    local, records = {(row[0], row[1]): row[2:] for row in rows}, cursor.execute(CELLS).fetchall()

    @cache
    def measurements() -> list[Measurement]:
        return [from_json(Measurement, json.loads(record)) for (record,) in records]

    def of(run_id: str, model: str, seconds: float | None) -> Callable[[RequiredShape], OperatingStats | None] | None:
        if (run_id, model) not in local or not seconds:
            return None
        revision, source, settings, machine = local[run_id, model]

        @cache
        def estimates() -> ShapeEstimates | None:
            network = described(model)
            run = RunTiming(
                revision=revision,
                dtype=json.loads(source)["dtype"],
                seconds=seconds,
                settings=from_json(Settings, json.loads(settings)),
                machine=from_json(Machine, json.loads(machine)),
            )
            return ShapeEstimates(run, network, measurements()) if network else None

        return cache(lambda wanted: shapes.at(wanted) if (shapes := estimates()) else None)

    return of


@dataclass(frozen=True, slots=True)
class _OfferedShape:
    width: int
    height: int
    frames: int
    fps: float | None
    unit: str | None
    usd: float | None

    @property
    def shape(self) -> OutputShape:
        return OutputShape(
            self.width, self.height, rounded(self.frames / self.fps) if self.fps and self.frames > 1 else None
        )

    def call_usd(self, measured: float | None) -> float | None:
        """Return what a reader of the table takes one call to cost."""
        if self.unit is None or self.usd is None:
            return rounded(measured)
        if self.unit != "second-of-video":
            return self.usd
        return None if self.shape.seconds is None else self.usd * self.shape.seconds
