"""The smallest difference that a design can detect: variance components by moments, and the effect at a given power."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from leaderboard.inference.pair_ends import pair_moments
from leaderboard.inference.pair_ends import widening as reach_beyond_t
from leaderboard.inference.vocabulary import UNBOUNDED, Array, Bounds

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceComponents:
    """Standard deviations, in the metric's unit, of the sources of a score's variation besides the model.

    `seed` is None where every prompt had one seed: its part is then inside `model_prompt`. `model_prompt` is None with
    fewer than two models or common prompts; `reason` says so.
    """

    prompt: float | None
    model_prompt: float | None
    seed: float | None
    n_models: int
    n_prompts: int
    seeds: float
    method: str = "method of moments"
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectableEffect:
    """The true difference of two models that a design finds with the given power; None with the reason.

    `comparisons`: 1 for one pair that was chosen before looking, else the pairs of a table under Holm's rule, any of
    which may be found.
    """

    effect: float | None
    prompts: int
    seeds: float
    paired: bool
    power: float
    confidence: float
    comparisons: int = 1
    method: str = "noncentral t"
    reason: str | None = None


def variance_components(frame: "pd.DataFrame") -> VarianceComponents:
    """Return the components from single scores: columns model, prompt, value, one row a seed.

    score = model + prompt + model×prompt + seed; prompts that not all models have are left out. Estimates that come out
    below zero are zero (Searle, Casella and McCulloch 1992, chapter 4).

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"model": ["a", "b"] * 3, "prompt": ["x", "x", "y", "y", "z", "z"]})
    >>> components = variance_components(frame.assign(value=[0.9, 0.5, 0.6, 0.4, 0.8, 0.3]))
    >>> round(components.prompt, 3), round(components.model_prompt, 3), components.seed
    (0.071, 0.108, None)
    """
    cells = frame.groupby(["prompt", "model"])["value"].agg(["mean", "size", "var"])
    seed, seeds = _seed_variance(cells), float(1 / (1 / cells["size"]).mean()) if len(cells) else 0.0
    table = cells["mean"].unstack("model").dropna().to_numpy(dtype=np.float64)
    n_prompts, n_models = table.shape
    if n_models < 2 or n_prompts < 2:
        reason = f"Variance components need two models on two common prompts, got {n_models} on {n_prompts}."
        return VarianceComponents(
            prompt=None,
            model_prompt=None,
            seed=_root(seed),
            n_models=n_models,
            n_prompts=n_prompts,
            seeds=seeds,
            reason=reason,
        )
    prompt, interaction = _moments(table, noise=(seed or 0.0) / seeds)
    return VarianceComponents(
        prompt=prompt,
        model_prompt=interaction,
        seed=_root(seed),
        n_models=n_models,
        n_prompts=n_prompts,
        seeds=seeds,
        reason=None if seed is not None else "One seed a prompt: the seed's part is inside model×prompt.",
    )


def detectable_effect(
    components: VarianceComponents,
    *,
    prompts: int,
    seeds: float,
    paired: bool = True,
    comparisons: int = 1,
    widening: float = 1.0,
    power: float = 0.8,
    confidence: float = 0.95,
) -> DetectableEffect:
    """Return the smallest true difference of two models found with `power` at `prompts` × `seeds`, two-sided.

    Its standard error is √(2 (σ²_model×prompt + σ²_seed / seeds) / prompts); unpaired adds σ²_prompt. For
    `comparisons` and `widening` see `smallest_effect`.

    >>> components = VarianceComponents(prompt=0.2, model_prompt=0.1, seed=0.1, n_models=2, n_prompts=50, seeds=2.0)
    >>> round(detectable_effect(components, prompts=50, seeds=2).effect, 3)
    0.07
    """
    reason = _missing(components, prompts, seeds)
    effect = None
    if reason is None:
        error = (2 * _variance(components, seeds, paired=paired) / prompts) ** 0.5
        freedom = (prompts - 1) * (1 if paired else 2)
        effect = smallest_effect(
            error, freedom, comparisons=comparisons, widening=widening, power=power, confidence=confidence
        )
    return DetectableEffect(
        effect=effect,
        prompts=prompts,
        seeds=seeds,
        paired=paired,
        power=power,
        confidence=confidence,
        comparisons=comparisons,
        reason=reason,
    )


def smallest_effect(
    error: float,
    freedom: int,
    *,
    comparisons: int = 1,
    widening: float = 1.0,
    power: float = 0.8,
    confidence: float = 0.95,
) -> float:
    """Return the true difference that a t test finds with `power`, two-sided, given the difference's standard error.

    With several comparisons the first step of Holm's method has to be passed: the level divided by their number.
    `widening`: how much further than with t the intervals of bounded values reach. The t statistic is noncentral (Cohen
    1988, chapter 2).

    >>> round(smallest_effect(1.0, 11), 3), round(smallest_effect(1.0, 11, comparisons=28), 3)
    (3.078, 5.107)
    """
    critical = widening * special.stdtrit(freedom, 1 - (1 - confidence) / (2 * comparisons))
    return float(special.nctdtrinc(freedom, 1 - power, critical)) * error


def pair_effect(
    a: Array, b: Array, *, comparisons: int = 1, bounds: Bounds = UNBOUNDED, confidence: float = 0.95
) -> float | None:
    """Return the smallest true difference found with 80 % power between two models, by their own spread.

    `a` and `b` are prompt means, shape (prompts,), NaN for missing; None where their differences do not vary.

    >>> round(pair_effect(np.array([0.9, 0.8, 0.9, 0.7]), np.array([0.5, 0.6, 0.7, 0.6])), 3)
    0.268
    """
    if np.count_nonzero(~np.isnan(a - b)) < 2:
        return None
    pair = pair_moments(a[:, None], b[:, None])
    variance, n = float(pair.gaps.variance[0]), int(pair.gaps.n[0])
    if variance == 0:
        return None
    further = reach_beyond_t(pair, (1 - confidence) / (2 * comparisons), bounds)
    error = (variance / n) ** 0.5
    return smallest_effect(error, n - 1, comparisons=comparisons, widening=further, confidence=confidence)


def _seed_variance(cells: "pd.DataFrame") -> float | None:
    repeated = cells[cells["size"] > 1]
    freedom = float((repeated["size"] - 1).sum())
    return float((repeated["var"] * (repeated["size"] - 1)).sum() / freedom) if freedom else None


def _moments(table: Array, *, noise: float) -> tuple[float, float]:
    """Return the SDs of prompt and model×prompt from cell means, shape (prompts, models)."""
    n_prompts, n_models = table.shape
    centred = table - table.mean(axis=0)
    by_prompt = centred.mean(axis=1)
    residual = centred - by_prompt[:, None]
    within = float((residual**2).sum() / ((n_prompts - 1) * (n_models - 1)))
    between = float((by_prompt**2).sum() / (n_prompts - 1))
    return max(between - within / n_models, 0.0) ** 0.5, max(within - noise, 0.0) ** 0.5


def _variance(components: VarianceComponents, seeds: float, *, paired: bool) -> float:
    interaction, seed, prompt = components.model_prompt or 0.0, components.seed or 0.0, components.prompt or 0.0
    return interaction**2 + seed**2 / seeds + (0.0 if paired else prompt**2)


def _missing(components: VarianceComponents, prompts: int, seeds: float) -> str | None:
    if components.model_prompt is None:
        return components.reason
    if prompts < 2 or seeds <= 0:
        return f"A design needs two prompts and a seed, got {prompts} prompts and {seeds:g} seeds."
    if components.seed is None and seeds > components.seeds:
        return "With one seed a prompt the effect of more seeds is not known."
    return None


def _root(variance: float | None) -> float | None:
    return None if variance is None else variance**0.5
