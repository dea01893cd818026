"""The standings of one field: all models of a category on one day, from prompt means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.inference.intervals import Interval, column_intervals
from leaderboard.inference.rank_sets import RankSets, rank_sets
from leaderboard.inference.vocabulary import UNBOUNDED, Array, Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRules:
    """The parameters of standings: the k of the top k, the confidence, and what the metric declares."""

    k: int = 3
    confidence: float = 0.95
    higher_is_better: bool = True
    bounds: Bounds = UNBOUNDED
    resamples: int = 1000
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A model's place: its mean over prompt means with interval, its rank and rank set, and its chance of the top k.

    A model without a single score has neither estimate nor rank. `interval` is over the model's own prompts; ranks are
    over the prompts that the compared models have in common.
    """

    model: str
    interval: Interval | None
    n_prompts: int
    rank: int | None
    rank_best: int | None
    rank_worst: int | None
    p_top_k: float | None


def standings(means: Array, models: Sequence[str], rules: StandingRules) -> tuple[Standing, ...]:
    """Return one standing a model, in the order of `models`, from prompt means of shape (prompts, models).

    NaN is a prompt without a score. Models without any score take no part in the ranks of the others. Raises ValueError
    where the columns are not the models.

    >>> means = np.array([[0.9, 0.1], [0.8, 0.2], [0.95, 0.1]])
    >>> first, second = standings(means, ["a", "b"], StandingRules(k=1, resamples=50))
    >>> first.model, first.rank, (first.rank_best, first.rank_worst), second.rank
    ('a', 1, (1, 1), 2)
    """
    if means.shape[1:] != (len(models),):
        raise ValueError(f"Expected a column for each of {len(models)} models, got the shape {means.shape}.")
    scored = np.flatnonzero((~np.isnan(means)).any(axis=0))
    if not len(scored):
        return tuple(_unscored(model) for model in models)
    signed = means[:, scored] * (1.0 if rules.higher_is_better else -1.0)
    sets = rank_sets(signed, k=rules.k, confidence=rules.confidence, resamples=rules.resamples, seed=rules.seed)
    intervals = column_intervals(means[:, scored], confidence=rules.confidence, bounds=rules.bounds)
    place = {int(column): index for index, column in enumerate(scored)}
    return tuple(
        _standing(model, intervals[i], sets, i) if (i := place.get(column)) is not None else _unscored(model)
        for column, model in enumerate(models)
    )


def _standing(model: str, interval: Interval, sets: RankSets, place: int) -> Standing:
    return Standing(
        model=model,
        interval=interval,
        n_prompts=interval.n,
        rank=sets.rank[place],
        rank_best=sets.rank_best[place],
        rank_worst=sets.rank_worst[place],
        p_top_k=sets.p_top_k[place],
    )


def _unscored(model: str) -> Standing:
    return Standing(model=model, interval=None, n_prompts=0, rank=None, rank_best=None, rank_worst=None, p_top_k=None)
