"""Two models on the same prompts: differences with intervals, the sign-flip test, and Holm across the pairs."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import special

from leaderboard.inference.intervals import Interval, method, no_interval, standard_error, without_interval
from leaderboard.inference.pair_ends import PairMoments, difference_ends, difference_p, pair_moments
from leaderboard.inference.vocabulary import UNBOUNDED, Array, Bounds

if TYPE_CHECKING:
    import pandas as pd

EXACT_UP_TO = 12
FLIPS = 9999
COLUMNS = [
    "model_a",
    "model_b",
    "difference",
    "low",
    "high",
    "n_prompts",
    "p",
    "p_sign_flip",
    "p_holm",
    "better",
    "confidence",
    "reason",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Model `a` minus model `b` over the prompts that both have; positive means that a's numbers are larger."""

    a: str
    b: str
    difference: Interval
    p: float
    p_sign_flip: float
    p_holm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """How far one model leads another on their common prompts: in the metric's unit, and in standard errors (`z`)."""

    difference: float
    standard_error: float
    z: float
    n: int


def differences(
    means: Array, models: Sequence[str], *, confidence: float = 0.95, bounds: Bounds = UNBOUNDED, seed: int = 0
) -> tuple[Difference, ...]:
    """Return all pairs of models from prompt means of shape (prompts, models), NaN where a model lacks the prompt.

    `p` is the level at which the interval ends at zero (all differences equal: the sign test), `p_sign_flip` its check
    by permutation, `p_holm` is `p` after Holm's step-down across these pairs (Holm 1979). `bounds` are the metric's.
    Pairs without a common prompt are left out.

    >>> (pair,) = differences(np.array([[0.9, 0.5], [0.8, 0.6], [0.9, 0.7]]), ["a", "b"])
    >>> round(pair.difference.estimate, 3), round(pair.p, 3), pair.p_sign_flip
    (0.267, 0.057, 0.25)
    """
    pairs = [(i, j) for i, j in itertools.combinations(range(len(models)), 2) if _common(means, i, j).any()]
    if not pairs:
        return ()
    first, second = means[:, [i for i, _ in pairs]], means[:, [j for _, j in pairs]]
    gaps, both = first - second, pair_moments(first, second)
    p = _p_values(both, bounds)
    flips, adjusted = sign_flip(gaps, seed=seed), holm(p)
    return tuple(
        Difference(a=models[i], b=models[j], difference=interval, p=raw, p_sign_flip=float(flip), p_holm=float(strict))
        for (i, j), interval, raw, flip, strict in zip(
            pairs, _intervals(both, confidence, bounds), p.tolist(), flips, adjusted, strict=True
        )
    )


def paired(
    frame: "pd.DataFrame",
    *,
    higher_is_better: bool = True,
    confidence: float = 0.95,
    bounds: Bounds = UNBOUNDED,
    seed: int = 0,
) -> "pd.DataFrame":
    """Return every pair of models of one metric as a table, the clearest first.

    `frame` has the columns model, prompt, mean. Columns of the result: model_a, model_b, difference (a − b), low, high,
    n_prompts (common ones), p, p_sign_flip, p_holm, better (the model that is significantly better after Holm, or
    missing), confidence, reason (why there is no interval). `bounds` are the metric's.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"model": ["a", "b"] * 3, "prompt": ["x", "x", "y", "y", "z", "z"]})
    >>> table = paired(frame.assign(mean=[0.9, 0.5, 0.8, 0.4, 0.9, 0.45]))
    >>> table[["model_a", "model_b", "n_prompts", "better"]].to_dict("records")
    [{'model_a': 'a', 'model_b': 'b', 'n_prompts': 3, 'better': 'a'}]
    """
    import pandas as pd

    wide = frame.pivot_table(index="prompt", columns="model", values="mean", aggfunc="mean", sort=True)
    means, models = wide.to_numpy(dtype=np.float64), list(wide.columns)
    pairs = differences(means, models, confidence=confidence, bounds=bounds, seed=seed)
    rows = [_row(pair, higher_is_better=higher_is_better) for pair in pairs]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(["p_holm", "p", "model_a", "model_b"], ignore_index=True)


