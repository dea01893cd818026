"""Latency by phase: p50 and p95 of steady calls with intervals; the first call and loading apart."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from leaderboard.inference.intervals import Array
from leaderboard.inference.quantiles import Quantile, quantile

if TYPE_CHECKING:
    import pandas as pd

PHASES = ("seconds", "text_seconds", "step", "decode_seconds", "submit_seconds", "download_seconds", "cpu_seconds")
COLUMNS = [
    "model",
    "phase",
    "n",
    "p50",
    "p50_low",
    "p50_high",
    "p95",
    "p95_low",
    "p95_high",
    "p95_reason",
    "method",
    "confidence",
]


def latency_summary(
    samples: "pd.DataFrame", loads: "pd.DataFrame | None" = None, *, confidence: float = 0.95
) -> "pd.DataFrame":
    """Return one row a model and phase, in seconds; a phase that no call saw has no row.

    `samples` has the columns of the warehouse's samples (model, status, call, seconds and the phases, step_seconds as
    lists); only calls that are ok count. Phases: `seconds` (end to end), text, decode, submit, download and cpu of
    steady calls, `step` (one denoising step: the median of each steady call), `first call`, and `load` from `loads`.
    """
    import pandas as pd

    good = samples[samples["status"] == "ok"]
    rows = [
        _row(str(model), phase, values, confidence)
        for model, calls in good.groupby("model", sort=True)
        for phase, values in _phases(calls)
    ]
    if loads is not None:
        for model, held in loads.groupby("model", sort=True):
            seconds = held["load_seconds"].dropna().to_numpy(dtype=np.float64)
            rows += [_row(str(model), "load", seconds, confidence)] if len(seconds) else []
    return pd.DataFrame(rows, columns=COLUMNS)


def _phases(calls: "pd.DataFrame") -> Iterator[tuple[str, Array]]:
    steady = calls[calls["call"] == "steady"]
    for phase in PHASES:
        values = _steps(steady) if phase == "step" else _numbers(steady, phase)
        if len(values):
            yield phase.removesuffix("_seconds"), values
    first = _numbers(calls[calls["call"] == "first"], "seconds")
    if len(first):
        yield "first call", first


def _numbers(calls: "pd.DataFrame", column: str) -> Array:
    if column not in calls:
        return np.empty(0)
    return np.asarray(calls[column].dropna().to_numpy(dtype=np.float64))


def _steps(calls: "pd.DataFrame") -> Array:
    if "step_seconds" not in calls:
        return np.empty(0)
    held = [steps for steps in calls["step_seconds"] if isinstance(steps, list | tuple | np.ndarray) and len(steps)]
    return np.array([float(np.median(np.asarray(steps, dtype=np.float64))) for steps in held])


def _row(model: str, phase: str, values: Array, confidence: float) -> dict[str, object]:
    middle, tail = quantile(values, 0.5, confidence=confidence), quantile(values, 0.95, confidence=confidence)
    return {
        "model": model,
        "phase": phase,
        "n": middle.n,
        **_named("p50", middle),
        **_named("p95", tail),
        "p95_reason": tail.reason,
        "method": middle.method,
        "confidence": confidence,
    }


def _named(name: str, found: Quantile) -> dict[str, object]:
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}
