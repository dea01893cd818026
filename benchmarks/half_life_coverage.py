"""Whether a 95 % interval of a half-life covers the truth: simulated worlds of known half-life.

In each world models come at random days and stay for exponential times; observation begins when some are there already
(truncated) and ends while some still are (censored); some are withdrawn first by their provider; and the dates are
exact, rounded to days, or those of weekly snapshots, which the estimator has to recognise. The exponential estimate is
compared with the usual alternatives: the same prior at full weight, all dates taken as exact, the censored dropped.
"""

import json
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.options import Count, parse, parser
from leaderboard.lifecycle.estimates import exponential_estimate
from leaderboard.lifecycle.exponential import posterior_half_life, rates
from leaderboard.lifecycle.half_life import Prior
from leaderboard.lifecycle.interval_observations import IntervalObservation, spells_of_observations
from leaderboard.lifecycle.spell import Spell, exposures

Seen = Literal["exact", "daily", "weekly", "weekly ends", "weekly last in"]
SEEN: tuple[Seen, ...] = ("exact", "daily", "weekly", "weekly ends", "weekly last in")
METHODS = ("exponential", "prior at full weight", "dates as they are", "censored dropped")
TAIL = 0.025


class World(NamedTuple):
    """A world: its true half-life, how many models, for how many days it is watched, and how.

    `withdrawn` is the half-life of the provider's withdrawals in days, infinite for none.
    """

    half_life: float
    models: int
    days: float
    seen: Seen
    truncated: bool = True
    withdrawn: float = 120.0


class Coverage(NamedTuple):
    """The result of many worlds: the share of intervals that cover the truth, and the median estimate, by method."""

    world: World
    events: float
    covered: dict[str, float]
    median: dict[str, float]


def observations(world: World, generator: np.random.Generator) -> list[IntervalObservation]:
    """Return one world's list of tenures, as somebody who watched it would write it down."""
    tenures = []
    rate, withdrawal_rate = math.log(2) / world.half_life, math.log(2) / world.withdrawn
    earliest = -3 * world.half_life if world.truncated else 0.0
    while len(tenures) < world.models:
        entered = generator.uniform(earliest, world.days)
        overtaken = entered + generator.exponential(1 / rate)
        withdrawn = entered + (generator.exponential(1 / withdrawal_rate) if withdrawal_rate else math.inf)
        tenure = _written(world, len(tenures), (entered, overtaken, withdrawn))
        if tenure is not None:
            tenures.append(tenure)
    return tenures


def _written(world: World, number: int, times: tuple[float, float, float]) -> IntervalObservation | None:
    entered, overtaken, withdrawn = times
    left, by = min((overtaken, "overtaken"), (withdrawn, "withdrawn"))
    if left <= 0:
        return None
    start, end = _dates(world.seen, max(entered, 0.0), left)
    if end is None or (entered > 0 and start > world.days):
        return None
    ongoing = end > world.days if world.seen != "weekly last in" else end > world.days - 7
    return IntervalObservation(
        subject=f"m{number}",
        entered=start if entered > 0 else math.floor(entered),
        left=None if ongoing else end,
        observed_from=0.0 if entered <= 0 else None,
        observed_until=world.days,
        ended_by="censored" if ongoing else by,  # type: ignore[arg-type]
    )


def _dates(seen: Seen, entered: float, left: float) -> tuple[float, float | None]:
    """Return the dates that are written down; no end where the model was never seen."""
    if seen == "exact":
        return entered, left
    if seen == "daily":
        return math.floor(entered), math.floor(left)
    first, out = 7.0 * math.ceil(entered / 7), 7.0 * math.ceil(left / 7)
    if seen == "weekly ends":
        return entered, out
    if out <= first:
        return first, None
    return first, out - 7 if seen == "weekly last in" else out


def _answers(seen: Sequence[IntervalObservation]) -> Iterator[tuple[str, float, float, float]]:
    """Yield each method's estimate and the ends of its interval."""
    prior = Prior()
    spells, _ = spells_of_observations(seen)
    as_dated, _ = spells_of_observations(seen, spacing_days=0.0)
    first = exponential_estimate(spells)
    yield METHODS[0], first.half_life_days or math.inf, first.low or 0.0, first.high or math.inf
    yield METHODS[1], *posterior_half_life(rates(exposures(spells)), (prior.shape, prior.rate_days), TAIL)
    naive = exponential_estimate(as_dated)
    yield METHODS[2], naive.half_life_days or math.inf, naive.low or 0.0, naive.high or math.inf
    yield METHODS[3], *_without_censored(spells)


def _without_censored(spells: Sequence[Spell]) -> tuple[float, float, float]:
    estimate = exponential_estimate([spell for spell in spells if spell.ended_by == "overtaken"])
    return estimate.half_life_days or math.inf, estimate.low or 0.0, estimate.high or math.inf


def coverage(world: World, *, worlds: int, seed: int = 0) -> Coverage:
    """Return how often the intervals of `worlds` worlds of one kind cover the truth."""
    key = [seed, round(world.half_life), world.models, round(world.days), SEEN.index(world.seen)]
    generator = np.random.default_rng(key)
    inside = dict.fromkeys(METHODS, 0)
    half_lives: dict[str, list[float]] = {name: [] for name in METHODS}
    events = 0
    for _ in range(worlds):
        seen = observations(world, generator)
        events += sum(tenure.ended_by == "overtaken" for tenure in seen)
        for name, days, low, high in _answers(seen):
            inside[name] += low <= world.half_life <= high
            half_lives[name].append(days)
    covered = {name: count / worlds for name, count in inside.items()}
    return Coverage(
        world, events / worlds, covered, {name: float(np.median(days)) for name, days in half_lives.items()}
    )


def worlds_of() -> Iterator[World]:
    """Yield the worlds of the table."""
    for half_life in (7.0, 30.0, 90.0):
        for models in (20, 60, 200):
            for seen in SEEN:
                yield World(half_life, models, 182.0, seen)
    for half_life, days in ((7.0, 14.0), (30.0, 30.0), (90.0, 90.0)):
        yield World(half_life, 20, days, "exact")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the coverage of every world as a table, or as JSON."""
    options = parse(parser(__doc__, worlds=Count(500, 2, "worlds of each kind")), arguments)
    results = [coverage(world, worlds=options.worlds) for world in worlds_of()]
    if options.json:
        rows = [{**result.world._asdict(), "events": result.events, "covered": result.covered} for result in results]
        print(json.dumps({"half_life_coverage": rows}))
        return 0
    title = f"Share of 95 % intervals with the truth in them ({options.worlds} worlds each; bar: 92 to 98 %)"
    table = Table(title=title, title_justify="left")
    for name in ("half-life", "models", "days", "dates", "events", "median", *METHODS):
        table.add_column(name, justify="right")
    for result in results:
        world = result.world
        facts = (f"{world.half_life:g}", str(world.models), f"{world.days:g}", world.seen, f"{result.events:.1f}")
        shares = (f"{result.covered[name]:.1%}" for name in METHODS)
        table.add_row(*facts, f"{result.median[METHODS[0]]:.1f}", *shares)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
