"""Policies in worlds whose truth is known: how often each switches, and what it really misses.

Eight models are measured anew each week on 25 prompts (the noise of a mean has the SD 0.02); in a quarter of the
weeks an entrant replaces the worst. The shipped policy is compared with following the leader of each week, and with
smaller and larger margins. True regret is what the best of each week truly had over whoever served; next to it is
what `routes simulate` says without knowing the truth, from the halves of the prompts.
"""

import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.options import Count, parse, parser
from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.simulation.results import Day
from leaderboard.routing.simulation.simulate import by_tier, play
from leaderboard.routing.simulation.split import halves

WEEKS, PROMPTS, NOISE, ENTRANTS = 52, 25, 0.02, 0.25
START = dt.date(2026, 1, 5)
POLICIES = {
    "the leader of each week": Policy(switch_margin=0.0, min_dwell_days=0, canary_days=0),
    "one noise SD of a mean": Policy(switch_margin=2**-0.5, canary_days=0),
    "1.645 standard errors": Policy(canary_days=0),
    "the shipped policy (with its trial)": Policy(),
    "and p of at most 0.01": Policy(significance=0.01, canary_days=0),
}


class PolicyMeans(NamedTuple):
    """One policy's means over the worlds, with the standard error of the true regret."""

    switches: float
    regret: float
    error: float
    by_halves: float
    hindsight: float


def world(seed: int) -> tuple[list[DecisionWindow], list[DecisionWindow]]:
    """Return a year as it is measured, and as it is."""
    generator, measured, true = np.random.default_rng(seed), list[DecisionWindow](), list[DecisionWindow]()
    quality = {f"m{i}": float(generator.normal(0.7, NOISE)) for i in range(8)}
    for week in range(WEEKS):
        if generator.random() < ENTRANTS:
            quality.pop(min(quality, key=lambda model: quality[model]))
            quality[f"n{week:02}"] = float(generator.normal(0.72, NOISE))
        levels = np.array([[*quality.values()]])
        noise = generator.normal(0, NOISE * PROMPTS**0.5, (PROMPTS, len(quality)))
        first = START + dt.timedelta(weeks=week)
        window = DecisionWindow(
            category="*",
            first=first,
            last=first + dt.timedelta(days=6),
            models=tuple(quality),
            means=levels + noise,
            prompts=tuple(f"p{i}" for i in range(PROMPTS)),
            stats={model: OperatingStats(cost_usd=1.0) for model in quality},
        )
        measured.append(window)
        true.append(replace(window, means=levels, prompts=("truth",)))
    return measured, true


def measure(worlds: int) -> dict[str, PolicyMeans]:
    """Return what each policy did over so many worlds."""
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in POLICIES}
    for seed in range(worlds):
        measured, true = world(seed)
        decided, evaluating = halves(measured, seed)
        for name, policy in POLICIES.items():
            on_all = _hero(measured, true, policy)
            half = _hero(decided, evaluating, policy)
            rows[name].append(
                (
                    sum(day.switched for day in on_all) * 365.25 / len(on_all),
                    *(_mean(losses) for losses in ([d.loss_hindsight for d in on_all], [d.loss_known for d in half])),
                    _mean([day.loss_hindsight for day in half]),
                )
            )
    return {name: _means(np.array(row)) for name, row in rows.items()}


def _hero(decided: Sequence[DecisionWindow], evaluating: Sequence[DecisionWindow], policy: Policy) -> list[Day]:
    return by_tier(play(decided, evaluating, policy))["*", "hero"]


def _mean(values: Sequence[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))


def _means(rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> PolicyMeans:
    switches, regret, by_halves, hindsight = rows.mean(axis=0)
    return PolicyMeans(switches, regret, float(rows[:, 1].std(ddof=1) / len(rows) ** 0.5), by_halves, hindsight)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or with `--json` its figures."""
    options = parse(parser(__doc__, worlds=Count(30, 2, "simulated years")), arguments)
    figures = measure(options.worlds)
    if options.json:
        print(json.dumps({"switching": {name: row._asdict() for name, row in figures.items()}}))
        return 0
    table = Table(title=f"Switching without flapping, {options.worlds} simulated years", box=None, title_justify="left")
    for column in ("policy", "switches a year", "true regret", "by halves: best known", "by halves: hindsight"):
        table.add_column(column, justify="left" if column == "policy" else "right")
    for name, row in figures.items():
        numbers = (f"{row.regret:.4f} ± {1.96 * row.error:.4f}", f"{row.by_halves:.4f}", f"{row.hindsight:.4f}")
        table.add_row(name, f"{row.switches:.1f}", *numbers)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
