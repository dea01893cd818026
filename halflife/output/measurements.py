"""How `halflife profile --measure` and `--holdout` print measurements, and how well they are predicted."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Any, Final

from data.architectures.library import architecture
from data.measurements import Measurement
from data.serialization import to_json
from halflife.output.measured_costs import MeasuredCost, prices
from halflife.output.profile import figures, seconds, size
from halflife.output.tables import DASH, table
from halflife.output.terminal import Terminal
from leaderboard.cost_model.measurements import LatencySummary, peak_of, summary
from leaderboard.cost_model.prediction import Residual

ALWAYS: Final = ("shape", "n", "first", "p50", "95 %", "step", "rate", "MFU")
WHERE_MEASURED: Final = ("p95", "GiB", "J")
RESIDUALS: Final = ("model", "on", "measured", "predicted", "error", "inside")
GROUPS: Final = ("group", "n", "median |error|", "largest", "inside 95 %")


def measured(console: Terminal, measurements: Sequence[Measurement], costs: Sequence[MeasuredCost | None]) -> None:
    """Print a line for each measurement, what is missing and why, and its cost (None for one that is not ok)."""
    first = measurements[0].setup
    title = f"{first.model}, {first.weights} weights, {first.configuration.dtype}, {first.configuration.software}"
    cells = [_cells(measurement, summary(measurement)) for measurement in measurements]
    columns = [*ALWAYS, *(name for name in WHERE_MEASURED if any(row[name] != DASH for row in cells))]
    rows = table(f"{title}\n{first.processor}", columns, numbers=columns[1:])
    for row in cells:
        rows.add_row(*(row[name] for name in columns))
    console.print(rows)
    for line in _notes(measurements):
        console.print(line)
    peak = peak_of(measurements[0])
    mfu = f"MFU against {peak.title}, {peak.peak:g} TFLOP/s dense bfloat16 ({peak.source})." if peak else ""
    legend = "Seconds of one steady call, end to end; 95 %: interval of the median, from order statistics."
    console.print(f"{legend} {mfu}".strip(), style="dim")
    if known_costs := [cost for cost in costs if cost]:
        prices(console, known_costs)


def measured_json(measurements: Sequence[Measurement], costs: Sequence[MeasuredCost | None]) -> list[dict[str, Any]]:
    """Return measurements for machines, with every sample, `summary` and `cost` (None for one that is not ok)."""
    answers = []
    for measurement, cost in zip(measurements, costs, strict=True):
        latency = summary(measurement)
        extra = {"summary": to_json(latency) if latency else None, "cost": cost.as_json() if cost else None}
        answers.append(to_json(measurement) | extra)
    return answers


def holdout(console: Terminal, residuals: Sequence[Residual]) -> None:
    """Print each measurement as predicted from the others of its group; for each group the errors and coverage."""
    rows = table("Each measurement, predicted from the others of its group", RESIDUALS, numbers=RESIDUALS[1:])
    for residual in residuals:
        cell = residual.cell
        rows.add_row(
            cell.model,
            f"{cell.accelerator}, {cell.software}",
            seconds(cell.seconds),
            seconds(residual.prediction.seconds),
            f"{residual.error:+.0%}",
            DASH if residual.covered is None else "yes" if residual.covered else "no",
        )
    console.print(rows)
    groups = table("By group", GROUPS, numbers=GROUPS[1:])
    for row in group_rows(residuals):
        inside = DASH if row["coverage"] is None else f"{row['covered']} of {row['with_interval']}"
        largest = f"{row['largest_error']:.0%}"
        groups.add_row(row["group"], str(row["cells"]), f"{row['median_error']:.0%}", largest, inside)
    console.print(groups)
    console.print(
        "Error: predicted over measured, minus 1. A group: one accelerator, one software and one kind of network.",
        style="dim",
    )


def holdout_json(residuals: Sequence[Residual]) -> dict[str, Any]:
    """Return the residual of every measurement and the errors by group, for machines."""
    cells = [
        {
            **to_json(residual.cell),
            "predicted": residual.prediction.seconds,
            "low": residual.prediction.low,
            "high": residual.prediction.high,
            "error": residual.error,
            "covered": residual.covered,
        }
        for residual in residuals
    ]
    return {"cells": cells, "groups": group_rows(residuals)}


def group_rows(residuals: Iterable[Residual]) -> list[dict[str, Any]]:
    """Return for each group its size, the median and largest absolute error, and how many intervals were right."""
    groups: dict[str, list[Residual]] = {}
    for residual in residuals:
        cell = residual.cell
        groups.setdefault(f"{cell.accelerator}, {cell.software}, {cell.network}", []).append(residual)
    return [_group(name, members) for name, members in groups.items()]


def _group(name: str, residuals: list[Residual]) -> dict[str, Any]:
    errors = [abs(residual.error) for residual in residuals]
    covered = [residual.covered for residual in residuals if residual.covered is not None]
    return {
        "group": name,
        "cells": len(residuals),
        "median_error": median(errors),
        "largest_error": max(errors),
        "with_interval": len(covered),
        "covered": sum(covered),
        "coverage": sum(covered) / len(covered) if covered else None,
    }


def _cells(measurement: Measurement, latency: LatencySummary | None) -> dict[str, str]:
    cells = dict.fromkeys((*ALWAYS, *WHERE_MEASURED), DASH)
    cells |= {"shape": size(measurement.setup.shape), "n": str(len(measurement.seconds.steady))}
    if latency is None:
        return cells | {"first": measurement.status}
    joules = measurement.energy.joules
    return cells | {
        "first": seconds(measurement.seconds.first),
        "p50": seconds(latency.p50.estimate),
        "95 %": interval(latency),
        "step": seconds(latency.step),
        "rate": rate(latency.tflops),
        "MFU": DASH if latency.mfu is None else f"{latency.mfu:.1%}",
        "p95": seconds(latency.p95.estimate),
        "GiB": _peak_memory(measurement),
        "J": DASH if joules is None else f"{joules:,.0f}",
    }


def _phases(measurement: Measurement) -> str:
    """Say where a call's median seconds go, and how many a second of video takes; empty where neither is known."""
    latency, shape = summary(measurement), measurement.setup.shape
    if latency is None:
        return ""
    medians = {"text": latency.text, f"{shape.steps} steps of": latency.step, "VAE": latency.vae}
    parts = [f"{name} {seconds(value)}" for name, value in medians.items() if value is not None]
    length = architecture(measurement.setup.model).seconds(shape)
    if length is not None and latency.p50.estimate is not None:
        parts.append(f"{seconds(latency.p50.estimate / (length * shape.batch))} for a second of video")
    return f"{size(shape)}: {', '.join(parts)}." if parts else ""


