"""What the sentinel prompts made, night by night: a stream of shape (nights, prompts) for everything that is watched.

Sentinels are the prompts of a suite called `sentinel`, and those of any suite that are tagged so. Only the live
calendar counts, only nights of one revision, and only numbers of the newest evaluator version and instrument.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderboard.inference.intervals import Array

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SENTINEL = "sentinel"

WATCHED = """
    SELECT DISTINCT daily.model, daily.suite, daily.suite_digest
    FROM daily_runs AS daily JOIN prompts USING (run_id)
    WHERE daily.calendar = 'live' AND (daily.suite = 'sentinel' OR list_contains(prompts.tags, 'sentinel'))
    ORDER BY ALL
"""
RUNS = """
    SELECT daily.day, daily.run_id, models.revision, models.location
    FROM daily_runs AS daily JOIN models USING (run_id, model)
    WHERE daily.calendar = 'live' AND daily.suite_digest = $digest AND daily.model = $model
    ORDER BY daily.day
"""
SAMPLES = """
    SELECT samples.day, samples.prompt, samples.seed, media, media_bytes, seconds, call
    FROM samples JOIN prompts USING (run_id, prompt)
    WHERE list_contains($runs, samples.run_id) AND samples.model = $model AND status = 'ok'
      AND ($suite = 'sentinel' OR list_contains(prompts.tags, 'sentinel'))
    ORDER BY samples.day, samples.prompt, samples.seed
"""
MEANS = """
    SELECT metric, version, fingerprint, means.day, prompt, mean
    FROM daily_prompt_means AS means JOIN metrics USING (metric)
    WHERE means.calendar = 'live' AND means.suite_digest = $digest AND means.model = $model AND metrics.kind <> 'gate'
    ORDER BY ALL
"""
MARKED = "SELECT max(day) FROM drift_marks WHERE model = ? AND suite = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedDeployment:
    """A deployment on a suite with sentinels."""

    model: str
    suite: str
    suite_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelSeries:
    """The nights of one revision of a deployment: `streams` of shape (nights, prompts), NaN for what is missing.

    `shared` names the streams in which whole nights vary. `media` holds the content hashes, nights × (prompt, seed).
    """

    watched: WatchedDeployment
    days: tuple[dt.date, ...]
    prompts: tuple[str, ...]
    streams: Mapping[str, Array]
    shared: frozenset[str]
    media: Sequence[Sequence[str | None]]
    keys: tuple[tuple[str, int], ...]


def watched(cursor: "duckdb.DuckDBPyConnection") -> list[WatchedDeployment]:
    """Return every deployment that has made sentinel prompts on the live calendar."""
    return [WatchedDeployment(model=m, suite=s, suite_digest=d) for m, s, d in cursor.execute(WATCHED).fetchall()]


def nights(
    cursor: "duckdb.DuckDBPyConnection", one: WatchedDeployment, *, whole: bool = False
) -> SentinelSeries | None:
    """Return the nights since a deployment's clock began: its newest revision, or its last marked change.

    `whole` takes every night there is, for a page that shows what was before a change.
    """
    key = {"digest": one.suite_digest, "model": one.model}
    runs = cursor.execute(RUNS, key).fetchall()
    (marked,) = cursor.execute(MARKED, [one.model, one.suite]).fetchone() or (None,)
    same = [run for run in runs if run[2] == runs[-1][2] and (marked is None or run[0] >= marked)]
    runs = runs if whole else same
    parameters: dict[str, Any] = {"runs": [run[1] for run in runs], "model": one.model, "suite": one.suite}
    samples = cursor.execute(SAMPLES, parameters).df()
    if samples.empty:
        return None
    days, prompts = tuple(run[0] for run in runs), tuple(sorted(samples["prompt"].unique()))
    means = cursor.execute(MEANS, key).df()
    means = means[means["day"].dt.date.isin(days) & means["prompt"].isin(prompts)]
    streams = dict(_scores(means, days, prompts)) | dict(_files(samples, days, prompts))
    if runs[-1][3] == "remote":
        streams |= dict(_latency(samples, days, prompts))
    keys, media = _media(samples, days)
    return SentinelSeries(
        watched=one,
        days=days,
        prompts=prompts,
        streams=streams,
        media=media,
        keys=keys,
        shared=frozenset(name for name in streams if name.startswith("latency")),
    )


def _scores(means: "pd.DataFrame", days: Sequence[dt.date], prompts: Sequence[str]) -> Iterator[tuple[str, Array]]:
    for metric, rows in means.groupby("metric", sort=True):
        newest = rows.sort_values(["day", "version", "fingerprint"]).iloc[-1]
        same = rows[(rows["version"] == newest["version"]) & (rows["fingerprint"] == newest["fingerprint"])]
        yield str(metric), _table(same.rename(columns={"mean": "value"}), days, prompts)


def _files(samples: "pd.DataFrame", days: Sequence[dt.date], prompts: Sequence[str]) -> Iterator[tuple[str, Array]]:
    held = samples.dropna(subset=["media_bytes"])
    sizes = _table(held.assign(value=np.log(held["media_bytes"].astype(float))), days, prompts)
    yield "size", sizes
    yield "size spread", _spread(sizes)


def _latency(samples: "pd.DataFrame", days: Sequence[dt.date], prompts: Sequence[str]) -> Iterator[tuple[str, Array]]:
    """A local pipeline's seconds are its machine's; a remote endpoint's are watched, on a logarithmic scale."""
    steady = samples[(samples["call"] == "steady") & (samples["seconds"] > 0)]
    seconds = _table(steady.assign(value=np.log(steady["seconds"].astype(float))), days, prompts)
    yield "latency", seconds
    yield "latency spread", _spread(seconds)


def _table(rows: "pd.DataFrame", days: Sequence[dt.date], prompts: Sequence[str]) -> Array:
    """Return the mean value of each night and prompt, seeds averaged."""
    import pandas as pd

    table = rows.pivot_table(index="day", columns="prompt", values="value", aggfunc="mean")
    return table.reindex(index=pd.to_datetime(list(days)), columns=list(prompts)).to_numpy(dtype=np.float64)


def _spread(table: Array) -> Array:
    """Return how far each value is from what its prompt's first nights had in the middle."""
    first = table[:7]
    known = np.isfinite(first).any(axis=0)
    middle = np.full(table.shape[1], np.nan)
    middle[known] = np.nanmedian(first[:, known], axis=0)
    return np.asarray(np.abs(table - middle), dtype=np.float64)


def _media(
    samples: "pd.DataFrame", days: Sequence[dt.date]
) -> "tuple[tuple[tuple[str, int], ...], list[list[str | None]]]":
    rows = zip(samples["day"].dt.date, samples["prompt"], samples["seed"].astype(int), samples["media"], strict=True)
    found: dict[tuple[dt.date, str, int], str] = {}
    for day, prompt, seed, media in rows:
        if isinstance(media, str):
            found[day, prompt, seed] = media
    keys = tuple(sorted({(prompt, seed) for _, prompt, seed in found}))
    return keys, [[found.get((day, *key)) for key in keys] for day in days]
