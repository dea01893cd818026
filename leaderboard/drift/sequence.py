"""One metric of a deployment against its own past: paired by prompt, looked at every night, valid at any time.

The nights before a possible change and those since differ by the mean of the paired prompt differences. Under no change
its standardised version, seen night after night, is a Gaussian random walk in m·w/(m + w), m nights before and w since,
so that a normal mixture over the size of the change is a martingale of mean 1 (Robbins 1970; Howard et al. 2021), and
so is its mixture over the night of the change, with weights that sum to less than 1. By Ville's inequality it ever
exceeds 1/α with probability at most α, however often one looks and however long.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from leaderboard.inference.intervals import Array

FEWEST_BEFORE = 3
"""Nights of past that a change needs to be told from."""
TYPICAL_CHANGE = 0.35
"""The standard deviation of the mixture over changes, in standard deviations of the paired prompt differences."""
LEAN = 10.0
POWER = 1.5
NIGHTS_MATTER = 0.01
TINY = 1e-12
SETTLED = 14
FURTHEST = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The likeliest change of a stream by its last night.

    `since` is the index of the first changed night. `shift` is the mean of the metric since then minus before, with the
    confidence sequence `low` to `high` for a change on that night. `p` is valid at any time: the smallest that the
    mixture has allowed so far; 1 before anything could be told.
    """

    since: int
    shift: float
    low: float
    high: float
    p: float


def change(nights: Array, *, alpha: float = 0.05, shared: bool = False) -> Change | None:
    """Return the likeliest change in `nights`, shape (nights, prompts), NaN where a prompt has no value.

    `shared` says that whole nights vary, as latency does with a busy machine: then only nights are independent, not the
    prompts of one. None where there are fewer than four nights, or none with a value.
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


def evidence(nights: Array, *, shared: bool = False) -> Array:
    """Return the logarithm of the mixture martingale after each night, shape (nights,); 0 until it can tell."""
    walk = _walk(nights, shared=shared)
    found = np.zeros(len(nights))
    if walk is not None:
        for last in range(FEWEST_BEFORE, walk.count):
            found[last] = walk.look(last).log_evidence
    return found


@dataclass(frozen=True, slots=True)
class _Look:
    since: int
    shift: float
    error: float
    walked: float
    log_evidence: float


@dataclass(frozen=True, slots=True)
class _Walk:
    """What every look shares: the nights' cumulated means, and the spread of a night's mean before each split."""

    count: int
    total: Array
    spread: Array
    freedom: Array
    weight: Array
    ratio: float

    def look(self, last: int) -> _Look:
        """Weigh every possible night of a change by what was seen up to night `last`."""
        before = np.arange(FEWEST_BEFORE, last + 1)
        after = last + 1 - before
        past = self.total[before - 1]
        shift = (self.total[last] - past) / after - past / before
        walked = before * after / (before + after)
        spread, weight = self.spread[before], self.weight[before]
        score = _normal_score(shift * np.sqrt(walked) / spread, self.freedom[before])
        wide = walked + self.ratio
        single = score**2 * walked / (2 * wide) - np.log(wide / self.ratio) / 2
        rest = math.log(1 - float(weight.sum()))
        best = int(np.argmax(single + np.log(weight)))
        return _Look(
            int(before[best]),
            float(shift[best]),
            float(spread[best] / math.sqrt(walked[best])),
            float(walked[best]),
            float(np.logaddexp(special.logsumexp(single + np.log(weight)), rest)),
        )


def _walk(nights: Array, *, shared: bool) -> _Walk | None:
    known = _filled(nights)
    if known is None:
        return None
    level = known.mean(axis=1)
    spread, freedom = _spread(known, level, shared=shared)
    return _Walk(
        len(known),
        np.cumsum(level),
        spread,
        freedom,
        _weight(np.arange(len(known) + 1)),
        1 / (TYPICAL_CHANGE**2 * known.shape[1]),
    )


def _spread(known: Array, level: Array, *, shared: bool) -> tuple[Array, Array]:
    """Return the standard deviation of a night's mean, and its degrees of freedom, from the nights before each split.

    It comes from prompts that vary by themselves. Where whole nights vary more than that explains (an F test at 1 %),
    or are known to, the nights' own variance counts. Shape (nights + 1,); index m holds what the first m nights say.
    """
    prompts, before = known.shape[1], np.arange(1, len(known) + 1)
    squares, levels = np.cumsum((known**2).sum(axis=1)), np.cumsum(level)
    nightly = np.cumsum(level**2) - levels**2 / before
    columns = (np.cumsum(known, axis=0) ** 2).sum(axis=1) / before
    within = squares - columns - prompts * nightly
    own_freedom, night_freedom = np.maximum((prompts - 1) * (before - 1), 1), np.maximum(before - 1, 1)
    own, whole = np.maximum(within / own_freedom / prompts, 0.0), np.maximum(nightly / night_freedom, 0.0)
    rare = special.fdtrc(night_freedom, own_freedom, whole / np.maximum(own, TINY)) < NIGHTS_MATTER
    by_night = rare | (shared or prompts == 1)
    floor = TINY * max(1.0, float(np.abs(level).max()))
    deviation = np.maximum(np.sqrt(np.where(by_night, whole, own)), floor)
    freedom = np.where(by_night, night_freedom, own_freedom)
    return np.concatenate([[floor], deviation]), np.concatenate([[1.0], freedom])


def _normal_score(t: Array, freedom: Array) -> Array:
    """Return the normal quantile that is as rare as Student's t with these degrees of freedom."""
    rare = np.maximum(special.stdtr(freedom, -np.abs(t)), 1e-300)
    return np.asarray(-special.ndtri(rare), dtype=np.float64)


def _weight(night: "int | np.typing.NDArray[np.int_]") -> Array:
    """Return the prior chance that a change begins on a night: it falls slowly, and sums to less than 1 for ever."""
    total = float(special.zeta(POWER, FEWEST_BEFORE + LEAN))
    return np.asarray((np.asarray(night, dtype=np.float64) + LEAN) ** -POWER / (1.3 * total), dtype=np.float64)


def _filled(nights: Array) -> Array | None:
    """Return the nights centred by prompt, with 0 for what is missing; None where nothing was measured.

    Prompts that have no value in the first three nights have no past, and are left out.
    """
    held = np.asarray(nights, dtype=np.float64)
    if held.ndim != 2:
        raise ValueError(f"Expected values of shape (nights, prompts), got {held.shape}.")
    seen = np.isfinite(held)
    kept = seen[:FEWEST_BEFORE].any(axis=0)
    if not kept.any():
        return None
    held = _clipped(held[:, kept])
    seen = seen[:, kept]
    centred = np.where(seen, held, 0.0)
    return np.where(seen, centred - centred.sum(axis=0) / seen.sum(axis=0), 0.0)


def _clipped(held: Array) -> Array:
    """Return the values without their furthest tails, by the first nights: one freak picture is not a change.

    The cut is at 4 robust standard deviations from the prompt's median; what never varied is not cut.
    """
    first = held[:SETTLED]
    middle = np.nanmedian(first, axis=0)
    scale = 1.4826 * float(np.nanmedian(np.abs(first - middle)))
    reach = FURTHEST * scale if scale > 0 else math.inf
    return np.asarray(np.clip(held, middle - reach, middle + reach), dtype=np.float64)
