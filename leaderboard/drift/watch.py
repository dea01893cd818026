"""Everything that is watched of one deployment, held together: what changed, since which night, and how surely."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.lifecycle.drift_marks import Shift
from leaderboard.drift.benjamini_hochberg import discoveries
from leaderboard.drift.exact import byte_change
from leaderboard.drift.kernel import REFERENCE_NIGHTS, discrepancy, distances
from leaderboard.drift.sentinel_series import SentinelSeries
from leaderboard.drift.sequence import Change, change
from leaderboard.inference.intervals import Array

if TYPE_CHECKING:
    import pandas as pd

BYTES = "bytes"
EMBEDDINGS = "embeddings"
RATE = 0.1
"""Ville's bound for ever, which 200 nights do not come near: `python -m benchmarks.drift_detection --series 400` counts
alarms in 1.2 to 1.8 % of quiet series, and finds half a standard deviation within 5 nights in 93.5 % of series or more
once there are 14 nights of past (83 to 91 % after 7).
"""

Vectors = Callable[[list[str]], Mapping[str, Array]]
"""Gives the embeddings, by content hash, of those media that have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftFinding:
    """What was found of a deployment: the shifts that are sure, since which day, and every p value that was weighed.

    `shifts` is empty and `day` None where nothing changed. `kernel_p` is the permutation test of embeddings before and
    after, where there are any: a check, not an alarm.
    """

    model: str
    suite: str
    nights: int
    last: dt.date
    day: dt.date | None
    shifts: Mapping[str, Shift]
    p_values: Mapping[str, float]
    kernel_p: float | None = None


def watch(seen: SentinelSeries, *, vectors: Vectors | None = None, rate: float = RATE) -> DriftFinding:
    """Return what changed in a deployment's nights, at most `rate` of the alarms expected to be false.

    Every stream is held against its own past; bytes alone decide where the endpoint used to repeat itself exactly.
    """
    embedded = _embedded(seen, vectors) if vectors else None
    found = {name: change(table, shared=name in seen.shared) for name, table in seen.streams.items()}
    offset = dict.fromkeys(found, 0)
    if embedded is not None and len(embedded) > REFERENCE_NIGHTS:
        found[EMBEDDINGS], offset[EMBEDDINGS] = change(distances(embedded)[REFERENCE_NIGHTS:]), REFERENCE_NIGHTS
    p_values = {name: one.p for name, one in found.items() if one is not None}
    sure = discoveries(p_values, rate=rate)
    shifts = {name: _shift(one) for name in sure if (one := found[name]) is not None}
    exact = byte_change(seen.media)
    since = [one.since + offset[name] for name in sure if (one := found[name]) is not None]
    if exact.since is not None:
        shifts, since = {BYTES: Shift(p=0.0), **shifts}, [exact.since]
    first = min(since[:1], default=None)
    return DriftFinding(
        model=seen.watched.model,
        suite=seen.watched.suite,
        nights=len(seen.days),
        last=seen.days[-1],
        day=None if first is None else seen.days[first],
        shifts=shifts,
        p_values=p_values | ({BYTES: 0.0 if exact.since is not None else 1.0} if exact.deterministic else {}),
        kernel_p=discrepancy(embedded, first).p if embedded is not None and first else None,
    )


def before_and_after(seen: SentinelSeries, day: dt.date) -> "pd.DataFrame":
    """Return what each sentinel prompt and seed made last before `day` and first since, as content hashes.

    Columns: prompt, seed, before, after, same. For the page that shows both side by side.
    """
    import pandas as pd

    earlier = [row for held, row in zip(seen.days, seen.media, strict=True) if held < day]
    later = [row for held, row in zip(seen.days, seen.media, strict=True) if held >= day]
    rows = []
    for i, (prompt, seed) in enumerate(seen.keys):
        old = next((row[i] for row in reversed(earlier) if row[i]), None)
        new = next((row[i] for row in later if row[i]), None)
        rows.append(
            {"prompt": prompt, "seed": seed, "before": old, "after": new, "same": old is not None and old == new}
        )
    return pd.DataFrame(rows, columns=["prompt", "seed", "before", "after", "same"])


def _shift(one: Change) -> Shift:
    return Shift(p=one.p, shift=one.shift, low=one.low, high=one.high)


def _embedded(seen: SentinelSeries, vectors: Vectors) -> Array | None:
    """Return embeddings of the prompts and seeds that have one on every night, shape (nights, prompts, dimensions)."""
    whole = [i for i in range(len(seen.keys)) if all(night[i] for night in seen.media)]
    media = sorted({night[i] for night in seen.media for i in whole if night[i]} - {None})  # type: ignore[type-var]
    known = vectors([one for one in media if one is not None])
    whole = [i for i in whole if all(night[i] in known for night in seen.media)]
    if not whole:
        return None
    return np.array([[known[night[i]] for i in whole] for night in seen.media], dtype=np.float64)  # type: ignore[index]