def _notes(measurements: Sequence[Measurement]) -> Iterator[str]:
    for measurement in measurements:
        if measurement.status != "ok":
            yield f"{size(measurement.setup.shape)}: {measurement.status}. {measurement.reason}"
    if peak_of(measurements[0]) is None:
        yield f"The peak rate of {measurements[0].setup.processor} is not known: no MFU."
    ok = [measurement for measurement in measurements if measurement.status == "ok"]
    yield from (line for measurement in ok if (line := _phases(measurement)))
    yield from dict.fromkeys(line for measurement in ok for line in _missing(measurement))


def _missing(measurement: Measurement) -> Iterator[str]:
    """Say what could not be measured of a measurement that is ok."""
    reasons = (
        ("Memory", measurement.memory.reason),
        ("Energy", measurement.energy.reason),
        ("FLOPs", measurement.work.reason),
    )
    return (f"{what} {reason}." for what, reason in reasons if reason)


def interval(latency: LatencySummary) -> str:
    """Write the interval of a median, or a dash where there is none."""
    low, high = latency.p50.low, latency.p50.high
    if low is None or high is None:
        return DASH
    lower_end = seconds(low) if low < 1 <= high else figures(low)
    return f"{lower_end}–{seconds(high)}"


def _peak_memory(measurement: Measurement) -> str:
    allocated = measurement.memory.allocated.values()
    return f"{max(allocated) / 2**30:.2f}" if allocated else DASH


def rate(tflops: float | None) -> str:
    """Write TFLOP/s, or GFLOP/s below 0.1 of them."""
    if tflops is None:
        return DASH
    return f"{tflops:.3g} TFLOP/s" if tflops >= 0.1 else f"{1000 * tflops:.3g} GFLOP/s"
