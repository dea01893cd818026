"""Exact laws from counts: solved in rational arithmetic from the fewest counts, and checked on others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from data.architectures.shape import Shape
from data.flops.cost_polynomial import CostPolynomial
from data.flops.flops import KINDS, Flops
from data.flops.variables import Monomial, Values

FractionRow = list[Fraction]


class FitError(RuntimeError):
    """Counts that no polynomial of the offered monomials explains without a residual: nothing is published."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A shape that the fit did not see, and what was counted and predicted there: equal, or there is no law."""

    shape: Shape
    counted: Flops
    predicted: Flops

    @property
    def residual(self) -> int:
        """Counted minus predicted FLOPs, of all kinds."""
        return self.counted.total - self.predicted.total


def choose(shapes: Iterable[Shape], read: Callable[[Shape], Values], monomials: Sequence[Monomial]) -> list[Shape]:
    """Return the fewest of `shapes`, the first that serve, whose counts determine a law in those monomials.

    Fewer than there are monomials where some say the same at every shape; `fit` then leaves those out.
    """
    chosen: list[Shape] = []
    space = _Space()
    for shape in shapes:
        if len(chosen) == len(monomials):
            break
        if space.widen(_row(read(shape), monomials)):
            chosen.append(shape)
    return chosen


def fit(values: Sequence[Values], counts: Sequence[Flops], monomials: Sequence[Monomial]) -> CostPolynomial:
    """Return the law through those counts, exactly. Raises FitError where they contradict one another."""
    rows = [
        [*_row(value, monomials), *(Fraction(count.of(kind)) for kind in KINDS)]
        for value, count in zip(values, counts, strict=True)
    ]
    pivots = _reduce(rows, len(monomials))
    if any(any(row[len(monomials) :]) for row in rows[len(pivots) :]):
        raise FitError("Expected counts that one law explains, got some that contradict one another.")
    coefficients = {monomials[column]: rows[index][len(monomials) :] for index, column in enumerate(pivots)}
    return CostPolynomial({monomial: (row[0], row[1], row[2]) for monomial, row in coefficients.items() if any(row)})


def prove(law: CostPolynomial, read: Callable[[Shape], Values], held_out: Sequence[tuple[Shape, Flops]]) -> list[Proof]:
    """Return the proofs of a law on shapes that it was not fitted to, at least two.

    Raises FitError where a residual is not 0, or there are fewer.
    """
    if len(held_out) < 2:
        raise FitError(f"Expected two shapes to prove a law on, got {len(held_out)}.")
    proofs = [Proof(shape, counted, law.flops(read(shape)) * law.media(shape.batch)) for shape, counted in held_out]
    for proof in proofs:
        if proof.counted != proof.predicted:
            raise FitError(
                f"Expected {proof.predicted} at {proof.shape}, got {proof.counted}: "
                f"the residual is {proof.residual} and no law is published."
            )
    return proofs


def _row(values: Values, monomials: Sequence[Monomial]) -> FractionRow:
    return [Fraction(_product(values, monomial)) for monomial in monomials]


def _product(values: Values, monomial: Monomial) -> int:
    product = 1
    for name in monomial:
        product *= values[name]
    return product


class _Space:
    """The rows seen so far, each with a leading one of its own."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, FractionRow]] = []

    def widen(self, row: FractionRow) -> bool:
        """Take the row in where it is not a combination of those before; say whether it was not."""
        for lead, former in self._rows:
            row = _minus(row, former, row[lead])
        first = next((column for column, value in enumerate(row) if value), None)
        if first is None:
            return False
        self._rows.append((first, [value / row[first] for value in row]))
        return True


def _reduce(rows: list[FractionRow], columns: int) -> list[int]:
    """Bring the rows to reduced echelon form in place; return the columns that lead."""
    pivots: list[int] = []
    for column in range(columns):
        first = len(pivots)
        pivot = next((index for index in range(first, len(rows)) if rows[index][column]), None)
        if pivot is None:
            continue
        rows[first], rows[pivot] = rows[pivot], rows[first]
        rows[first] = [value / rows[first][column] for value in rows[first]]
        for index, row in enumerate(rows):
            if index != first:
                rows[index] = _minus(row, rows[first], row[column])
        pivots.append(column)
    return pivots


def _minus(row: FractionRow, other: FractionRow, times: Fraction) -> FractionRow:
    return [value - times * subtracted for value, subtracted in zip(row, other, strict=True)] if times else row
