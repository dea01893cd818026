"""The nights of one deployment's sentinel prompts: a table of shape (nights, prompts) for each metric that is watched.

Only numbers of the newest evaluator version and instrument count.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leaderboard.inference.vocabulary import Array

if TYPE_CHECKING:
    import pandas as pd

FIRST_NIGHTS = 7
"""Nights whose median a spread is measured from."""


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


def series_of(
    deployment: WatchedDeployment,
    days: tuple[dt.date, ...],
    *,
    samples: "pd.DataFrame",
    means: "pd.DataFrame",
    remote: bool,
) -> SentinelSeries:
    """Return a deployment's series on `days` from its samples and prompt means.

    `samples` has the columns day, prompt, prompt_unit, seed, media, media_bytes, seconds, call; `means` metric,
    version, fingerprint, day, prompt_unit, mean. Entries of one `prompt_unit` are one prompt of the streams. Only a
    `remote` deployment's latency is watched: a local one's is its machine's.

    >>> import pandas as pd
    >>> days = pd.to_datetime(["2026-03-01", "2026-03-02"])
    >>> samples = pd.DataFrame({"day": days, "prompt": "p", "prompt_unit": "p", "seed": 0, "media": ["a", "b"]})
    >>> samples = samples.assign(media_bytes=[100, 110], seconds=1.0, call="steady")
    >>> means = pd.DataFrame({"metric": "clip_score", "version": "1", "fingerprint": "f", "day": days})
    >>> series = series_of(
    ...     WatchedDeployment(model="m", suite="sentinel", suite_digest="d"),
    ...     tuple(day.date() for day in days),
    ...     samples=samples,
    ...     means=means.assign(prompt_unit="p", mean=[0.5, 0.6]),
    ...     remote=False,
    ... )
    >>> list(series.streams), series.streams["clip_score"].tolist(), series.media
    (['clip_score', 'size', 'size spread'], [[0.5], [0.6]], [['a'], ['b']])
    """
    prompts = tuple(sorted(samples["prompt_unit"].unique()))
    means = means[means["day"].dt.date.isin(days) & means["prompt_unit"].isin(prompts)]
    streams = dict(_scores(means, days, prompts)) | dict(_file_sizes(samples, days, prompts))
    if remote:
        streams |= dict(_latency(samples, days, prompts))
    keys, media = _media(samples, days)
    return SentinelSeries(
        watched=deployment,
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


def _file_sizes(
    samples: "pd.DataFrame", days: Sequence[dt.date], prompts: Sequence[str]
) -> Iterator[tuple[str, Array]]:
    files = samples.dropna(subset=["media_bytes"])
    sizes = _table(files.assign(value=np.log(files["media_bytes"].astype(float))), days, prompts)
    yield "size", sizes
    yield "size spread", _spread(sizes)


def _latency(samples: "pd.DataFrame", days: Sequence[dt.date], prompts: Sequence[str]) -> Iterator[tuple[str, Array]]:
    """Yield the latency of steady calls on a logarithmic scale, and its spread."""
    steady = samples[(samples["call"] == "steady") & (samples["seconds"] > 0)]
    seconds = _table(steady.assign(value=np.log(steady["seconds"].astype(float))), days, prompts)
    yield "latency", seconds
    yield "latency spread", _spread(seconds)


def _table(rows: "pd.DataFrame", days: Sequence[dt.date], prompts: Sequence[str]) -> Array:
    """Return the mean value of each night and prompt, seeds averaged."""
    import pandas as pd

    table = rows.pivot_table(index="day", columns="prompt_unit", values="value", aggfunc="mean")
    return table.reindex(index=pd.to_datetime(list(days)), columns=list(prompts)).to_numpy(dtype=np.float64)


def _spread(table: Array) -> Array:
    """Return the distance of each value from the median of its prompt's first nights."""
    first = table[:FIRST_NIGHTS]
    measured = np.isfinite(first).any(axis=0)
    median = np.full(table.shape[1], np.nan)
    median[measured] = np.nanmedian(first[:, measured], axis=0)
    return np.asarray(np.abs(table - median), dtype=np.float64)


def _media(
    samples: "pd.DataFrame", days: Sequence[dt.date]
) -> "tuple[tuple[tuple[str, int], ...], list[list[str | None]]]":
    rows = zip(samples["day"].dt.date, samples["prompt"], samples["seed"].astype(int), samples["media"], strict=True)
    hashes: dict[tuple[dt.date, str, int], str] = {}
    for day, prompt, seed, media in rows:
        if isinstance(media, str):
            hashes[day, prompt, seed] = media
    keys = tuple(sorted({(prompt, seed) for _, prompt, seed in hashes}))
    return keys, [[hashes.get((day, *key)) for key in keys] for day in days]
