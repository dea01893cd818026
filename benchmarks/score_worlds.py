"""Worlds of scores with known truth: one model's prompt means, or those of two models on the same prompts."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy import special

from leaderboard.inference.vocabulary import Array, Bounds

Shape = tuple[int, int]
SHARE: Bounds = (0.0, 1.0)


class ScoreWorld(NamedTuple):
    """A kind of prompt means: how they are drawn, shape (prompts, draws), their true mean, and the metric's bounds."""

    kind: str
    draw: Callable[[np.random.Generator, Shape], Array]
    mean: float
    bounds: Bounds


class PairWorld(NamedTuple):
    """Two models on the same prompts: how both are drawn, and the true difference."""

    kind: str
    draw: Callable[[np.random.Generator, Shape], tuple[Array, Array]]
    mean: float
    bounds: Bounds


def seed_worlds() -> Iterator[ScoreWorld]:
    """Yield fractions of 2, 4 and 8 seeds, right with probability p, alike within a prompt by a correlation."""
    for seeds in (2, 4, 8):
        for p in (0.5, 0.7, 0.9, 0.95, 0.985, 0.999):
            for correlation in (0.05, 0.3, 0.7):
                yield ScoreWorld(f"{seeds} seeds", partial(_fractions, p, correlation, seeds), p, SHARE)


def skewed_worlds() -> Iterator[ScoreWorld]:
    """Yield skewed scores between bounds and over one, and a cosine for comparison."""
    yield ScoreWorld("log-normal, σ = 1", lambda g, s: g.lognormal(0, 1, s), float(np.exp(0.5)), (0.0, None))
    yield ScoreWorld("log-normal, σ = 0.5", lambda g, s: g.lognormal(0, 0.5, s), float(np.exp(0.125)), (0.0, None))
    yield ScoreWorld("exponential", lambda g, s: g.exponential(1.0, s), 1.0, (0.0, None))
    yield ScoreWorld("beta(8, 1)", lambda g, s: g.beta(8, 1, s), 8 / 9, SHARE)
    yield ScoreWorld("beta(1, 8)", lambda g, s: g.beta(1, 8, s), 1 / 9, SHARE)
    yield ScoreWorld("uniform", lambda g, s: g.random(s), 0.5, SHARE)
    yield ScoreWorld("100 × cosine, normal", lambda g, s: g.normal(30, 3, s), 30.0, (-100.0, 100.0))


def answers(
    generator: np.random.Generator, shape: Shape, *, levels: tuple[float, ...], spread: float, own: float, seeds: int
) -> list[Array]:
    """Return each model's share of right answers: `levels` are logits, prompts vary by `spread`, for each by `own`."""
    hardness = generator.normal(0, spread, shape)
    chances = [special.expit(level + hardness + generator.normal(0, own, shape)) for level in levels]
    return [generator.binomial(seeds, chance) / seeds for chance in chances]


def mean_answer(level: float, spread: float) -> float:
    """Return the mean share of right answers at a level, over normal variation of prompts."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    return float(special.expit(level + spread * nodes) @ weights / weights.sum())


def _fractions(p: float, correlation: float, seeds: int, generator: np.random.Generator, shape: Shape) -> Array:
    strength = (1 - correlation) / correlation
    return np.asarray(generator.binomial(seeds, generator.beta(p * strength, (1 - p) * strength, shape)) / seeds)


def _answer_pair(
    levels: tuple[float, float], spread: float, own: float, seeds: int, generator: np.random.Generator, shape: Shape
) -> tuple[Array, Array]:
    first, second = answers(generator, shape, levels=levels, spread=spread, own=own, seeds=seeds)
    return first, second


def _answer_pairs() -> Iterator[PairWorld]:
    for seeds in (1, 4):
        for levels in ((5.5, 4.0), (4.0, 4.0), (4.0, 2.5), (3.0, 1.0), (1.5, 0.5), (0.5, -0.5)):
            for spread, own in ((0.1, 0.1), (1.5, 0.5), (2.5, 0.1)):
                total = float(np.hypot(spread, own))
                truth = mean_answer(levels[0], total) - mean_answer(levels[1], total)
                draw = partial(_answer_pair, levels, spread, own, seeds)
                yield PairWorld(f"difference, {seeds} {'seed' if seeds == 1 else 'seeds'}", draw, truth, SHARE)


def _normals(generator: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    common = generator.normal(0, 0.7, shape)
    first, second = (common + generator.normal(0, 0.51**0.5, shape) for _ in range(2))
    return first, second


def _beta_pair(generator: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    first, second = _normals(generator, shape)
    return special.ndtr(first) ** (1 / 8), special.ndtr(second) ** (1 / 4)


def _amount_pair(generator: np.random.Generator, shape: Shape) -> tuple[Array, Array]:
    first, second = _normals(generator, shape)
    return np.exp(first), np.exp(second + 0.3)


PAIRS = (
    *_answer_pairs(),
    PairWorld("difference, beta", _beta_pair, 8 / 9 - 4 / 5, SHARE),
    PairWorld("difference, log-normal", _amount_pair, float(np.exp(0.5) * (1 - np.exp(0.3))), (0.0, None)),
)
