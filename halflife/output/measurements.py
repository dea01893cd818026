"""How `halflife profile --measure` and `--holdout` write what was measured and how well it is predicted."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from data.serialization import to_json
from halflife.output.profile import size, table
from leaderboard import formatting
from leaderboard.formatting import DASH

if TYPE_CHECKING:
    from data.measurements import Measurement
    from halflife.output.measured_costs import Paid
    from leaderboard.cost_model.measurements import LatencySummary
    from leaderboard.cost_model.prediction import Residual

ALWAYS: Final = ("shape", "n", "first", "p50", "95 %", "step", "rate", "MFU")
WHERE_HAD: Final = ("p95", "GiB", "J")


def measured(console: Console, cells: "Sequence[Measurement]", costs: "Sequence[Paid | None]") -> None:
    """Print a line a cell, what is not there and why, and what each costs (None for one that is not ok)."""
    from halflife.output.measured_costs import prices
    from leaderboard.cost_model.measurements import peak_of, summary

    first = cells[0].setup
    title = f"{first.model}, {first.weights} weights, {first.configuration.dtype}, {first.configuration.software}"
    rows = [_row(cell, summary(cell)) for cell in cells]
    columns = [*ALWAYS, *(name for name in WHERE_HAD if any(row[name] != DASH for row in rows))]
    shown = table(f"{title}\n{first.processor}", columns)
    for row in rows:
        shown.add_row(*(row[name] for name in columns))
    console.print(shown)
    for line in _lines(cells):
        console.print(line, highlight=False)
    peak = peak_of(cells[0])
    held = f"MFU against {peak.title}, {peak.peak:g} TFLOP/s dense bfloat16 ({peak.source})." if peak else ""
    words = "Seconds of one steady call, end to end; 95 %: interval of the median from order statistics."
    console.print(f"{words} {held}".strip(), style="dim", highlight=False)
    if known := [one for one in costs if one]:
        prices(console, known)


def measured_json(cells: "Sequence[Measurement]", costs: "Sequence[Paid | None]") -> list[dict[str, Any]]:
    """Return cells for machines, with every sample, `summary` and `cost` beside them (None for one that is not ok)."""
    from leaderboard.cost_model.measurements import summary

    return [
        to_json(cell)
        | {"summary": to_json(held) if (held := summary(cell)) else None, "cost": paid.as_json() if paid else None}
        for cell, paid in zip(cells, costs, strict=True)
    ]


def holdout(console: Console, residuals: "Sequence[Residual]") -> None:
    """Print each cell as the others of its group predict it, and for each group the errors and the coverage."""
    cells = table(
        "Each cell, left out and predicted from the others of its group",
        ("model", "on", "measured", "predicted", "error", "inside"),
    )
    for one in residuals:
        cell = one.cell
        covered = DASH if one.covered is None else "yes" if one.covered else "no"
        cells.add_row(
            cell.model,
            f"{cell.accelerator}, {cell.software}",
            formatting.latency(cell.seconds),
            formatting.latency(one.prediction.seconds),
            f"{one.error:+.0%}",
            covered,
        )
    console.print(cells)
    groups = table("By group", ("group", "cells", "median |error|", "largest", "inside 95 %"))
    for row in group_rows(residuals):
        inside = DASH if row["coverage"] is None else f"{row['covered']} of {row['with_interval']}"
        largest = f"{row['largest_error']:.0%}"
        groups.add_row(row["group"], str(row["cells"]), f"{row['median_error']:.0%}", largest, inside)
    console.print(groups)
    words = "Error: predicted over measured, minus 1. A group is an accelerator, software and kind of network."
    console.print(words, style="dim", highlight=False)


def holdout_json(residuals: "Sequence[Residual]") -> dict[str, Any]:
    """Return the residual of every cell and the errors by group, for machines."""
    cells = [
        {
            **to_json(one.cell),
            "predicted": one.prediction.seconds,
            "low": one.prediction.low,
            "high": one.prediction.high,
            "error": one.error,
            "covered": one.covered,
        }
        for one in residuals
    ]
    return {"cells": cells, "groups": group_rows(residuals)}


def group_rows(residuals: "Iterable[Residual]") -> list[dict[str, Any]]:
    """Return for each group its cells, absolute errors (median, largest) and how many intervals held."""
    groups: dict[str, list[Residual]] = {}
    for one in residuals:
        groups.setdefault(f"{one.cell.accelerator}, {one.cell.software}, {one.cell.network}", []).append(one)
    return [_group(name, held) for name, held in groups.items()]


def _group(name: str, held: "list[Residual]") -> dict[str, Any]:
    errors = [abs(one.error) for one in held]
    covered = [one.covered for one in held if one.covered is not None]
    return {
        "group": name,
        "cells": len(held),
        "median_error": median(errors),
        "largest_error": max(errors),
        "with_interval": len(covered),
        "covered": sum(covered),
        "coverage": sum(covered) / len(covered) if covered else None,
    }


def _row(cell: "Measurement", held: "LatencySummary | None") -> dict[str, str]:
    row = dict.fromkeys((*ALWAYS, *WHERE_HAD), DASH)
    row |= {"shape": size(cell.setup.shape), "n": str(len(cell.seconds.steady))}
    if held is None:
        return row | {"first": cell.status}
    return row | {
        "first": formatting.latency(cell.seconds.first),
        "p50": formatting.latency(held.p50.estimate),
        "95 %": interval(held),
        "step": formatting.latency(held.step),
        "rate": rate(held.tflops),
        "MFU": DASH if held.mfu is None else f"{held.mfu:.1%}",
        "p95": formatting.latency(held.p95.estimate),
        "GiB": _peak(cell),
        "J": DASH if cell.energy.joules is None else f"{cell.energy.joules:,.0f}",
    }


def _lines(cells: "Sequence[Measurement]") -> Iterator[str]:
    from leaderboard.cost_model.measurements import peak_of

    for cell in cells:
        if cell.status != "ok":
            yield f"{size(cell.setup.shape)}: {cell.status}. {cell.reason}"
    if peak_of(cells[0]) is None:
        yield f"No peak is known for {cells[0].setup.processor}: no MFU."
    yield from dict.fromkeys(line for cell in cells if cell.status == "ok" for line in _missing(cell))


def _missing(cell: "Measurement") -> Iterator[str]:
    """Say what could not be had of a cell that is ok."""
    found = (("Memory", cell.memory.reason), ("Energy", cell.energy.reason), ("FLOPs", cell.work.reason))
    return (f"{what} {reason}." for what, reason in found if reason)


def interval(held: "LatencySummary") -> str:
    """Write the interval of a median, or a dash where there is none."""
    return formatting.latency_range(held.p50.low, held.p50.high)


def _peak(cell: "Measurement") -> str:
    held = cell.memory.allocated.values()
    return f"{max(held) / 2**30:.2f}" if held else DASH


def rate(tflops: float | None) -> str:
    """Write TFLOP/s with the prefix that their size asks for."""
    if tflops is None:
        return DASH
    return f"{tflops:.3g} TFLOP/s" if tflops >= 0.1 else f"{1000 * tflops:.3g} GFLOP/s"
