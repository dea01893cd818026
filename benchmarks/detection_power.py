"""How often a true difference of the size that a page prints as the smallest detectable one is found.

Two questions: one pair that was chosen before looking, and one of all pairs of a table of eight models, by Holm's rule.
The bar is 80 %. `normal, z` is the size by the normal quantiles and for one pair, as it is often computed.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import special

from benchmarks.score_worlds import Shape, answers, mean_answer
from leaderboard.inference.detectable_effect import smallest_effect
from leaderboard.inference.pair_ends import PairMoments, difference_p, pair_moments, widening
from leaderboard.inference.paired import holm
from leaderboard.inference.vocabulary import UNBOUNDED, Array, Bounds

MODELS = 8
COMPARISONS = MODELS * (MODELS - 1) // 2
SHARE: Bounds = (0.0, 1.0)
COSINE: Bounds = (-100.0, 100.0)
NORMAL = float(special.ndtri(0.975) + special.ndtri(0.8))
PROMPT, INTERACTION, SEED, SEEDS = 3.5, 1.2, 1.8, 2
GAP = (2 * (INTERACTION**2 + SEED**2 / SEEDS)) ** 0.5
SPREAD, OWN = 1.0, 0.5
STEPS = 14


class Power(NamedTuple):
    """The share of tables in which a difference of the given size is found, for one question."""

    scores: str
    prompts: int
    comparisons: int
    effect: float
    found: float
    found_at_normal: float


def powers(*, tables: int) -> Iterator[Power]:
    """Yield the power of both questions, for normal scores of two seeds and for shares of right answers."""
    for n in (5, 12, 30, 60):
        for comparisons in (1, COMPARISONS):
            for name, bounds in (("normal, no bounds", UNBOUNDED), ("100 × cosine", COSINE)):
                yield of_normals(name, n, comparisons, bounds, tables=tables)
    for n in (30, 60, 200):
        for comparisons in (1, COMPARISONS):
            yield of_shares(n, comparisons, tables=tables)


def of_normals(name: str, n: int, comparisons: int, bounds: Bounds, *, tables: int) -> Power:
    """Return the power for normal scores of two seeds, with the metric's bounds."""
    generator = np.random.default_rng([n, comparisons])
    further = widening(_first_pair(_normals(generator, (n, 300), (0.0, 0.0))), 0.025 / comparisons, bounds)
    effect = smallest_effect(GAP / n**0.5, n - 1, comparisons=comparisons, widening=further)
    found = [
        _found(_normals(generator, (n, tables), _levels(size, comparisons)), bounds)
        for size in (effect, NORMAL * GAP / n**0.5)
    ]
    return Power(name, n, comparisons, effect, *found)


def of_shares(n: int, comparisons: int, *, tables: int) -> Power:
    """Return the power for shares of right answers, around the logit 2."""
    generator = np.random.default_rng([n, comparisons])
    level, effect = _detectable_level(n, comparisons)
    shape = (n, tables)
    levels = (2.0 + level / 2, 2.0 - level / 2) + (2.0,) * (0 if comparisons == 1 else MODELS - 2)
    drawn = answers(generator, shape, levels=levels, spread=SPREAD, own=OWN, seeds=SEEDS)
    return Power("share of right answers", n, comparisons, effect, _found(drawn, SHARE), float("nan"))


def _detectable_level(n: int, comparisons: int) -> tuple[float, float]:
    """Return the distance of two models' logits whose difference is just the smallest that would be printed for it."""
    low, high, effect, total = 0.0, 8.0, 0.0, float(np.hypot(SPREAD, OWN))
    for _ in range(STEPS):
        level = (low + high) / 2
        levels = (2.0 + level / 2, 2.0 - level / 2)
        drawn = answers(np.random.default_rng(n), (n, 400), levels=levels, spread=SPREAD, own=OWN, seeds=SEEDS)
        pairs = _first_pair(drawn)
        error = float(np.sqrt(pairs.gaps.variance.mean() / n))
        further = widening(pairs, 0.025 / comparisons, SHARE)
        effect = mean_answer(levels[0], total) - mean_answer(levels[1], total)
        enough = effect >= smallest_effect(error, n - 1, comparisons=comparisons, widening=further)
        low, high = (low, level) if enough else (level, high)
    return high, effect


def _normals(generator: np.random.Generator, shape: Shape, levels: tuple[float, ...]) -> list[Array]:
    prompt, own = generator.normal(30, PROMPT, shape), GAP / 2**0.5
    return [level + prompt + generator.normal(0, own, shape) for level in levels]


def _levels(effect: float, comparisons: int) -> tuple[float, ...]:
    return (effect / 2, -effect / 2) + (0.0,) * (0 if comparisons == 1 else MODELS - 2)


def _first_pair(models: list[Array]) -> PairMoments:
    return pair_moments(models[0], models[1])


def _found(models: list[Array], bounds: Bounds) -> float:
    """Return the share of tables in which the first two models differ, by Holm's rule over all pairs."""
    first, second = zip(*itertools.combinations(range(len(models)), 2), strict=True)
    pairs = pair_moments(*(np.concatenate([models[i] for i in side], axis=1) for side in (first, second)))
    p = np.where(pairs.gaps.variance > 0, difference_p(pairs, bounds), 1.0).reshape(len(first), -1)
    return float(np.mean([holm(table)[0] < 0.05 for table in p.T]))


def show(console: Console, *, tables: int) -> list[Power]:
    """Print the power table and return its rows."""
    rows = list(powers(tables=tables))
    table = Table(title="Share of tables in which the smallest detectable difference is found (bar: 80 %)")
    for name in ("scores", "prompts", "question", "difference", "found", "found, normal z"):
        table.add_column(name, justify="left" if name in ("scores", "question") else "right")
    for row in rows:
        question = "one planned pair" if row.comparisons == 1 else f"any of {row.comparisons} pairs (Holm)"
        plain = f"{row.found_at_normal:.1%}" if np.isfinite(row.found_at_normal) else ""
        table.add_row(row.scores, str(row.prompts), question, f"{row.effect:.3g}", f"{row.found:.1%}", plain)
    console.print(table)
    return rows
