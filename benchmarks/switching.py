"""Policies in worlds whose truth is known: how often each switches, and what it really misses.

Eight models are measured anew each week on 25 prompts (the noise of a mean has the SD 0.02); in a quarter of the weeks
an entrant replaces the worst. Beside the shipped policy stand what one would do otherwise: following the leader of each
week, and smaller or larger margins. True regret is what the best of each week truly had over whoever served; beside it
what `routes simulate` says without knowing the truth, from the halves of the prompts.
"""

import argparse
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from leaderboard.routing.decisions.decision_window import DecisionWindow, OperatingStats
from leaderboard.routing.policy.rules import Policy
from leaderboard.routing.simulation.simulate import Day, by_tier, play
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


class Found(NamedTuple):
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
        one = DecisionWindow(
            category="*",
            first=first,
            last=first + dt.timedelta(days=6),
            models=tuple(quality),
            means=levels + noise,
            prompts=tuple(f"p{i}" for i in range(PROMPTS)),
            stats={model: OperatingStats(cost_usd=1.0) for model in quality},
        )
        measured.append(one)
        true.append(replace(one, means=levels, prompts=("truth",)))
    return measured, true


def measure(worlds: int) -> dict[str, Found]:
    """Return what each policy did over so many worlds."""
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in POLICIES}
    for seed in range(worlds):
        measured, true = world(seed)
        decided, judging = halves(measured, seed)
        for name, policy in POLICIES.items():
            whole = _hero(measured, true, policy)
            half = _hero(decided, judging, policy)
            rows[name].append(
                (
                    sum(one.switched for one in whole) * 365.25 / len(whole),
                    *(_mean(held) for held in ([d.loss_hindsight for d in whole], [d.loss_known for d in half])),
                    _mean([day.loss_hindsight for day in half]),
                )
            )
    return {name: _found(np.array(held)) for name, held in rows.items()}


def _hero(decided: Sequence[DecisionWindow], judging: Sequence[DecisionWindow], policy: Policy) -> list[Day]:
    return by_tier(play(decided, judging, policy))["*", "hero"]


def _mean(values: Sequence[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))


def _found(rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> Found:
    switches, regret, by_halves, hindsight = rows.mean(axis=0)
    return Found(switches, regret, float(rows[:, 1].std(ddof=1) / len(rows) ** 0.5), by_halves, hindsight)


def main() -> None:
    """Print the table, or with `--json` its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worlds", type=int, default=30)
    asked = parser.parse_args()
    found = measure(asked.worlds)
    if asked.json:
        print(json.dumps({name: one._asdict() for name, one in found.items()}))
        return
    table = Table(title=f"Switching without flapping, {asked.worlds} simulated years", box=None, title_justify="left")
    for column in ("policy", "switches a year", "true regret", "by halves: best known", "by halves: hindsight"):
        table.add_column(column, justify="left" if column == "policy" else "right")
    for name, one in found.items():
        numbers = (f"{one.regret:.4f} ± {1.96 * one.error:.4f}", f"{one.by_halves:.4f}", f"{one.hindsight:.4f}")
        table.add_row(name, f"{one.switches:.1f}", *numbers)
    Console().print(table)


if __name__ == "__main__":
    main()
