"""Drift detection for one deployment: which of its metrics changed, since which night, and how certain that is."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.lifecycle.drift_marks import Shift
from leaderboard.drift.benjamini_hochberg import discoveries
from leaderboard.drift.byte_changes import byte_change
from leaderboard.drift.kernel import REFERENCE_NIGHTS, discrepancy, distances
from leaderboard.drift.sentinel_series import SentinelSeries
from leaderboard.drift.sequence import Change, likeliest_change
from leaderboard.inference.vocabulary import Array

if TYPE_CHECKING:
    import pandas as pd

BYTES = "bytes"
EMBEDDINGS = "embeddings"
RATE = 0.1
"""The share of false alarms that the theory allows over an endless series; 200 nights have far fewer. `python -m
benchmarks.drift_detection --series 400` counts alarms in 1.2 to 1.8 % of quiet series, and finds half a standard
deviation within 5 nights in 93.5 % of series or more once there are 14 nights of past (83 to 91 % after 7).
"""

Vectors = Callable[[list[str]], Mapping[str, Array]]
"""Returns the embeddings, by content hash, of those media that have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFinding:
    """The changes of a deployment that are certain, since which day, and every p value that was considered.

    `shifts` is empty and `day` None where nothing changed. `kernel_p` is the permutation test of embeddings before and
    after, where there are any: a check, not an alarm.
    """

    model: str
    suite: str
    suite_digest: str
    nights: int
    last: dt.date
    day: dt.date | None
    shifts: Mapping[str, Shift]
    p_values: Mapping[str, float]
    kernel_p: float | None = None


def detect_drift(series: SentinelSeries, *, vectors: Vectors | None = None, rate: float = RATE) -> DriftFinding:
    """Return what changed in a deployment's nights; at most the share `rate` of the alarms is expected to be false.

    Each stream is compared with its own past. For an endpoint that used to repeat itself exactly, one changed byte is
    enough.

    >>> from leaderboard.drift.sentinel_series import WatchedDeployment
    >>> series = SentinelSeries(
    ...     watched=WatchedDeployment(model="m", suite="sentinel", suite_digest="d"),
    ...     days=tuple(dt.date(2026, 3, day) for day in range(1, 6)),
    ...     prompts=("red circle",),
    ...     streams={"clip_score": np.ones((5, 1))},
    ...     shared=frozenset(),
    ...     media=[["a"], ["a"], ["a"], ["a"], ["b"]],
    ...     keys=(("red circle", 0),),
    ... )
    >>> finding = detect_drift(series)
    >>> list(finding.shifts), finding.day.isoformat()
    (['bytes'], '2026-03-05')
    """
    embeddings = _embeddings(series, vectors) if vectors else None
    changes = {name: likeliest_change(table, shared=name in series.shared) for name, table in series.streams.items()}
    offset = dict.fromkeys(changes, 0)
    if embeddings is not None and len(embeddings) > REFERENCE_NIGHTS:
        changes[EMBEDDINGS] = likeliest_change(distances(embeddings)[REFERENCE_NIGHTS:])
        offset[EMBEDDINGS] = REFERENCE_NIGHTS
    p_values = {name: change.p for name, change in changes.items() if change is not None}
    certain = discoveries(p_values, rate=rate)
    shifts = {name: _shift(change) for name in certain if (change := changes[name]) is not None}
    since = [change.since + offset[name] for name in certain if (change := changes[name]) is not None]
    in_bytes = byte_change(series.media)
    if in_bytes.since is not None:
        shifts, since = {BYTES: Shift(p=0.0), **shifts}, [in_bytes.since]
    if in_bytes.deterministic:
        p_values[BYTES] = 1.0 if in_bytes.since is None else 0.0
    first = min(since[:1], default=None)
    return DriftFinding(
        model=series.watched.model,
        suite=series.watched.suite,
        suite_digest=series.watched.suite_digest,
        nights=len(series.days),
        last=series.days[-1],
        day=None if first is None else series.days[first],
        shifts=shifts,
        p_values=p_values,
        kernel_p=discrepancy(embeddings, first).p if embeddings is not None and first else None,
    )


def before_and_after(series: SentinelSeries, day: dt.date) -> "pd.DataFrame":
    """Return what each sentinel prompt and seed gave last before `day` and first since, as content hashes.

    Columns: prompt, seed, before, after, same. For the page that shows both side by side.

    >>> from leaderboard.drift.sentinel_series import WatchedDeployment
    >>> series = SentinelSeries(
    ...     watched=WatchedDeployment(model="m", suite="sentinel", suite_digest="d"),
    ...     days=(dt.date(2026, 3, 1), dt.date(2026, 3, 2)),
    ...     prompts=("red circle",),
    ...     streams={},
    ...     shared=frozenset(),
    ...     media=[["a"], ["b"]],
    ...     keys=(("red circle", 0),),
    ... )
    >>> before_and_after(series, dt.date(2026, 3, 2)).to_dict("records")
    [{'prompt': 'red circle', 'seed': 0, 'before': 'a', 'after': 'b', 'same': False}]
    """
    import pandas as pd

    earlier = [hashes for night, hashes in zip(series.days, series.media, strict=True) if night < day]
    later = [hashes for night, hashes in zip(series.days, series.media, strict=True) if night >= day]
    rows = []
    for i, (prompt, seed) in enumerate(series.keys):
        before = next((hashes[i] for hashes in reversed(earlier) if hashes[i]), None)
        after = next((hashes[i] for hashes in later if hashes[i]), None)
        same = before is not None and before == after
        rows.append({"prompt": prompt, "seed": seed, "before": before, "after": after, "same": same})
    return pd.DataFrame(rows, columns=["prompt", "seed", "before", "after", "same"])


def _shift(change: Change) -> Shift:
    return Shift(p=change.p, shift=change.shift, low=change.low, high=change.high)


def _embeddings(series: SentinelSeries, vectors: Vectors) -> Array | None:
    """Return embeddings of the prompts and seeds that have one on every night, shape (nights, prompts, dimensions)."""
    complete = [i for i in range(len(series.keys)) if all(night[i] for night in series.media)]
    media = sorted({digest for night in series.media for i in complete if (digest := night[i])})
    vector_of = vectors(media)
    complete = [i for i in complete if all(night[i] in vector_of for night in series.media)]
    if not complete:
        return None
    rows = [[vector_of[digest] for i in complete if (digest := night[i])] for night in series.media]
    return np.array(rows, dtype=np.float64)
