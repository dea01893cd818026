"""How soon a silent change is found, and how often a quiet deployment is accused: simulated series of sentinel nights.

32 prompts a night; a change moves every prompt by half a standard deviation of the nightly values, in the last column
of the differences from night to night, which are √2 times as wide. The sequential test is compared with the usual
alternative: a t test of every night against all before.
"""

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.options import Count, parse, parser
from leaderboard.drift.sequence import FEWEST_BEFORE, log_evidence
from leaderboard.inference.vocabulary import Array

PROMPTS = 32
NIGHTS = 200
WITHIN = 5
ALPHA = 0.1
SHIFT = 0.5
PASTS = (7, 14, 30, 100)
PAIRED = f"of differences, after {PASTS[0]}"

Noise = Callable[[np.random.Generator, int], Array]
NOISES: Mapping[str, Noise] = {
    "normal": lambda generator, nights: generator.normal(size=(nights, PROMPTS)),
    "heavy tails (t, 3)": lambda generator, nights: generator.standard_t(3, size=(nights, PROMPTS)) / math.sqrt(3),
    "right or wrong": lambda generator, nights: (generator.random((nights, PROMPTS)) < 0.5) * 2.0 - 1.0,
}


def alarms(nights: Array, *, shared: bool = False) -> Array:
    """Return on which nights the sequential test raises an alarm, shape (nights,)."""
    return np.asarray(log_evidence(nights, shared=shared) >= math.log(1 / ALPHA), dtype=np.bool_)


def nightly_t(nights: Array) -> Array:
    """Return on which nights a t test of that night against all before is significant at `ALPHA`."""
    from scipy import stats

    significant = np.zeros(len(nights), dtype=np.bool_)
    for night in range(FEWEST_BEFORE, len(nights)):
        significant[night] = stats.ttest_1samp(nights[night] - nights[:night].mean(axis=0), 0.0).pvalue < ALPHA
    return significant


def quiet(noise: Noise, *, series: int, seed: int = 0) -> tuple[float, float]:
    """Return the share of quiet series of 200 nights with an alarm: by the sequential test, and by nightly t tests."""
    generator = np.random.default_rng(seed)
    samples = [noise(generator, NIGHTS) for _ in range(series)]
    ours, theirs = ([bool(test(nights).any()) for nights in samples] for test in (alarms, nightly_t))
    return float(np.mean(ours)), float(np.mean(theirs))


def detected(noise: Noise, past: int, *, series: int, seed: int = 0, differences: bool = False) -> float:
    """Return the share of series in which a change after `past` nights is found within 5.

    It is half a standard deviation of the nightly values, or of the paired `differences` from night to night.
    """
    generator = np.random.default_rng([seed, past])
    hits = 0
    for _ in range(series):
        nights = noise(generator, past + WITHIN)
        nights[past:] += SHIFT * float((np.diff(nights, axis=0) if differences else nights).std())
        hits += bool(alarms(nights)[past:].any())
    return hits / series


def main(arguments: Sequence[str] | None = None) -> int:
    """Print alarms and discoveries as a table, or as JSON."""
    options = parse(parser(__doc__, series=Count(200, 2, "series of nights of each kind")), arguments)
    rows = {
        name: (
            *quiet(noise, series=options.series),
            *(detected(noise, m, series=options.series) for m in PASTS),
            detected(noise, PASTS[0], series=options.series, differences=True),
        )
        for name, noise in NOISES.items()
    }
    if options.json:
        print(json.dumps({"drift_detection": rows}))
        return 0
    title = (
        f"{options.series} series, {PROMPTS} prompts (bars: alarms ≤ 5 % of series of {NIGHTS} quiet nights, half a "
        f"standard deviation found within {WITHIN} nights in ≥ 90 %)"
    )
    table = Table(title=title, title_justify="left")
    for name in ("noise", "alarms", "alarms of nightly t tests", *(f"found after {m} nights" for m in PASTS), PAIRED):
        table.add_column(name, justify="right")
    for name, shares in rows.items():
        table.add_row(name, *(f"{share:.1%}" for share in shares))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
