"""Refusals beside quality: how often and why each model refuses, and what its quality is when they are counted.

A model that refuses what is hard looks better on what is left. So the usual mean stands beside that over the prompts
which every model answered, and beside that in which each refused attempt has the worst value of the metric's bounds.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from leaderboard.inference.intervals import Interval, column_intervals
from leaderboard.standings import queries, rates
from leaderboard.standings.queries import Selection
from leaderboard.standings.rates import STATUS_RATES, Rate
from leaderboard.standings.refusal_reasons import reason_code

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from leaderboard.inference.vocabulary import Array

REFUSED: Final = Rate(name="refused", title=STATUS_RATES["refused"])

REASONS = """
    SELECT model, reason, count(*) FROM latest_samples
    WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category)
      AND status = 'refused'
    GROUP BY ALL ORDER BY ALL
"""
FLOORED = """
    WITH scored AS (
        SELECT model, prompt, prompt_unit, mean, n_seeds FROM prompt_means
        WHERE calendar = $calendar AND suite_digest = $digest AND ($category = '*' OR category = $category)
          AND metric = $metric AND version = $version AND fingerprint = $fingerprint
    ), refused AS (
        SELECT model, prompt, coalesce(prompt_unit, prompt) AS prompt_unit, count(*) AS n
        FROM latest_samples AS samples LEFT JOIN prompts USING (run_id, prompt)
        WHERE calendar = $calendar AND suite_digest = $digest AND status = 'refused'
          AND ($category = '*' OR samples.category = $category)
        GROUP BY ALL
    ), counted AS (
        SELECT model, prompt_unit, n_seeds, n, coalesce(mean * n_seeds, 0) + $floor * coalesce(n, 0) AS total,
               coalesce(n_seeds, 0) + coalesce(n, 0) AS counted
        FROM scored FULL JOIN refused USING (model, prompt, prompt_unit)
    )
    SELECT model, prompt_unit AS prompt, list_avg(list_sort(list(total / counted))) AS mean
    FROM counted GROUP BY ALL ORDER BY model, prompt_unit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """One model's refusals in a selection, and its quality: as usual, on common prompts, and with refusals counted.

    `rate` is the share of refused attempts, `hits` of `attempts`; `reasons` counts them by the provider's code. Of the
    three means each is None where there is nothing to average: `floored` also where the metric has no worst value.
    """

    model: str
    rate: Interval
    hits: int
    attempts: int
    reasons: Mapping[str, int]
    usual: Interval | None
    common: Interval | None
    floored: Interval | None

    def to_row(self) -> dict[str, Any]:
        """Return it as a row of plain values."""
        rate = {"refused": self.hits, "attempts": self.attempts, **_columns("rate", self.rate)}
        means = {"usual": self.usual, "common": self.common, "floored": self.floored}
        columns = {key: value for name, mean in means.items() for key, value in _columns(name, mean).items()}
        counts = {f"{name}_prompts": mean and mean.n for name, mean in means.items()}
        return {"model": self.model, **rate, **columns, **counts}


def refusals(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> tuple[Refusals, ...]:
    """Return the refusals of every model that stands in a selection, those that refuse most first.

    Common prompts are those for which every model with any number has one.
    """
    models = queries.standings(cursor, selection)["model"].tolist()
    listed = rates.model_rates(cursor, selection.board, REFUSED, selection.category)
    reasons = _reasons(cursor, selection)
    means = queries.prompt_means(cursor, selection)
    usual, common = _intervals(means, models, selection), _intervals(means, models, selection, common=True)
    floored = _intervals(_floored(cursor, selection), models, selection)
    found = (
        Refusals(
            model=each.model,
            rate=each.interval,
            hits=round(each.hits),
            attempts=each.n,
            reasons=reasons.get(each.model, {}),
            usual=usual.get(each.model),
            common=common.get(each.model),
            floored=floored.get(each.model),
        )
        for each in listed
        if each.model in models
    )
    return tuple(sorted(found, key=lambda each: (-each.rate.estimate, each.model)))


def worst_value(selection: Selection) -> float | None:
    """Return the worst value of the metric's bounds; None where that side has no bound, or neither is better."""
    measure = selection.measure
    return None if measure.neutral else measure.low if measure.higher_is_better else measure.high


def _reasons(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> dict[str, Mapping[str, int]]:
    parameters = {"calendar": selection.board.calendar, "digest": selection.board.suite_digest}
    counts: dict[str, Counter[str]] = {}
    for model, reason, n in cursor.execute(REASONS, parameters | {"category": selection.category}).fetchall():
        counts.setdefault(model, Counter())[reason_code(reason)] += n
    return {model: dict(sorted(of.items(), key=lambda pair: (-pair[1], pair[0]))) for model, of in counts.items()}


def _floored(cursor: "duckdb.DuckDBPyConnection", selection: Selection) -> "pd.DataFrame | None":
    floor = worst_value(selection)
    return None if floor is None else cursor.execute(FLOORED, {**selection.parameters(), "floor": floor}).df()


def _intervals(
    means: "pd.DataFrame | None", models: Sequence[str], selection: Selection, *, common: bool = False
) -> dict[str, Interval]:
    """Return the interval of each model's mean; with `common` over the prompts that all of them have."""
    if means is None:
        return {}
    wide = means[means["model"].isin(models)].pivot(index="prompt", columns="model", values="mean")
    columns: Array = wide.to_numpy(dtype=np.float64)
    if common:
        columns = columns[~np.isnan(columns).any(axis=1)]
    if not columns.size:
        return {}
    bounds = (selection.measure.low, selection.measure.high)
    return dict(zip(map(str, wide.columns), column_intervals(columns, bounds=bounds), strict=True))


def _columns(name: str, interval: Interval | None) -> dict[str, float | None]:
    if interval is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