def lead(a: npt.ArrayLike, b: npt.ArrayLike) -> Lead | None:
    """Return by how much `a` leads `b`, both of shape (prompts,) with NaN for missing, or None without common prompts.

    Where every common prompt shows the same difference there is no standard error; `z` is then the normal quantile of
    the one-sided sign test (2^−n), so that a lead on two prompts is not called certain. One prompt has z = 0.

    >>> ahead = lead([0.9, 0.8, np.nan], [0.5, 0.6, 0.7])
    >>> round(ahead.difference, 2), round(ahead.z, 2), ahead.n
    (0.3, 3.0, 2)
    """
    gaps = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    gaps = gaps[~np.isnan(gaps)]
    n = len(gaps)
    if n == 0:
        return None
    mean = float(gaps.mean())
    if n == 1 or spreadless(gaps):
        z = float(np.sign(mean)) * certainty_of_agreement(n) if abs(mean) > 1e-12 else 0.0
        return Lead(difference=mean, standard_error=0.0, z=z, n=n)
    error = standard_error(gaps)
    return Lead(difference=mean, standard_error=error, z=mean / error, n=n)


def certainty_of_agreement(n: int) -> float:
    """Return the z of `n` prompts that all agree: the normal quantile of 1 − 2^−n, 0 for one prompt.

    >>> round(certainty_of_agreement(5), 2)
    1.86
    """
    return float(-special.ndtri(max(0.5**n, 1e-300)))


def spreadless(values: Array) -> bool:
    """Return whether values differ by no more than rounding.

    >>> spreadless(np.array([0.3, 0.1 + 0.2])), spreadless(np.array([0.3, 0.31]))
    (True, False)
    """
    return bool(np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())))


def sign_flip(gaps: Array, *, flips: int = FLIPS, seed: int = 0) -> Array:
    """Return the two-sided sign-flip p value of each column of `gaps`, shape (prompts, pairs), NaN for missing.

    Under no difference each prompt's sign is a coin flip (Fisher 1935). Up to 12 prompts all sign patterns are counted;
    above, `flips` random ones, as (1 + hits) / (1 + flips) so that p is never 0.

    >>> sign_flip(np.array([[0.1], [0.2], [0.3]])).tolist()
    [0.25]
    """
    filled = np.nan_to_num(gaps)
    observed = np.abs(filled.sum(axis=0))
    if len(filled) <= EXACT_UP_TO:
        signs = _all_signs(len(filled))
    else:
        signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(flips, len(filled)))
    hits = (np.abs(signs @ filled) >= observed - 1e-9 * np.maximum(observed, 1)).sum(axis=0)
    exact = len(filled) <= EXACT_UP_TO
    return np.asarray(hits / len(signs) if exact else (hits + 1) / (len(signs) + 1), dtype=np.float64)


@functools.cache
def _all_signs(n: int) -> Array:
    """Return all 2^n patterns of signs, shape (2^n, n)."""
    return np.array(list(itertools.product((-1.0, 1.0), repeat=n)))


def holm(p_values: Sequence[float] | Array) -> Array:
    """Return Holm's step-down adjustment of `p_values`, in their order; it controls the family-wise error.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    stepped = np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _common(means: Array, i: int, j: int) -> npt.NDArray[np.bool_]:
    return ~np.isnan(means[:, i]) & ~np.isnan(means[:, j])


def _p_values(pairs: PairMoments, bounds: Bounds) -> Array:
    """Return each pair's p; where all differences are equal the sign test's, and 1 for one prompt."""
    mean, variance, n, _ = pairs.gaps
    agreed = np.where((np.abs(mean) <= 1e-12) | (n == 1), 1.0, np.minimum(2 * 0.5**n, 1.0))
    return np.where(variance > 0, difference_p(pairs, bounds), agreed)


def _intervals(pairs: PairMoments, confidence: float, bounds: Bounds) -> list[Interval]:
    low, high = (end.tolist() for end in difference_ends(pairs, (1 - confidence) / 2, bounds))
    return [
        without_interval(mean, n=int(n), confidence=confidence, reason=reason)
        if (reason := no_interval(int(n), variance, bounds))
        else Interval(estimate=mean, low=low[i], high=high[i], n=int(n), method=method(bounds), confidence=confidence)
        for i, (mean, variance, n) in enumerate(zip(*(field.tolist() for field in pairs.gaps[:3]), strict=True))
    ]


def _row(pair: Difference, *, higher_is_better: bool) -> dict[str, object]:
    gap = pair.difference
    better = pair.a if (gap.estimate > 0) == higher_is_better else pair.b
    return {
        "model_a": pair.a,
        "model_b": pair.b,
        "difference": gap.estimate,
        "low": gap.low,
        "high": gap.high,
        "n_prompts": gap.n,
        "p": pair.p,
        "p_sign_flip": pair.p_sign_flip,
        "p_holm": pair.p_holm,
        "better": better if pair.p_holm < 1 - gap.confidence else None,
        "confidence": gap.confidence,
        "reason": gap.reason,
    }
