"""Ranks as sets: which places each model can hold, all of them right at once, and the chance to be in the top k.

Simultaneous over all pairs: the quantile of the largest |t| over pairs, by bootstrap over prompts, is one bar for every
difference (Mogstad, Romano, Shaikh and Wilhelm 2023 without the step-down; Hall and Wilson 1991 for the studentised t).
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leaderboard.inference.intervals import Array
from leaderboard.inference.paired import spreadless

FEWEST_SHARE = 0.5
SMALLEST_ERROR = 0.5
CELLS_AT_ONCE = 4_000_000
CELLS_KEPT = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSets:
    """One entry a model, in the order given. Ranks count from 1; models that tie share a rank.

    `n_prompts` prompts are common to all compared models and carry the ranks; `n_left_out` others are not used.
    `compared` is False for a model that lacks too many prompts: its set is every place.
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

    Only prompts that all models have are used; a model that has less than half of the prompts is set apart first.
    `rank_best` = 1 + the models certainly better, `rank_worst` = K − the models certainly worse; with one prompt, or
    none in common, nothing is certain. `p_top_k` is the share of resamples in the top k, a tie across the edge shared.
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
    chance: list[float | None] = [None] * size
    for place, share in zip(places, shares, strict=True):
        chance[int(place)] = share
    return RankSets(
        rank=_ranks(common, compared, means),
        rank_best=tuple(int(one) for one in 1 + better.sum(axis=0)),
        rank_worst=tuple(int(one) for one in size - better.sum(axis=1)),
        p_top_k=tuple(chance),
        compared=tuple(bool(one) for one in compared),
        k=k,
        n_prompts=len(common),
        n_left_out=len(means) - len(common),
        critical=critical,
        confidence=confidence,
    )


def competition_ranks(values: Array) -> npt.NDArray[np.int64]:
    """Return 1 + the number of strictly larger values for each of `values`, shape (..., K); rounding makes no order."""
    rounded = np.round(values, 12)
    ahead = rounded[..., None, :] > rounded[..., :, None]
    return np.asarray(1 + ahead.sum(axis=-1), dtype=np.int64)


def _compared(means: Array) -> npt.NDArray[np.bool_]:
    held = (~np.isnan(means)).sum(axis=0)
    asked = int((~np.isnan(means)).any(axis=1).sum())
    return np.asarray((held > 0) & (held >= FEWEST_SHARE * asked))


def _compare(
    common: Array, *, k: int, confidence: float, resamples: int, seed: int
) -> tuple[npt.NDArray[np.bool_], tuple[float | None, ...], float | None]:
    """Return who is certainly better than whom, the chances of the top k, and the bar for |t|."""
    n, size = common.shape
    nobody = np.zeros((size, size), dtype=bool)
    if size == 1:
        return nobody, (1.0,) if n else (None,), None
    if n < 2:
        return nobody, (None,) * size, None
    rows, columns = np.triu_indices(size, 1)
    gaps = common[:, rows] - common[:, columns]
    centre, errors = gaps.mean(axis=0), gaps.std(axis=0, ddof=1) / np.sqrt(n)
    flat = np.array([spreadless(column) for column in gaps.T])
    largest, shares = _resample(
        common, gaps[:, ~flat], errors=errors[~flat], draws=_draws(n, resamples, width=len(rows), seed=seed), k=k
    )
    critical = float(np.quantile(largest, confidence)) if len(largest) else None
    t = np.where(flat, 0.0, centre / np.where(flat, 1.0, errors))
    bar = np.where(flat, np.inf, critical if critical is not None else np.inf)
    sure = np.abs(t) > bar
    # Pairs whose every prompt agrees have no t: the sign test, Bonferroni across the pairs, speaks for them.
    sure |= flat & (np.abs(centre) > 1e-12) & (2 * 0.5**n * len(rows) <= 1 - confidence)
    certain = nobody.copy()
    certain[rows, columns], certain[columns, rows] = sure & (centre > 0), sure & (centre < 0)
    return certain, tuple(float(share) for share in shares), critical


def _draws(n: int, resamples: int, *, width: int, seed: int) -> Iterator[Array]:
    """Yield bootstrap weights over prompts, shape (block, n), each row summing to 1, `resamples` rows in all."""
    block = max(1, min(resamples, CELLS_AT_ONCE // max(n, width)))
    if n * resamples <= CELLS_KEPT and block == resamples:
        yield _kept_weights(n, resamples, seed)
        return
    generator = np.random.default_rng(seed)
    for start in range(0, resamples, block):
        yield _weights(generator, n, min(block, resamples - start))


def _weights(generator: np.random.Generator, n: int, size: int) -> Array:
    drawn = generator.integers(0, n, size=(size, n)) + n * np.arange(size)[:, None]
    return np.asarray(np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n) / n)


@functools.lru_cache(maxsize=16)
def _kept_weights(n: int, resamples: int, seed: int) -> Array:
    """Categories of one size share their resamples."""
    return _weights(np.random.default_rng(seed), n, resamples)


def _resample(common: Array, gaps: Array, *, errors: Array, draws: Iterator[Array], k: int) -> tuple[Array, Array]:
    """Return the largest |t| over pairs of each resample, and each model's share of resamples in the top k."""
    n, size, pairs, centre = len(common), common.shape[1], gaps.shape[1], gaps.mean(axis=0)
    moments = np.concatenate([gaps, gaps * gaps, common], axis=1)
    largest, hits, total = [], np.zeros(size), 0
    for weights in draws:
        moved = weights @ moments
        drift, squares, level = moved[:, :pairs], moved[:, pairs:-size], moved[:, -size:]
        if pairs:
            spread = np.sqrt(np.maximum(squares - drift * drift, 0) / (n - 1))
            # A resample that misses the few prompts which differ has next to no spread of its own.
            largest.append((np.abs(drift - centre) / np.maximum(spread, SMALLEST_ERROR * errors)).max(axis=1))
        hits += _in_top(level, k).sum(axis=0)
        total += len(weights)
    return np.concatenate(largest) if largest else np.empty(0), hits / total


def _in_top(values: Array, k: int) -> Array:
    """Return each model's share of the top k places, shape (resamples, models); models that tie share what is left."""
    rounded = np.round(values, 12)
    ahead = (rounded[:, None, :] > rounded[:, :, None]).sum(axis=-1)
    level = (rounded[:, None, :] == rounded[:, :, None]).sum(axis=-1)
    return np.asarray(np.clip((k - ahead) / level, 0.0, 1.0), dtype=np.float64)


def _ranks(common: Array, compared: npt.NDArray[np.bool_], means: Array) -> tuple[int, ...]:
    """Ranks by the common prompts; models set apart come after, by their own mean; models without a mean come last."""
    ranks = np.full(means.shape[1], means.shape[1], dtype=np.int64)
    places = np.flatnonzero(compared)
    if len(common):
        ranks[places] = competition_ranks(common.mean(axis=0))
    elif len(places):
        ranks[places] = competition_ranks(np.array([np.nanmean(means[:, place]) for place in places]))
    apart = np.flatnonzero(~compared & (~np.isnan(means)).any(axis=0))
    if len(apart):
        own = np.array([np.nanmean(means[:, place]) for place in apart])
        ranks[apart] = len(places) + competition_ranks(own)
    return tuple(int(rank) for rank in ranks)
