"""The smallest difference that a design can detect: variance components by moments, and the effect at 80 % power."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from leaderboard.inference.intervals import Array

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
    """The true difference of two models that a design finds with the given power; None with the reason."""

    effect: float | None
    prompts: int
    seeds: float
    paired: bool
    power: float
    confidence: float
    method: str = "normal approximation"
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
    power: float = 0.8,
    confidence: float = 0.95,
) -> DetectableEffect:
    """Return the smallest true difference of two models found with `power` at `prompts` × `seeds`, two-sided.

    (z₁₋α⸝₂ + z_power) · √(2 (σ²_model×prompt + σ²_seed / seeds) / prompts); unpaired adds σ²_prompt.

    >>> components = VarianceComponents(prompt=0.2, model_prompt=0.1, seed=0.1, n_models=2, n_prompts=50, seeds=2.0)
    >>> round(detectable_effect(components, prompts=50, seeds=2).effect, 3)
    0.069
    """
    reason = _missing(components, prompts, seeds)
    effect = None
    if reason is None:
        reach = float(special.ndtri((1 + confidence) / 2) + special.ndtri(power))
        effect = reach * (2 * _variance(components, seeds, paired=paired) / prompts) ** 0.5
    return DetectableEffect(
        effect=effect, prompts=prompts, seeds=seeds, paired=paired, power=power, confidence=confidence, reason=reason
    )


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
