"""A sequential test of one metric of a deployment against its own past: paired by prompt, valid at any time.

The nights before a possible change and those since differ by the mean of the paired prompt differences. Without a
change its standardised version is a Gaussian random walk in m·w/(m + w), m nights before and w since. A normal mixture
over the size of the change is then a martingale of mean 1 (Robbins 1970; Howard et al. 2021), and so is its mixture
over the night of the change, with weights that sum to less than 1. By Ville's inequality the probability that it ever
exceeds 1/α is at most α, however often and however long one looks.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from leaderboard.inference.vocabulary import Array

FEWEST_BEFORE = 3
"""Nights that are needed before a change."""
TYPICAL_CHANGE = 0.35
"""The standard deviation of the mixture over changes, in standard deviations of the paired prompt differences."""
WEIGHT_OFFSET = 10.0
WEIGHT_POWER = 1.5
"""The prior weight of a change on night n is proportional to (n + offset) ** −power."""
NIGHTS_VARY_P = 0.01
TINY = 1e-12
CLIP_NIGHTS = 14
CLIP_DEVIATIONS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The likeliest change of a stream, seen from its last night.

    `since` is the index of the first changed night. `shift` is the mean of the metric since then minus before, with the
    confidence sequence `low` to `high` for a change on that night. `p` is valid at any time: the smallest so far, 1
    before there are enough nights.
    """

    since: int
    shift: float
    low: float
    high: float
    p: float


def likeliest_change(nights: Array, *, alpha: float = 0.05, shared: bool = False) -> Change | None:
    """Return the likeliest change in `nights`, shape (nights, prompts), NaN where a prompt has no value.

    `shared` says that whole nights vary, as latency does with a busy machine: then only nights are independent, not the
    prompts of one night. None where there are fewer than four nights, or none with a value. Raises ValueError for
    another shape.

    >>> nights = np.random.default_rng(0).normal(size=(20, 8))
    >>> nights[12:] += 2.0
    >>> change = likeliest_change(nights)
    >>> change.since, round(change.shift, 2), change.p < 0.05
    (12, 1.75, True)
    """
    walk = _walk(nights, shared=shared)
    if walk is None or walk.count <= FEWEST_BEFORE:
        return None
    looks = [walk.look(last) for last in range(FEWEST_BEFORE, walk.count)]
    best, strongest = looks[-1], max(look.log_evidence for look in looks)
    odds = math.log(1 / (alpha * float(_weight(best.since))))
    reach = best.error * math.sqrt(
        (best.walked + walk.ratio) / best.walked * (2 * odds + math.log((best.walked + walk.ratio) / walk.ratio))
    )
    return Change(
        since=best.since,
        shift=best.shift,
        low=best.shift - reach,
        high=best.shift + reach,
        p=min(1.0, math.exp(-strongest)),
    )


def log_evidence(nights: Array, *, shared: bool = False) -> Array:
    """Return the logarithm of the mixture martingale after each night, shape (nights,); 0 in the first nights.

    An alarm at level α is raised once it reaches log(1 / α).

    >>> nights = np.random.default_rng(0).normal(size=(20, 8))
    >>> nights[12:] += 2.0
    >>> np.flatnonzero(log_evidence(nights) >= math.log(1 / 0.1)).tolist()
    [13, 14, 15, 16, 17, 18, 19]
    """
    walk = _walk(nights, shared=shared)
    evidence = np.zeros(len(nights))
    if walk is not None:
        for last in range(FEWEST_BEFORE, walk.count):
            evidence[last] = walk.look(last).log_evidence
    return evidence


@dataclass(frozen=True, slots=True)
class _Look:
    since: int
    shift: float
    error: float
    walked: float
    log_evidence: float


@dataclass(frozen=True, slots=True)
class _Walk:
    """The cumulated means of the nights, and the spread of a night's mean before each possible change."""

    count: int
    total: Array
    spread: Array
    freedom: Array
    weight: Array
    ratio: float

    def look(self, last: int) -> _Look:
        """Return the evidence for a change on any night, by the nights up to `last`."""
        before = np.arange(FEWEST_BEFORE, last + 1)
        after = last + 1 - before
        past = self.total[before - 1]
        shift = (self.total[last] - past) / after - past / before
        walked = before * after / (before + after)
        spread, weight = self.spread[before], self.weight[before]
        score = _normal_score(shift * np.sqrt(walked) / spread, self.freedom[before])
        wide = walked + self.ratio
        single = score**2 * walked / (2 * wide) - np.log(wide / self.ratio) / 2
        unused = math.log(1 - float(weight.sum()))
        best = int(np.argmax(single + np.log(weight)))
        return _Look(
            int(before[best]),
            float(shift[best]),
            float(spread[best] / math.sqrt(walked[best])),
            float(walked[best]),
            float(np.logaddexp(special.logsumexp(single + np.log(weight)), unused)),
        )


