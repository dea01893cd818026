"""A load test in the terminal: its forecast, a row a rate, and the knee."""

from collections.abc import Sequence
from typing import Final

from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from halflife.workflows.load import LoadForecast
from leaderboard import formatting
from leaderboard.inference.quantiles import Quantile
from leaderboard.reports.load_curve import LoadSummary, Objective, knee

COLUMNS: Final = ("rate", "n", "p50", "p95", "p99", "ok/s", "good/s", "refused", "429", "failed", "late", "objective")
NOTE: Final = (
    "Seconds count from the planned arrival, so waiting for a lane counts too; in brackets the 95 % interval, which "
    "allows for the dependence of one answer on those before. good/s: ok within the objective. 429: declined for now. "
    "late: sent more than 10 ms after the planned arrival, as all lanes were taken."
)


def print_forecast(console: Terminal, expected: LoadForecast) -> None:
    """Print how many requests will be sent, and the most that they cost."""
    most = "" if expected.most_usd is None else f", at most {formatting.dollars(expected.most_usd)}"
    console.print(f"{formatting.count(expected.requests, 'request')} planned{most}.")


def print_load(console: Terminal, summaries: Sequence[LoadSummary], objective: Objective | None) -> None:
    """Print every rate, and between which two the objective begins to be missed."""
    rows = table("Load", COLUMNS, numbers=COLUMNS[:-1])
    for each in summaries:
        rows.add_row(*_row(each))
    console.print(rows)
    ended = next((each.step.stopped for each in summaries if each.step.stopped), None)
    if ended is not None:
        console.print(f"Ended before all was sent: {ended}.")
    if objective is not None:
        found = knee(summaries)
        above = "no rate met it" if found.above is None else f"met up to {found.above:g} a second"
        below = "none missed it" if found.below is None else f"missed from {found.below:g} a second on"
        console.print(f"Objective {objective}: {above}, {below}.")
    console.print(NOTE, style="dim")


def _row(each: LoadSummary) -> tuple[str, ...]:
    counts = each.counts
    failed = sum(counts.get(name, 0) for name in ("failed", "timed-out", "unknown"))
    return (
        f"{each.step.rate:.3g}",
        str(len(each.step.arrivals)),
        *map(_seconds, each.percentiles),
        f"{each.throughput:.3g}",
        DASH if each.goodput is None else f"{each.goodput:.3g}",
        str(counts.get("refused", 0)),
        str(counts.get("busy", 0)),
        str(failed),
        str(each.late),
        each.verdict or DASH,
    )


def _seconds(percentile: Quantile) -> str:
    if percentile.estimate is None:
        return DASH
    low, high = (DASH if end is None else formatting.three_figures(end) for end in (percentile.low, percentile.high))
    return f"{formatting.three_figures(percentile.estimate)} ({low}–{high})"
