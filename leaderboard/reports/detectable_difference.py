"""The smallest difference that a table of standings can detect, in words."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from leaderboard import formatting
from leaderboard.inference.detectable_effect import (
    VarianceComponents,
    detectable_effect,
    pair_effect,
    variance_components,
)
from leaderboard.inference.pair_ends import pair_moments, widening
from leaderboard.inference.vocabulary import Array
from leaderboard.standings import queries
from leaderboard.standings.queries import BoardMetric, Selection

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

TAIL = 0.025
APART = 1.25
"""From how many times another's effect the leader and its challenger get figures of their own."""


class SmallestDifferences(NamedTuple):
    """The smallest differences that a table finds at 80 % power: of one planned pair, and of any of its `pairs` (Holm).

    In the metric's unit; both None where they are not known, and `reason` says why.
    """

    planned_pair: float | None
    any_pair: float | None
    pairs: int
    n_prompts: int
    seeds: float
    reason: str | None = None


def smallest_differences(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection, models: tuple[str, ...]
) -> SmallestDifferences:
    """Return the smallest differences that a table of `models` finds, as numbers; see `detectable_difference`."""
    components, wide = _measured(cursor, selection, models)
    values = wide.to_numpy(dtype=np.float64)
    found = _effects(components, values, selection.measure)
    planned, of_any = (None, None) if isinstance(found, str) else found
    reason = found if isinstance(found, str) else None
    return SmallestDifferences(planned, of_any, _pairs(values), components.n_prompts, components.seeds, reason)


def detectable_difference(cursor: "duckdb.DuckDBPyConnection", selection: Selection, models: tuple[str, ...]) -> str:
    """Return in words the smallest difference that a table of `models` finds at 80 % power, for two questions.

    One pair chosen before looking, and any pair of the table by the rule of its paired differences (Holm). Where the
    leader and its challenger differ in spread from the others, both figures are given for them too.
    """
    measure, (components, wide) = selection.measure, _measured(cursor, selection, models)
    values = wide.to_numpy(dtype=np.float64)
    smallest = _effects(components, values, measure)
    if isinstance(smallest, str):
        return f"Minimum detectable difference: unknown. {smallest}".strip()
    seeds = f"{components.seeds:.3g} {'seed' if components.seeds == 1 else 'seeds'}"
    design = f"{formatting.count(components.n_prompts, 'prompt')} × {seeds}, paired"
    words = f"Minimum detectable difference at 80 % power ({design}): {_questions(smallest, _pairs(values), measure)}."
    best = _leaders(values, higher_is_better=measure.higher_is_better)
    own = None if best is None else _own_effects(values[:, best[0]], values[:, best[1]], _pairs(values), measure)
    if best is None or own is None or 1 / APART < own[0] / smallest[0] < APART:
        return words
    leader, challenger = (str(wide.columns[place]) for place in best)
    return f"{words} Between {leader} and {challenger}, by their own spread: {_amounts(own, measure)}."


def _measured(
    cursor: "duckdb.DuckDBPyConnection", selection: Selection, models: tuple[str, ...]
) -> "tuple[VarianceComponents, pd.DataFrame]":
    """Return the variance components of all scores, and the prompt means of `models`, a column each."""
    means = queries.prompt_means(cursor, selection)
    wide = means[means["model"].isin(models)].pivot_table(index="prompt", columns="model", values="mean")
    return variance_components(queries.single_scores(cursor, selection)), wide


def _effects(components: VarianceComponents, values: Array, measure: BoardMetric) -> tuple[float, float] | str:
    effects = []
    for comparisons in (1, _pairs(values)):
        effect = detectable_effect(
            components,
            prompts=components.n_prompts,
            seeds=components.seeds,
            comparisons=comparisons,
            widening=_widening(values, TAIL / comparisons, measure),
        )
        if effect.effect is None:
            return effect.reason or ""
        effects.append(effect.effect)
    return effects[0], effects[1]


def _widening(values: Array, tail: float, measure: BoardMetric) -> float:
    first, second = np.triu_indices(values.shape[1], 1)
    common = ~np.isnan(values[:, first] - values[:, second]).all(axis=0)
    if not common.any():
        return 1.0
    pairs = pair_moments(values[:, first[common]], values[:, second[common]])
    return widening(pairs, tail, (measure.low, measure.high))


def _own_effects(a: Array, b: Array, comparisons: int, measure: BoardMetric) -> tuple[float, float] | None:
    bounds = (measure.low, measure.high)
    planned = pair_effect(a, b, bounds=bounds)
    of_any = pair_effect(a, b, comparisons=comparisons, bounds=bounds)
    return None if planned is None or of_any is None else (planned, of_any)


def _leaders(values: Array, *, higher_is_better: bool) -> tuple[int, int] | None:
    common = values[~np.isnan(values).any(axis=1)]
    if values.shape[1] < 3 or not len(common):
        return None
    order = np.argsort(common.mean(axis=0) * (-1.0 if higher_is_better else 1.0), kind="stable")
    return int(order[0]), int(order[1])


def _pairs(values: Array) -> int:
    models: int = values.shape[1]
    return max(models * (models - 1) // 2, 1)


def _questions(effects: tuple[float, float], pairs: int, measure: BoardMetric) -> str:
    planned, of_any = (_amount(effect, measure) for effect in effects)
    if pairs == 1:
        return f"{planned} for this one pair"
    return f"{planned} for one pair planned beforehand; {of_any} for any of the {pairs} pairs of this table (Holm)"


def _amounts(effects: tuple[float, float], measure: BoardMetric) -> str:
    planned, of_any = (_amount(effect, measure) for effect in effects)
    return f"{planned} planned, {of_any} as one of all pairs"


def _amount(effect: float, measure: BoardMetric) -> str:
    if measure.low is not None and measure.high is not None and effect >= measure.high - measure.low:
        return "none, on so few prompts,"
    return formatting.difference(effect, measure.unit).lstrip("+")
