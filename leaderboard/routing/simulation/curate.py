"""Few models that are enough: the smallest set that serves every category nearly as well as the best, found exactly.

Each category is served by the best model of the set. A category is covered where that model is within the tolerance of
the best there is. Of sets of the fewest models the cheapest is taken, of those the first by name.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.errors import RoutingError
from data.vocabulary import ALL_CATEGORIES
from leaderboard.inference.vocabulary import Array
from leaderboard.routing.simulation.curation import (
    LeaveOneOutLoss,
    ModelSet,
    ModelSubset,
    ServedCategory,
    SubsetStability,
    SubsetStep,
)
from leaderboard.routing.simulation.set_cover import (
    UNSERVED,
    Bools,
    WholeNumbers,
    in_parts,
    least_regret,
    smallest_cover,
)

if TYPE_CHECKING:
    from leaderboard.routing.decisions.evidence import Evidence

ROUNDING = 1e-12
DRAWS = 200
ALTERNATIVES = 5
TOLERANCE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What is chosen from. Models are in the order of their names.

    `means`: of each category the prompt means, shape (prompts, models), larger is better, NaN for missing. `cost`: US
    dollars a call, None where it is not known (then it counts as dearer than any). `tolerance`: a share of the best.
    `prompts` names each category's rows; a prompt of several categories is drawn for all of them at once. Without
    names all are different.
    """

    models: tuple[str, ...]
    categories: tuple[str, ...]
    means: tuple[Array, ...]
    cost: tuple[float | None, ...]
    tolerance: float = TOLERANCE
    prompts: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        if list(self.models) != sorted(set(self.models)) or not self.models:
            raise ValueError(f"Expected models in the order of their names, got {self.models}.")
        if not 0 <= self.tolerance < 1:
            raise ValueError(f"Expected a tolerance from 0 to below 1, got {self.tolerance:g}.")

    def quality(self) -> Array:
        """Return each model's mean in each category, shape (categories, models), over the prompts that all have."""
        return np.stack([_level(means) for means in self.means])


def field_of(measured: "Evidence", *, tolerance: float = TOLERANCE) -> Field:
    """Return the field of the last day of a suite: its categories, and the models in good health that have a score.

    Raises RoutingError where there is none.
    """
    last = {window.category: window for window in measured.windows if window.last == measured.last}
    overall = last[ALL_CATEGORIES]
    healthy = [model for model in overall.models if overall.stats[model].healthy]
    models = sorted(model for model in healthy if overall.quality(model) is not None)
    if not models:
        raise RoutingError(
            f"Expected a model with scores by {measured.metric!r} on {measured.last}, got none. Run the suite."
        )
    windows = [window for category, window in last.items() if category != ALL_CATEGORIES]
    sign = 1.0 if overall.higher_is_better else -1.0
    return Field(
        models=tuple(models),
        categories=tuple(window.category for window in windows),
        tolerance=tolerance,
        means=tuple(sign * window.means[:, [window.models.index(m) for m in models]] for window in windows),
        prompts=tuple(window.prompts for window in windows),
        cost=tuple(overall.stats[model].call_usd for model in models),
    )


def curate(field: Field, *, max_models: int = 4, draws: int = DRAWS, seed: int = 0) -> ModelSubset:
    """Return the few models of a field that are enough, what each next one adds, and what leaving each out would lose.

    Raises ValueError for a category in which nobody has a score, or for no model allowed.
    """
    if max_models < 1:
        raise ValueError(f"Expected at least one model to be allowed, got {max_models}.")
    quality = field.quality()
    empty = [category for category, row in zip(field.categories, quality, strict=True) if np.isnan(row).all()]
    if empty:
        raise ValueError(f"Expected a score in each category, got none in {', '.join(empty)}.")
    smallest = _smallest(quality, field)
    complete = int(smallest.sum()) <= max_models
    chosen = model_set(field, smallest if complete else _least(quality, field, max_models))
    return ModelSubset(
        tolerance=field.tolerance,
        max_models=max_models,
        chosen=chosen,
        complete=complete,
        smallest=model_set(field, smallest),
        curve=curve(field, max(max_models, int(smallest.sum()))),
        without=tuple(_without(field, chosen, model) for model in chosen.models),
        stability=stability(field, chosen.models, max_models=max_models, draws=draws, seed=seed) if draws else None,
    )


def curve(field: Field, most: int) -> tuple[SubsetStep, ...]:
    """Return the best set of 1, 2, … models up to `most`, or to where another one adds nothing."""
    steps, quality = list[SubsetStep](), field.quality()
    for n in range(1, min(most, len(field.models)) + 1):
        best = model_set(field, _least(quality, field, n))
        before = steps[-1].best.mean_regret if steps else None
        gain = None if before is None or best.mean_regret is None else before - best.mean_regret
        steps.append(SubsetStep(n=n, best=best, gain=gain))
        if best.worst_regret == 0:
            break
    return tuple(steps)


