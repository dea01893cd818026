"""Laws of memory from peaks: the fewest sums whose largest is every peak, found by linear programming.

A moment of the call that is not the fullest lies below the peak. So each sum of a law lies below all peaks and touches
some: from the highest peak that is not explained yet, a sum is made to touch as many others as it can.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np

from data.flops.memory_polynomial import ByteCoefficients, MemoryPolynomial, Split, product, regime
from data.flops.variables import Values
from harness.profiling.fitting import FitError
from harness.profiling.live_memory import BLOCK

if TYPE_CHECKING:
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float64]

SLACK: Final = 2e-5
ROUNDING: Final = 4 * BLOCK
"""Relative and absolute room for the allocator's rounding to blocks, which no law knows."""
GOOD: Final = 2e-4
MOST_ERROR: Final = 0.01
MOST_PIECES: Final = 4
MAY_SHRINK: Final = frozenset({"a", "b*a", "p", "b*p"})
"""Products that a sum may subtract where frames are among the others: a clip joined so far is a frame short."""
SOUND: Final = frozenset({"1", "s", "b", "b*s"})
"""The products of a decoder of sound, whose causal convolutions cut a constant off: it may be subtracted."""


@dataclass(frozen=True, slots=True)
class Peak:
    """One traced call: the variables of its shape, and the bytes that it held at its peak beside the weights."""

    values: Values
    activations: int


def fit_memory(peaks: Sequence[Peak], held_out: Sequence[Peak], monomials: Sequence[str]) -> MemoryPolynomial:
    """Return the law through `peaks` with the fewest regimes that explain them, proved on at least two held out.

    Raises FitError where any peak, held out or not, differs from the law by more than 1 %.
    """
    if len(held_out) < 2:
        raise FitError(f"Expected two shapes to prove a law of memory on, got {len(held_out)}.")
    laws = []
    for split in get_args(Split):
        law = _with_error(_regimes(peaks, monomials, split), [*peaks, *held_out], split)
        if law.error <= GOOD:
            return law
        laws.append(law)
    best = min(laws, key=lambda law: law.error)
    if best.error > MOST_ERROR:
        raise FitError(f"Expected peaks that one law explains within 1 %, the best is {100 * best.error:.2g} % off.")
    return best


def _regimes(peaks: Sequence[Peak], monomials: Sequence[str], split: Split) -> dict[str, tuple[ByteCoefficients, ...]]:
    grouped: dict[str, list[Peak]] = {}
    for peak in peaks:
        grouped.setdefault(regime(split, peak.values), []).append(peak)
    return {name: _pieces(group, monomials) for name, group in sorted(grouped.items())}


def _pieces(peaks: Sequence[Peak], monomials: Sequence[str]) -> tuple[ByteCoefficients, ...]:
    sizes = np.array([[product(name, peak.values) for name in monomials] for peak in peaks], dtype=np.float64)
    bytes_held = np.array([peak.activations for peak in peaks], dtype=np.float64)
    slack, floors = SLACK + ROUNDING / bytes_held, [_floor(name, monomials) for name in monomials]
    open_, pieces = list(np.argsort(-bytes_held)), list["Matrix"]()
    while open_ and len(pieces) < MOST_PIECES:
        coefficients = _touching(sizes / bytes_held[:, None], open_, slack, floors)
        if coefficients is None:  # no sum of these products touches it; the law's error will tell
            open_ = open_[1:]
            continue
        pieces.append(coefficients)
        reached = sizes @ coefficients
        open_ = [index for index in open_ if reached[index] < bytes_held[index] * (1 - 1.1 * slack[index])]
    return tuple(_terms(monomials, coefficients) for coefficients in pieces)


def _touching(
    shares: "Matrix", order: Sequence[Any], slack: "Matrix", floors: Sequence[float | None]
) -> "Matrix | None":
    """Return the coefficients of a sum below 1 everywhere that touches 1 at the first of `order` and at most others."""
    scale = np.abs(shares).max(axis=0)
    scale[scale == 0] = 1.0
    solve = _below(shares / scale, slack, floors)
    touched, best = [order[0]], solve([order[0]])
    for index in order[1:] if best is not None else ():
        wider = solve([*touched, index])
        if wider is not None:
            touched, best = [*touched, index], wider
    return None if best is None else best / scale


def _below(
    shares: "Matrix", slack: "Matrix", floors: Sequence[float | None]
) -> Callable[[Sequence[Any]], "Matrix | None"]:
    from scipy.optimize import linprog

    def solve(touched: Sequence[Any]) -> "Matrix | None":
        solution = linprog(
            np.zeros(shares.shape[1]),
            A_ub=np.vstack([shares, -shares[list(touched)]]),
            b_ub=np.concatenate([1 + slack, slack[list(touched)] - 1]),
            bounds=[(floor, None) for floor in floors],
            method="highs",
        )
        return np.asarray(solution.x) if solution.status == 0 else None

    return solve


def _floor(name: str, monomials: Sequence[str]) -> float | None:
    of_clip = name in MAY_SHRINK and "a*f" in monomials
    of_sound = name in {"1", "b"} and set(monomials) == SOUND
    return None if of_clip or of_sound else 0.0


def _terms(monomials: Sequence[str], coefficients: "Matrix") -> ByteCoefficients:
    return {
        name: round(float(value), 3) for name, value in zip(monomials, coefficients, strict=True) if abs(value) > 5e-4
    }


def _with_error(
    regimes: dict[str, tuple[ByteCoefficients, ...]], peaks: Sequence[Peak], split: Split
) -> MemoryPolynomial:
    law = MemoryPolynomial(split, regimes, 0.0)
    error = max(_relative(law, peak) for peak in peaks)
    return MemoryPolynomial(split, regimes, error)


def _relative(law: MemoryPolynomial, peak: Peak) -> float:
    pieces = law.regimes.get(regime(law.split, peak.values))
    if not pieces:
        return float("inf")
    return max(0, abs(law.activations(peak.values) - peak.activations) - ROUNDING) / peak.activations
