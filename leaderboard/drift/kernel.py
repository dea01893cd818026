"""Embeddings before and after: the maximum mean discrepancy with a Gaussian kernel, and each night's distance from it.

MMD² is 0 only where two distributions are the same (Gretton et al. 2012), so it finds a model whose mean score stayed
but whose pictures changed. Nights are permuted within each prompt: prompts may differ as they like.
"""

from typing import NamedTuple

import numpy as np

from leaderboard.inference.vocabulary import Array

PERMUTATIONS = 999
REFERENCE_NIGHTS = 7


class Discrepancy(NamedTuple):
    """MMD², summed over prompts, and the share of permutations of nights that gave as much."""

    squared: float
    p: float


def discrepancy(embeddings: Array, since: int, *, permutations: int = PERMUTATIONS, seed: int = 0) -> Discrepancy:
    """Return how far the nights from `since` on are from those before.

    `embeddings` has the shape (nights, prompts, dimensions), without NaN. The estimate is unbiased within each side; a
    side of one night has no spread. Raises ValueError where a side is empty.

    >>> same, other = [[1.0, 0.0]], [[0.0, 1.0]]
    >>> change = discrepancy(np.array([same, same, other, other]), 2, permutations=19)
    >>> round(change.squared, 2), change.p
    (1.26, 0.3)
    """
    nights, prompts, _ = embeddings.shape
    if not 0 < since < nights:
        raise ValueError(f"Expected nights before and after, got a change at {since} of {nights}.")
    kernels = np.stack([_kernel(embeddings[:, prompt]) for prompt in range(prompts)])
    orders = np.tile(np.arange(nights), (prompts, 1))
    observed = _squared(kernels, orders, since)
    generator = np.random.default_rng(seed)
    hits = sum(
        _squared(kernels, generator.permuted(orders, axis=1), since) >= observed - 1e-12 for _ in range(permutations)
    )
    return Discrepancy(observed, (1 + hits) / (1 + permutations))


def distances(embeddings: Array, *, reference: int = REFERENCE_NIGHTS) -> Array:
    """Return the distance of each night's embedding from the first `reference` nights of its prompt.

    Shape (nights, prompts). It is the kernel distance of a point from a set, 2 − 2·mean k. The reference nights have
    NaN: they would be too near to a mean that they are part of.

    >>> nights = np.array([[[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]])
    >>> distances(nights, reference=2).round(2).tolist()
    [[nan], [nan], [0.63]]
    """
    nights, prompts, _ = embeddings.shape
    table = np.full((nights, prompts), np.nan)
    for prompt in range(prompts):
        points = embeddings[:, prompt]
        width = _width(points[:reference])
        squares = ((points[reference:, None] - points[None, :reference]) ** 2).sum(axis=2)
        table[reference:, prompt] = 2 - 2 * np.exp(-squares / width).mean(axis=1)
    return table


def _kernel(points: Array) -> Array:
    squares = ((points[:, None] - points[None, :]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-squares / _width(points)), dtype=np.float64)


def _width(points: Array) -> float:
    """Return the kernel's width: the median squared distance, never less than rounding errors."""
    squares = ((points[:, None] - points[None, :]) ** 2).sum(axis=2)
    pairs = squares[np.triu_indices(len(points), 1)]
    return max(float(np.median(pairs)) if len(pairs) else 0.0, 1e-6)


def _squared(kernels: Array, orders: "np.typing.NDArray[np.int_]", since: int) -> float:
    before, after = orders[:, :since], orders[:, since:]
    rows = np.arange(len(kernels))[:, None, None]
    within_before = kernels[rows, before[:, :, None], before[:, None, :]]
    within_after = kernels[rows, after[:, :, None], after[:, None, :]]
    across = kernels[rows, before[:, :, None], after[:, None, :]]
    return float((_unbiased(within_before) + _unbiased(within_after) - 2 * across.mean(axis=(1, 2))).sum())


def _unbiased(block: Array) -> Array:
    count = block.shape[1]
    if count == 1:
        return np.ones(len(block))
    off_diagonal = block.sum(axis=(1, 2)) - np.trace(block, axis1=1, axis2=2)
    return np.asarray(off_diagonal / (count * (count - 1)), dtype=np.float64)
