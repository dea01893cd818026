"""Sets of models chosen exactly: mixed-integer programs, solved by HiGHS through scipy; ties go to the next objective.

Every objective is made of whole numbers (hundred-thousandths of the largest cost or regret): "no worse than the best"
can be asked of the next objective without rounding, and stays above what the solver tolerates (10^−6 of a variable).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from leaderboard.inference.vocabulary import Array

WholeNumbers = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PARTS = 100_000
UNSERVED = 2 * PARTS
"""The regret of a category that a set has no score in: above the largest that was measured."""


@dataclass(frozen=True, slots=True)
class SetCoverProblem:
    """Rows of a program over `size` variables, all of them binary or (from `binary` on) in 0 to 1: low ≤ A·v ≤ high."""

    size: int
    binary: int
    rows: list[Array] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, row: npt.ArrayLike, low: float, high: float) -> None:
        """Ask for one more row."""
        self.rows.append(np.asarray(row, dtype=np.float64))
        self.low.append(low)
        self.high.append(high)

    def with_row(self, row: npt.ArrayLike, low: float, high: float) -> "SetCoverProblem":
        """Return the problem with one more row."""
        other = SetCoverProblem(self.size, self.binary, [*self.rows], [*self.low], [*self.high])
        other.add(row, low, high)
        return other

    def solve(self, objective: npt.ArrayLike) -> "Bools | None":
        """Return which binary variables are 1 where the objective is least, None where no values fit all rows."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        integrality = (np.arange(self.size) < self.binary).astype(int)
        rows = LinearConstraint(csr_array(np.stack(self.rows)), self.low, self.high)
        solution = milp(
            np.asarray(objective, dtype=np.float64),
            integrality=integrality,
            bounds=Bounds(0, 1),
            constraints=rows,
            options={"mip_rel_gap": 0.0},
        )
        return None if solution.x is None else np.asarray(solution.x[: self.binary] > 0.5)


def smallest_cover(covers: Bools, cost: WholeNumbers) -> Bools | None:
    """Return the fewest models that cover every category, the cheapest of such sets, of those the first by name.

    `covers` has the shape (categories, models), models in the order of their names; `cost` is a whole number each. None
    where a category has nobody.
    """
    if not covers.any(axis=1).all():
        return None
    kept = worthwhile(~covers, cost)
    problem = SetCoverProblem(len(kept), len(kept))
    for row in covers[:, kept]:
        problem.add(row, 1, np.inf)
    return _spread(_first(problem, [np.ones(len(kept)), cost[kept]]), kept, len(cost))


def least_regret(regret: WholeNumbers, cost: WholeNumbers, most: int) -> Bools:
    """Return at most `most` models that together have the least sum of regrets; then the fewest, cheapest, by name.

    `regret` has the shape (categories, models): what a category loses where that model is the best of the set for it.
    """
    kept, all_models = worthwhile(regret, cost), len(cost)
    regret, cost = regret[:, kept], cost[kept]
    categories, models = regret.shape
    size = models + categories * models
    problem = SetCoverProblem(size, models)
    problem.add(_over_models(np.ones(models), size), 1, most)
    for c in range(categories):
        served = np.zeros(size)
        served[models + c * models : models + (c + 1) * models] = 1
        problem.add(served, 1, 1)
        for m in range(models):
            link = np.zeros(size)
            link[[models + c * models + m, m]] = 1, -1
            problem.add(link, -1, 0)
    losses = np.concatenate([np.zeros(models), regret.ravel()])
    objectives = [losses, _over_models(np.ones(models), size), _over_models(cost, size)]
    chosen = _spread(_first(problem, objectives), kept, all_models)
    if chosen is None:
        raise ValueError(f"Expected at least one model to choose from, got {models} and room for {most}.")
    return chosen


def worthwhile(regret: WholeNumbers | Bools, cost: WholeNumbers) -> WholeNumbers:
    """Return the models that no other one makes needless: in no category worse, and cheaper or as cheap and earlier.

    In any set such another one can take its place, and the set is no worse by any objective.
    """
    models = range(len(cost))
    ahead = [[d for d in models if (cost[d], d) < (cost[m], m)] for m in models]
    kept = [m for m in models if not any((regret[:, d] <= regret[:, m]).all() for d in ahead[m])]
    return np.array(kept, dtype=np.int64)


def _spread(chosen: Bools | None, kept: WholeNumbers, size: int) -> Bools | None:
    if chosen is None:
        return None
    of_all = np.zeros(size, dtype=bool)
    of_all[kept[chosen]] = True
    return of_all


def _over_models(values: npt.ArrayLike, size: int) -> Array:
    row = np.zeros(size)
    of_models = np.asarray(values, dtype=np.float64)
    row[: len(of_models)] = of_models
    return row


def _first(problem: SetCoverProblem, objectives: Iterable[npt.ArrayLike]) -> Bools | None:
    """Return the best set by the first objective, of equals by the next, and of the last equals by name."""
    best: Bools | None = None
    for objective in objectives:
        row = np.asarray(objective, dtype=np.float64)
        best = problem.solve(row)
        if best is None:
            return None
        problem = problem.with_row(row, -np.inf, _value(problem, row, best) + 0.5)
    return None if best is None else _by_name(problem, best)


def _value(problem: SetCoverProblem, objective: Array, chosen: Bools) -> float:
    """Return the objective of a chosen set exactly: of each category the least regret that the set has."""
    models = problem.binary
    total = float(objective[:models] @ chosen)
    if problem.size == models:
        return total
    regret = objective[models:].reshape(-1, models)
    return total + float(regret[:, chosen].min(axis=1).sum())


def _by_name(problem: SetCoverProblem, best: Bools) -> Bools:
    """Return the first by name of the sets that are as good; models are in the order of their names."""
    other = problem.with_row(_over_models(best, problem.size), -np.inf, best.sum() - 1)
    if other.solve(np.zeros(problem.size)) is None:
        return best
    for model in range(problem.binary):
        row = np.zeros(problem.size)
        row[model] = 1
        forced = problem.with_row(row, 1, 1)
        problem = forced if forced.solve(np.zeros(problem.size)) is not None else problem.with_row(row, 0, 0)
        chosen = problem.solve(np.zeros(problem.size))
        best = best if chosen is None else chosen
    return best


def in_parts(values: Array, *, missing: int) -> WholeNumbers:
    """Return values, none below 0, as hundred-thousandths of the largest; `missing` stands for NaN."""
    largest = np.nanmax(values) if not np.isnan(values).all() else 0.0
    scaled = values * (PARTS / largest) if largest > 0 else values
    return np.where(np.isnan(scaled), missing, np.rint(np.nan_to_num(scaled))).astype(np.int64)
