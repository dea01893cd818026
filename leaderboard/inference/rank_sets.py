"""Rank sets: the ranks that each model may have, simultaneously for all models, and the probability of the top k.

The critical value of every difference is the quantile of the largest |t| over all pairs, by bootstrap over prompts
(Mogstad, Romano, Shaikh and Wilhelm 2023 without the step-down; Hall and Wilson 1991 for the studentised t).
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leaderboard.inference.paired import spreadless
from leaderboard.inference.vocabulary import Array

FEWEST_SHARE = 0.5
SMALLEST_ERROR = 0.5
CELLS_AT_ONCE = 4_000_000
CELLS_CACHED = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSets:
    """One entry a model, in the order given. Ranks count from 1; models that tie share a rank.

    `n_prompts` prompts are common to all compared models and carry the ranks; `n_left_out` others are not used.
    `compared` is False for a model that lacks too many prompts: its set is every rank.
    """

    rank: tuple[int, ...]
    rank_best: tuple[int, ...]
    rank_worst: tuple[int, ...]
    p_top_k: tuple[float | None, ...]
    compared: tuple[bool, ...]
    k: int
    n_prompts: int
    n_left_out: int
    critical: float | None
    confidence: float
    method: str = "max-|t| bootstrap over prompts"


def rank_sets(means: Array, *, k: int = 3, confidence: float = 0.95, resamples: int = 1000, seed: int = 0) -> RankSets:
    """Return the simultaneous rank sets of prompt means of shape (prompts, models), larger is better, NaN for missing.

    Only prompts that all models have are used; a model that has less than half of the prompts is left out first.
    `rank_best` = 1 + the models certainly better, `rank_worst` = K − the models certainly worse; with one prompt, or
    none in common, nothing is certain. `p_top_k` is the share of resamples in the top k; models that tie for the last
    place share it. Raises ValueError for another shape.

    >>> sets = rank_sets(np.array([[0.9, 0.5, 0.1], [0.8, 0.9, 0.2], [0.95, 0.6, 0.1]]), k=2, resamples=50)
    >>> sets.rank, sets.rank_best, sets.rank_worst
    ((1, 2, 3), (1, 1, 3), (2, 2, 3))
    """
    if means.ndim != 2 or not means.shape[1]:
        raise ValueError(f"Expected prompt means of shape (prompts, models), got {means.shape}.")
    compared = _compared(means)
    common = means[:, compared]
    common = common[~np.isnan(common).any(axis=1)]
    certain, shares, critical = _compare(common, k=k, confidence=confidence, resamples=resamples, seed=seed)
    size, places = means.shape[1], np.flatnonzero(compared)
    better = np.zeros((size, size), dtype=bool)
    better[np.ix_(places, places)] = certain
    probability: list[float | None] = [None] * size
    for place, share in zip(places, shares, strict=True):
        probability[int(place)] = share
    return RankSets(
        rank=_ranks(common, compared, means),
        rank_best=tuple(int(rank) for rank in 1 + better.sum(axis=0)),
        rank_worst=tuple(int(rank) for rank in size - better.sum(axis=1)),
        p_top_k=tuple(probability),
        compared=tuple(map(bool, compared)),
        k=k,
        n_prompts=len(common),
        n_left_out=len(means) - len(common),
        critical=critical,
        confidence=confidence,
    )


def competition_ranks(values: Array) -> npt.NDArray[np.int64]:
    """Return 1 + the number of strictly larger values for each of `values`, shape (..., K).

    Values that differ by less than 1e-12 are equal.

    >>> competition_ranks(np.array([0.7, 0.9, 0.7])).tolist()
    [2, 1, 2]
    """
    rounded = np.round(values, 12)
    ahead = rounded[..., None, :] > rounded[..., :, None]
    return np.asarray(1 + ahead.sum(axis=-1), dtype=np.int64)


def _compared(means: Array) -> npt.NDArray[np.bool_]:
    scored = (~np.isnan(means)).sum(axis=0)
    prompts = int((~np.isnan(means)).any(axis=1).sum())
    return np.asarray((scored > 0) & (scored >= FEWEST_SHARE * prompts))


def _compare(
    common: Array, *, k: int, confidence: float, resamples: int, seed: int
) -> tuple[npt.NDArray[np.bool_], tuple[float | None, ...], float | None]:
    """Return which model is certainly better than which, the probabilities of the top k, and the critical |t|."""
    n, size = common.shape
    nothing = np.zeros((size, size), dtype=bool)
    if size == 1:
        return nothing, (1.0,) if n else (None,), None
    if n < 2:
        return nothing, (None,) * size, None
    rows, columns = np.triu_indices(size, 1)
    gaps = common[:, rows] - common[:, columns]
    centre, errors = gaps.mean(axis=0), gaps.std(axis=0, ddof=1) / np.sqrt(n)
    constant = np.array([spreadless(column) for column in gaps.T])
    largest, shares = _resample(
        common,
        gaps[:, ~constant],
        errors=errors[~constant],
        draws=_draws(n, resamples, width=len(rows), seed=seed),
        k=k,
    )
    critical = float(np.quantile(largest, confidence)) if len(largest) else None
    t = np.where(constant, 0.0, centre / np.where(constant, 1.0, errors))
    threshold = np.where(constant, np.inf, critical if critical is not None else np.inf)
    significant = np.abs(t) > threshold
    # Pairs that differ equally on every prompt have no t; the sign test, with Bonferroni across pairs, replaces it.
    significant |= constant & (np.abs(centre) > 1e-12) & (2 * 0.5**n * len(rows) <= 1 - confidence)
    certain = nothing.copy()
    certain[rows, columns], certain[columns, rows] = significant & (centre > 0), significant & (centre < 0)
    return certain, tuple(float(share) for share in shares), critical


def _draws(n: int, resamples: int, *, width: int, seed: int) -> Iterator[Array]:
    """Yield bootstrap weights over prompts, shape (block, n), each row summing to 1, `resamples` rows in all."""
    block = max(1, min(resamples, CELLS_AT_ONCE // max(n, width)))
    if n * resamples <= CELLS_CACHED and block == resamples:
        yield _cached_weights(n, resamples, seed)
        return
    generator = np.random.default_rng(seed)
    for start in range(0, resamples, block):
        yield _weights(generator, n, min(block, resamples - start))


def _weights(generator: np.random.Generator, n: int, size: int) -> Array:
    drawn = generator.integers(0, n, size=(size, n)) + n * np.arange(size)[:, None]
    return np.asarray(np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n) / n)


@functools.lru_cache(maxsize=16)
def _cached_weights(n: int, resamples: int, seed: int) -> Array:
    """Return cached weights: categories of the same size share their resamples."""
    return _weights(np.random.default_rng(seed), n, resamples)


def _resample(common: Array, gaps: Array, *, errors: Array, draws: Iterator[Array], k: int) -> tuple[Array, Array]:
    """Return the largest |t| over pairs of each resample, and each model's share of resamples in the top k."""
    n, size, pairs, centre = len(common), common.shape[1], gaps.shape[1], gaps.mean(axis=0)
    moments = np.concatenate([gaps, gaps * gaps, common], axis=1)
    largest, hits, total = [], np.zeros(size), 0
    for weights in draws:
        resampled = weights @ moments
        means, squares, level = resampled[:, :pairs], resampled[:, pairs:-size], resampled[:, -size:]
        if pairs:
            spread = np.sqrt(np.maximum(squares - means * means, 0) / (n - 1))
            # A resample without the few prompts that differ has almost no spread: hence the smallest error.
            largest.append((np.abs(means - centre) / np.maximum(spread, SMALLEST_ERROR * errors)).max(axis=1))
        hits += _in_top(level, k).sum(axis=0)
        total += len(weights)
    return np.concatenate(largest) if largest else np.empty(0), hits / total