def _walk(nights: Array, *, shared: bool) -> _Walk | None:
    values = _filled(nights)
    if values is None:
        return None
    level = values.mean(axis=1)
    spread, freedom = _spread(values, level, shared=shared)
    return _Walk(
        len(values),
        np.cumsum(level),
        spread,
        freedom,
        _weight(np.arange(len(values) + 1)),
        1 / (TYPICAL_CHANGE**2 * values.shape[1]),
    )


def _spread(values: Array, level: Array, *, shared: bool) -> tuple[Array, Array]:
    """Return the standard deviation of a night's mean, and its degrees of freedom, from the nights before each split.

    It is estimated from prompts that vary independently. Where whole nights vary more than that explains (an F test at
    1 %), or `shared` says so, it is the variance between nights. Shape (nights + 1,); index m is for the first m.
    """
    prompts, before = values.shape[1], np.arange(1, len(values) + 1)
    squares, levels = np.cumsum((values**2).sum(axis=1)), np.cumsum(level)
    nightly = np.cumsum(level**2) - levels**2 / before
    columns = (np.cumsum(values, axis=0) ** 2).sum(axis=1) / before
    within = squares - columns - prompts * nightly
    prompt_freedom, night_freedom = np.maximum((prompts - 1) * (before - 1), 1), np.maximum(before - 1, 1)
    by_prompts, by_nights = np.maximum(within / prompt_freedom / prompts, 0.0), np.maximum(nightly / night_freedom, 0.0)
    rare = special.fdtrc(night_freedom, prompt_freedom, by_nights / np.maximum(by_prompts, TINY)) < NIGHTS_VARY_P
    use_nights = rare | (shared or prompts == 1)
    floor = TINY * max(1.0, float(np.abs(level).max()))
    deviation = np.maximum(np.sqrt(np.where(use_nights, by_nights, by_prompts)), floor)
    freedom = np.where(use_nights, night_freedom, prompt_freedom)
    return np.concatenate([[floor], deviation]), np.concatenate([[1.0], freedom])


def _normal_score(t: Array, freedom: Array) -> Array:
    """Return the normal quantile that is as rare as Student's t with these degrees of freedom."""
    rare = np.maximum(special.stdtr(freedom, -np.abs(t)), 1e-300)
    return np.asarray(-special.ndtri(rare), dtype=np.float64)


def _weight(night: "int | np.typing.NDArray[np.int_]") -> Array:
    """Return the prior weight of a change on a night: it falls slowly, and all weights sum to less than 1."""
    total = float(special.zeta(WEIGHT_POWER, FEWEST_BEFORE + WEIGHT_OFFSET))
    return np.asarray(
        (np.asarray(night, dtype=np.float64) + WEIGHT_OFFSET) ** -WEIGHT_POWER / (1.3 * total), dtype=np.float64
    )


def _filled(nights: Array) -> Array | None:
    """Return the nights centred by prompt, with 0 for what is missing; None where nothing was measured.

    Prompts that have no value in the first three nights have no past, and are left out.
    """
    values = np.asarray(nights, dtype=np.float64)
    if values.ndim != 2:
        raise ValueError(f"Expected values of shape (nights, prompts), got {values.shape}.")
    measured = np.isfinite(values)
    kept = measured[:FEWEST_BEFORE].any(axis=0)
    if not kept.any():
        return None
    values = _clipped(values[:, kept])
    measured = measured[:, kept]
    centred = np.where(measured, values, 0.0)
    return np.where(measured, centred - centred.sum(axis=0) / measured.sum(axis=0), 0.0)


def _clipped(values: Array) -> Array:
    """Return the values clipped at 4 robust standard deviations from their prompt's median: outliers are no change.

    Median and deviation are those of the first nights; values that never varied are not clipped.
    """
    first = values[:CLIP_NIGHTS]
    median = np.nanmedian(first, axis=0)
    scale = 1.4826 * float(np.nanmedian(np.abs(first - median)))
    reach = CLIP_DEVIATIONS * scale if scale > 0 else math.inf
    return np.asarray(np.clip(values, median - reach, median + reach), dtype=np.float64)