def stability(
    field: Field, chosen: tuple[str, ...], *, max_models: int, draws: int = DRAWS, seed: int = 0
) -> SubsetStability:
    """Return how often a set is the chosen one, over prompts drawn again within each category (bootstrap)."""
    generator, counts = np.random.default_rng(seed), dict[tuple[str, ...], int]()
    levels = _drawn(field, generator, draws)
    drawn = [np.stack([level[i] for level in levels]) for i in range(draws)]
    kept = [quality for quality in drawn if not np.isnan(quality).all(axis=1).any()]
    for quality in kept:
        picked = _smallest(quality, field)
        picked = picked if picked.sum() <= max_models else _least(quality, field, max_models)
        names = _names(field, picked)
        counts[names] = counts.get(names, 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total = max(len(kept), 1)
    return SubsetStability(
        draws=len(kept),
        share=counts.get(chosen, 0) / total,
        others=tuple((names, n / total) for names, n in ordered if names != chosen)[:ALTERNATIVES],
        members=tuple((m, sum(n for names, n in ordered if m in names) / total) for m in field.models),
    )


def model_set(field: Field, chosen: Bools) -> ModelSet:
    """Return what a set serves; of models level in a category the cheaper serves it, then by name."""
    quality, served = field.quality(), list[ServedCategory]()
    for category, row in zip(field.categories, quality, strict=True):
        served.append(_served(field, category, row, chosen))
    regrets = [category.regret for category in served if category.regret is not None]
    complete = len(regrets) == len(served)
    costs = [cost for cost, is_chosen in zip(field.cost, chosen, strict=True) if is_chosen]
    return ModelSet(
        models=_names(field, chosen),
        served=tuple(served),
        covered=sum(category.covered for category in served),
        mean_regret=float(np.mean(regrets)) if complete else None,
        worst_regret=max(regrets) if complete else None,
        cost_usd=None if None in costs else float(sum(cost for cost in costs if cost is not None)),
    )


def _served(field: Field, category: str, row: Array, chosen: Bools) -> ServedCategory:
    best, tolerance = float(np.nanmax(row)), _tolerance(row, field.tolerance)
    able = [m for m in np.flatnonzero(chosen) if not np.isnan(row[m])]
    order = sorted(able, key=lambda m: (-round(float(row[m]), 12), field.cost[m] is None, field.cost[m] or 0.0, m))
    leader = min(np.flatnonzero(row >= best - ROUNDING), key=lambda m: (field.cost[m] is None, field.cost[m] or 0.0, m))
    if not order:
        return ServedCategory(
            category=category,
            model=None,
            best=field.models[leader],
            quality=None,
            regret=None,
            tolerance=tolerance,
            covered=False,
        )
    regret = best - float(row[order[0]])
    return ServedCategory(
        category=category,
        model=field.models[order[0]],
        best=field.models[leader],
        quality=float(row[order[0]]),
        regret=regret,
        tolerance=tolerance,
        covered=regret <= tolerance + ROUNDING,
    )


def _without(field: Field, chosen: ModelSet, model: str) -> LeaveOneOutLoss:
    others = np.array([each in chosen.models and each != model for each in field.models], dtype=bool)
    if not others.any():
        return LeaveOneOutLoss(model=model, mean_loss=None, worst_category=None, worst_loss=None, uncovered=())
    left = model_set(field, others)
    pairs = list(zip(chosen.served, left.served, strict=True))
    losses = {
        old.category: new.regret - old.regret for old, new in pairs if new.regret is not None and old.regret is not None
    }
    worst = max(losses, key=lambda category: losses[category], default=None)
    lost = tuple(old.category for old, new in pairs if old.covered and not new.covered)
    return LeaveOneOutLoss(
        model=model,
        mean_loss=float(np.mean(list(losses.values()))) if len(losses) == len(pairs) else None,
        worst_category=worst,
        worst_loss=None if worst is None else losses[worst],
        uncovered=lost,
    )


def _smallest(quality: Array, field: Field) -> Bools:
    reach = np.array([[_tolerance(row, field.tolerance) + ROUNDING] for row in quality])
    covers = np.nan_to_num(_regret(quality), nan=np.inf) <= reach
    cover = smallest_cover(covers, _cost(field))
    if cover is None:
        raise ValueError("Expected a best model in each category, got a category without one.")
    return cover


def _least(quality: Array, field: Field, most: int) -> Bools:
    return least_regret(in_parts(_regret(quality), missing=UNSERVED), _cost(field), most)


def _regret(quality: Array) -> Array:
    return np.asarray(np.nanmax(quality, axis=1, keepdims=True) - quality)


def _tolerance(row: Array, share: float) -> float:
    return share * abs(float(np.nanmax(row)))


def _cost(field: Field) -> WholeNumbers:
    cost = np.array([np.nan if usd is None else usd for usd in field.cost], dtype=np.float64)
    return in_parts(cost, missing=UNSERVED)


def _names(field: Field, chosen: Bools) -> tuple[str, ...]:
    return tuple(model for model, is_chosen in zip(field.models, chosen, strict=True) if is_chosen)


def _level(means: Array) -> Array:
    """Return the means over the prompts that every scored model has; without any such prompt each model's own."""
    scored = ~np.isnan(means).all(axis=0)
    common = ~np.isnan(means[:, scored]).any(axis=1)
    level = np.full(means.shape[1], np.nan)
    if scored.any():
        level[scored] = means[common][:, scored].mean(axis=0) if common.any() else np.nanmean(means[:, scored], axis=0)
    return level


def _drawn(field: Field, generator: np.random.Generator, draws: int) -> list[Array]:
    """Return the level of each model in each draw, for each category: shape (draws, models).

    A prompt is drawn in the first category that has it, and is as often in the others.
    """
    names = field.prompts or [[(place, row) for row in range(len(means))] for place, means in enumerate(field.means)]
    times: dict[Hashable, WholeNumbers] = {}
    levels = []
    for means, prompts in zip(field.means, names, strict=True):
        own = np.array([row for row, name in enumerate(prompts) if name not in times], dtype=np.int64)
        others = [(row, times[name]) for row, name in enumerate(prompts) if name in times]
        drawn = own[generator.integers(0, max(len(own), 1), size=(draws, len(own)))]
        times |= {prompts[row]: (drawn == row).sum(axis=1) for row in own}
        rows = [[*drawn[i], *(row for row, often in others for _ in range(often[i]))] for i in range(draws)]
        levels.append(np.stack([_level(means[each]) for each in rows]))
    return levels