def _in_top(values: Array, k: int) -> Array:
    """Return each model's share of the top k places, shape (resamples, models); models that tie share it."""
    rounded = np.round(values, 12)
    ahead = (rounded[:, None, :] > rounded[:, :, None]).sum(axis=-1)
    level = (rounded[:, None, :] == rounded[:, :, None]).sum(axis=-1)
    return np.asarray(np.clip((k - ahead) / level, 0.0, 1.0), dtype=np.float64)


def _ranks(common: Array, compared: npt.NDArray[np.bool_], means: Array) -> tuple[int, ...]:
    """Return ranks by the common prompts, then by their own mean those left out, then models without a mean."""
    ranks = np.full(means.shape[1], means.shape[1], dtype=np.int64)
    places = np.flatnonzero(compared)
    if len(common):
        ranks[places] = competition_ranks(common.mean(axis=0))
    elif len(places):
        ranks[places] = competition_ranks(np.array([np.nanmean(means[:, place]) for place in places]))
    left_out = np.flatnonzero(~compared & (~np.isnan(means)).any(axis=0))
    if len(left_out):
        own_means = np.array([np.nanmean(means[:, place]) for place in left_out])
        ranks[left_out] = len(places) + competition_ranks(own_means)
    return tuple(int(rank) for rank in ranks)
