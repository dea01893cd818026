"""Whether 95 % intervals of means, differences and rank sets cover the truth: worlds of known truth, many draws.

Means: prompts that are right or wrong (all outcomes, weighted by their probability), fractions of several seeds whose
outcomes within a prompt are alike (beta-binomial), and skewed scores. Coverage stands beside the median width as a
multiple of Student's t, for the project's interval and for the usual alternatives; of several worlds of one kind the
worst coverage is shown. Prompts that are all alike have no t interval, which counts as not covered. Last comes how
often a difference of the size that a page prints is found (`benchmarks.detection_power`).
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import special

from benchmarks import detection_power
from benchmarks.interval_methods import Ends, Method, bootstrap_t, mid_p, ours, student, whole_prompt, wilson
from benchmarks.options import Count, parse, parser
from benchmarks.score_worlds import PAIRS, ScoreWorld, seed_worlds, skewed_worlds
from leaderboard.inference.mean_ends import lower_end, share_moments, upper_end
from leaderboard.inference.pair_ends import difference_ends, pair_moments
from leaderboard.inference.rank_sets import rank_sets
from leaderboard.inference.vocabulary import UNBOUNDED, Array

METHODS: Mapping[str, Method] = {
    "t": student,
    "bootstrap-t": bootstrap_t,
    "one more prompt": whole_prompt,
    "halflife": ours,
}
PROMPTS = (10, 12, 30, 100, 1632)
MOST_CELLS = 5_000_000
SHARES = np.concatenate([np.linspace(0.5, 0.99, 246), np.linspace(0.99, 0.999, 46)])
FIELDS = {"0.95": (0.95,) * 5, "0.99 to 0.9": (0.99, 0.99, 0.97, 0.95, 0.9), "0.5": (0.5,) * 5}
ROUNDING = 1e-12


class Row(NamedTuple):
    """One row of a table: what it is about, and by method the worst coverage and the width there, in t widths."""

    kind: str
    prompts: int
    covered: dict[str, float]
    width: dict[str, float]


def right_or_wrong(prompts: Iterable[int] = PROMPTS) -> Iterator[Row]:
    """Yield the least coverage over shares from 0.5 to 0.999, exactly: every outcome weighted by its probability."""
    for n in prompts:
        events = np.arange(n + 1.0)
        below = special.bdtr(events[None, :], n, SHARES[:, None])
        probability = np.diff(below, axis=1, prepend=0.0)
        ends = _of_events(events, n)
        plain = probability @ (ends["t"].high - ends["t"].low)
        covered, width = dict[str, float](), dict[str, float]()
        for name, (low, high) in ends.items():
            inside = (low <= SHARES[:, None] + ROUNDING) & (SHARES[:, None] <= high + ROUNDING)
            covered[name] = float((probability * inside).sum(axis=1).min())
            width[name] = float(np.median(probability @ (high - low) / plain))
        yield Row("right or wrong", n, covered, width)


def _of_events(events: Array, n: int) -> dict[str, Ends]:
    sample = share_moments(events, n)
    plain = (np.clip(end(sample, 0.025, UNBOUNDED), 0.0, 1.0) for end in (lower_end, upper_end))
    exact = (end(sample, 0.025, (0.0, 1.0)) for end in (lower_end, upper_end))
    return {"t": Ends(*plain), "Wilson": wilson(events, n), "mid-P": mid_p(events, n), "halflife": Ends(*exact)}


def means(worlds: Iterable[ScoreWorld], *, draws: int, prompts: Iterable[int] = PROMPTS) -> Iterator[Row]:
    """Yield the coverage of each number of prompts, the worst of the worlds of one kind."""
    kinds = dict[str, list[ScoreWorld]]()
    for world in worlds:
        kinds.setdefault(world.kind, []).append(world)
    for kind, alike in kinds.items():
        for n in prompts:
            rows = [_mean_row(world, n, max(200, min(draws, MOST_CELLS // n))) for world in alike]
            covered = {name: min(row.covered[name] for row in rows) for name in METHODS}
            width = {name: _middle(row.width[name] for row in rows) for name in METHODS}
            yield Row(kind, n, covered, width)


def _mean_row(world: ScoreWorld, n: int, draws: int) -> Row:
    columns = world.draw(np.random.default_rng([n, draws]), (n, draws))
    ends = {name: method(columns, world.bounds) for name, method in METHODS.items()}
    plain = float(np.median(ends["t"].high - ends["t"].low))
    covered = {name: _covered(end, world.mean) for name, end in ends.items()}
    width = {name: float(np.median(high - low)) / plain if plain > 0 else np.nan for name, (low, high) in ends.items()}
    return Row(world.kind, n, covered, width)


def _middle(widths: Iterable[float]) -> float:
    """Return the median of the widths of those worlds in which a t interval has one."""
    known = [width for width in widths if not np.isnan(width)]
    return float(np.median(known)) if known else np.nan


def differences(*, draws: int, prompts: Iterable[int] = PROMPTS[:-1]) -> Iterator[Row]:
    """Yield the least coverage of paired differences, over pairs of models of one kind."""
    for kind in dict.fromkeys(pair.kind for pair in PAIRS):
        for n in prompts:
            covered, width = {"t": 1.0, "halflife": 1.0}, list[float]()
            for pair in (pair for pair in PAIRS if pair.kind == kind):
                size = max(200, min(draws, MOST_CELLS // n))
                both = pair_moments(*pair.draw(np.random.default_rng([n, draws]), (n, size)))
                plain = Ends(*difference_ends(both, 0.025, UNBOUNDED))
                ends = Ends(*difference_ends(both, 0.025, pair.bounds))
                covered["t"] = min(covered["t"], _covered(plain, pair.mean))
                covered["halflife"] = min(covered["halflife"], _covered(ends, pair.mean))
                wide = float(np.median(plain.high - plain.low))
                width += [float(np.median(ends.high - ends.low)) / wide] if wide > 0 else []
            yield Row(kind, n, covered, {"t": 1.0, "halflife": float(np.median(width))})


def ranks(*, tables: int, prompts: Iterable[int] = PROMPTS[:-1]) -> Iterator[Row]:
    """Yield the share of tables in which all rank sets hold at once, of models that are right or wrong."""
    for name, levels in FIELDS.items():
        true = np.array(levels)
        best, worst = 1 + (true > true[:, None]).sum(axis=1), len(true) - (true < true[:, None]).sum(axis=1)
        for n in prompts:
            generator, right = np.random.default_rng(n), 0
            for _ in range(tables):
                sets = rank_sets((generator.random((n, len(true))) < true) * 1.0, resamples=400)
                right += bool((sets.rank_best <= best).all() and (sets.rank_worst >= worst).all())
            yield Row(f"rank sets, p = {name}", n, {"halflife": right / tables}, {"halflife": np.nan})


def _covered(ends: Ends, truth: float) -> float:
    return float(np.mean((ends.low <= truth + ROUNDING) & (truth <= ends.high + ROUNDING)))


def show(console: Console, title: str, rows: Iterable[Row]) -> list[Row]:
    """Print rows as a table and return them."""
    kept = list(rows)
    table = Table(title=title, title_justify="left")
    for name in ("values", "prompts", *kept[0].covered):
        table.add_column(name, justify="left" if name == "values" else "right")
    for row in kept:
        cells = (_cell(row.covered[name], row.width[name]) for name in row.covered)
        table.add_row(row.kind, str(row.prompts), *cells)
    console.print(table)
    return kept


def _cell(covered: float, width: float) -> str:
    if np.isposinf(width):
        return "no end"
    return f"{covered:.3f}" if not np.isfinite(width) else f"{covered:.3f} × {width:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the coverage tables and the power table, or all of them as JSON."""
    options = parse(parser(__doc__, draws=Count(2000, 200, "draws from each world")), arguments)
    draws, console = options.draws, Console(quiet=options.json)
    prompts = PROMPTS[:1] if options.small else PROMPTS
    fewer, note = prompts[: len(PROMPTS) - 1], "least coverage × median width in t widths"
    rows = [
        *show(
            console, f"Means of prompts that are right or wrong, p from 0.5 to 0.999: {note}", right_or_wrong(prompts)
        ),
        *show(console, f"Means of several seeds: {note}", means(seed_worlds(), draws=draws, prompts=prompts)),
        *show(console, f"Means of skewed scores: {note}", means(skewed_worlds(), draws=draws, prompts=prompts)),
        *show(console, f"Paired differences: {note}", differences(draws=draws, prompts=fewer)),
        *show(console, "Rank sets: share of tables in which all are right", ranks(tables=draws // 2, prompts=fewer)),
    ]
    power = detection_power.show(console, tables=draws)
    if options.json:
        covered = [row._asdict() for row in rows]
        print(json.dumps({"interval_coverage": covered, "detection_power": [row._asdict() for row in power]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
