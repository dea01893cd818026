"""Embeddings before and after: the maximum mean discrepancy with a Gaussian kernel, and how far each is from its past.

MMD² is 0 only where two distributions are the same (Gretton et al. 2012): a model whose mean score stayed but whose
pictures became others is found. Nights are exchanged within each prompt, so that prompts differ as they like.
"""

from typing import NamedTuple

import numpy as np

from leaderboard.inference.intervals import Array

PERMUTATIONS = 999
REFERENCE_NIGHTS = 7


class Discrepancy(NamedTuple):
    """MMD², summed over prompts, and the share of exchanges of nights that gave as much."""

    squared: float
    p: float


def discrepancy(embeddings: Array, since: int, *, permutations: int = PERMUTATIONS, seed: int = 0) -> Discrepancy:
    """Return how far the nights from `since` on are from those before.

    `embeddings` has the shape (nights, prompts, dimensions), without NaN. Unbiased within each side; with one night on
    a side that side has no spread of its own. Raises ValueError where a side is empty.
    """
    nights, prompts, _ = embeddings.shape
    if not 0 < since < nights:
        raise ValueError(f"Expected nights before and after, got a change at {since} of {nights}.")
    kernels = np.stack([_kernel(embeddings[:, prompt]) for prompt in range(prompts)])
    orders = np.tile(np.arange(nights), (prompts, 1))
    seen = _squared(kernels, orders, since)
    generator = np.random.default_rng(seed)
    hits = sum(
        _squared(kernels, generator.permuted(orders, axis=1), since) >= seen - 1e-12 for _ in range(permutations)
    )
    return Discrepancy(seen, (1 + hits) / (1 + permutations))


def distances(embeddings: Array, *, reference: int = REFERENCE_NIGHTS) -> Array:
    """Return how far each night's embedding is from the first `reference` nights of its prompt.

    Shape (nights, prompts). The kernel distance of one picture from a set: 2 − 2·mean k. The reference nights have NaN:
    they are nearer to a mean that they made.
    """
    nights, prompts, _ = embeddings.shape
    found = np.full((nights, prompts), np.nan)
    for prompt in range(prompts):
        held = embeddings[:, prompt]
        width = _width(held[:reference])
        squares = ((held[reference:, None] - held[None, :reference]) ** 2).sum(axis=2)
        found[reference:, prompt] = 2 - 2 * np.exp(-squares / width).mean(axis=1)
    return found


def _kernel(points: Array) -> Array:
    squares = ((points[:, None] - points[None, :]) ** 2).sum(axis=2)
    return np.asarray(np.exp(-squares / _width(points)), dtype=np.float64)


def _width(points: Array) -> float:
    """Return the kernel's width by the median of the distances, never less than what rounding moves."""
    squares = ((points[:, None] - points[None, :]) ** 2).sum(axis=2)
    apart = squares[np.triu_indices(len(points), 1)]
    return max(float(np.median(apart)) if len(apart) else 0.0, 1e-6)


def _squared(kernels: Array, orders: "np.typing.NDArray[np.int_]", since: int) -> float:
    before, after = orders[:, :since], orders[:, since:]
    rows = np.arange(len(kernels))[:, None, None]
    one = kernels[rows, before[:, :, None], before[:, None, :]]
    other = kernels[rows, after[:, :, None], after[:, None, :]]
    across = kernels[rows, before[:, :, None], after[:, None, :]]
    return float((_unbiased(one) + _unbiased(other) - 2 * across.mean(axis=(1, 2))).sum())


def _unbiased(block: Array) -> Array:
    count = block.shape[1]
    if count == 1:
        return np.ones(len(block))
    off = block.sum(axis=(1, 2)) - np.trace(block, axis1=1, axis2=2)
    return np.asarray(off / (count * (count - 1)), dtype=np.float64)
