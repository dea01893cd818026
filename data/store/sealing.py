"""Sealing a run: its journals folded into Parquet, column by column, and COMMIT.json last.

The Parquet files carry the attempt in their names, so that a crash between them and COMMIT.json leaves the former
seal whole.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from data.commit import Commit, SealedFile
from data.errors import InputFileError
from data.files import storage, write_atomic
from data.runs import JournalFile, RunFolder, fold_samples, fold_scores, incomplete
from data.serialization import bytes_digest, canonical, file_sha256
from data.vocabulary import Load, Sample, Score

Getter = Callable[[Any], Any]

TEXT, REAL, COUNT, FLAG, TIMESTAMP = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.timestamp("us")
STATUSES = ("ok", "refused", "failed", "timed-out", "unknown")

SAMPLES = pa.schema(
    [(name, TEXT) for name in ("run_id", "sample", "model", "prompt", "category")]
    + [("seed", COUNT), ("status", TEXT), ("reason", TEXT), ("started_at", TIMESTAMP), ("call", TEXT)]
    + [(name, REAL) for name in ("seconds", "cpu_seconds", "text_seconds", "decode_seconds", "submit_seconds")]
    + [("download_seconds", REAL), ("step_seconds", pa.list_(REAL))]
    + [(name, COUNT) for name in ("width_asked", "height_asked", "frames_asked", "width", "height", "frames")]
    + [("media", TEXT), ("media_type", TEXT), ("media_bytes", COUNT), ("cost_usd", REAL)]
    + [(name, TEXT) for name in ("cost_source", "seed_support", "request_id", "revised_prompt", "provider_timings")]
    + [("fps_asked", REAL), ("video_seconds_asked", REAL), ("audio_asked", FLAG)]
    + [("fps", REAL), ("video_seconds", REAL), ("audio", FLAG)]
    + [("delivery", TEXT), ("delivery_type", TEXT), ("delivery_bytes", COUNT)]
)
SCORES = pa.schema(
    [(name, TEXT) for name in ("run_id", "sample", "model", "prompt", "category", "metric")]
    + [("value", REAL)]
    + [(name, TEXT) for name in ("reason", "evaluator", "version", "fingerprint", "detail")]
)
LOADS = pa.schema(
    [("run_id", TEXT), ("model", TEXT), ("at", TIMESTAMP), ("import_seconds", REAL), ("load_seconds", REAL)]
)


class ScoredSample(NamedTuple):
    """A score with the sample that it is of."""

    score: Score
    sample: Sample


class Sealing(NamedTuple):
    """What is sealed: planned samples, scores of those that are ok, loads; and how many lines were set aside."""

    samples: list[Sample]
    scores: list[ScoredSample]
    loads: list[Load]
    set_aside: int


def seal(run: RunFolder, *, partial: bool = False, at: dt.datetime | None = None) -> None:
    """Write the journals as Parquet and then COMMIT.json; nothing when they are as they were sealed last.

    `at` is the time of the seal, now without. A run that got new lines since is sealed again under the next attempt.
    Raises HalflifeError when samples of the plan are missing and `partial` does not allow it, JournalError at a damaged
    line.
    """
    at = at or dt.datetime.now(dt.UTC)
    files = run.read_journals()
    digests = {file.path.name: bytes_digest(file.data) for file in files}
    before = run.commit()
    if before is not None:
        _check_whole(run, before, digests)
        if before.journals == digests and before.metrics == tuple(run.metrics()) and _intact(run, before):
            return
    sealing = _fold(run, files)
    missing = len(run.plan.requests) - len(sealing.samples)
    if missing and not partial:
        raise incomplete(run, missing)
    attempt = 1 if before is None else before.attempt + 1
    commit = Commit(
        run_id=run.run_id,
        attempt=attempt,
        committed_at=at if before is None else before.committed_at,
        sealed_at=at,
        plan=file_sha256(run.path / "plan.json"),
        files=_write_tables(run, sealing, attempt),
        counts=_counts(run, sealing),
        journals=digests,
        metrics=tuple(run.metrics()),
    )
    write_atomic(run.path / "COMMIT.json", canonical(commit) + b"\n")
    _remove_former(run, before, commit)


def samples_table(samples: Sequence[Sample]) -> pa.Table:
    """Return samples as a table of the schema `SAMPLES`; timings flat, times as naive UTC, mappings as JSON text."""
    phases = ("seconds", "cpu_seconds", "text_seconds", "decode_seconds", "submit_seconds", "download_seconds")
    special: dict[str, Getter] = {name: _phase(name) for name in (*phases, "step_seconds")}
    special |= {"sample": attrgetter("id"), "started_at": _naive("started_at"), "provider_timings": _json}
    return _table(SAMPLES, samples, special)


def scores_table(scores: Sequence[ScoredSample]) -> pa.Table:
    """Return scores as a table of the schema `SCORES`, each with its sample's run, model, prompt and category."""
    special: dict[str, Getter] = {
        name: attrgetter(f"sample.{name}") for name in ("run_id", "model", "prompt", "category")
    }
    special |= {name: attrgetter(f"score.{name}") for name in SCORES.names if name not in special}
    special["detail"] = _detail
    return _table(SCORES, scores, special)


def loads_table(loads: Sequence[Load]) -> pa.Table:
    """Return loads as a table of the schema `LOADS`."""
    return _table(LOADS, loads, {"at": _naive("at")})


def _fold(run: RunFolder, files: list[JournalFile]) -> Sealing:
    records = run.records(files, "sample", "score", "load")
    folded, scores = fold_samples(records.samples), fold_scores(records.scores)
    samples = {request.id: folded[request.id] for request in run.plan.requests if request.id in folded}
    order = {sample: place for place, sample in enumerate(samples)}
    kept = [
        ScoredSample(score, samples[score.sample])
        for score in scores.values()
        if score.sample in samples and samples[score.sample].status == "ok"
    ]
    kept.sort(key=lambda row: (order[row.sample.id], row.score.metric, row.score.version, row.score.fingerprint))
    loads = sorted(records.loads, key=lambda load: (load.at, load.model))
    return Sealing(list(samples.values()), kept, loads, len(folded) - len(samples) + len(scores) - len(kept))


def _write_tables(run: RunFolder, sealing: Sealing, attempt: int) -> dict[str, SealedFile]:
    tables = {
        "samples": samples_table(sealing.samples),
        "scores": scores_table(sealing.scores),
        "loads": loads_table(sealing.loads),
    }
    sealed = {}
    for title, table in tables.items():
        name = f"{title}.parquet" if attempt == 1 else f"{title}-{attempt}.parquet"
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        data = sink.getvalue().to_pybytes()
        write_atomic(run.path / name, data)
        sealed[title] = SealedFile(name=name, rows=table.num_rows, sha256=bytes_digest(data))
    return sealed


def _counts(run: RunFolder, sealing: Sealing) -> dict[str, int]:
    statuses: Counter[str] = Counter(sample.status for sample in sealing.samples)
    return {
        "planned": len(run.plan.requests),
        "samples": len(sealing.samples),
        **{status: statuses[status] for status in STATUSES},
        "scores": len(sealing.scores),
        "scores_without_value": sum(row.score.value is None for row in sealing.scores),
        "loads": len(sealing.loads),
        "set_aside": sealing.set_aside,
    }


def _check_whole(run: RunFolder, before: Commit, digests: Mapping[str, str]) -> None:
    lost = sorted(before.journals.keys() - digests.keys())
    if lost:
        raise InputFileError(
            run.path / "journal",
            f"Expected the journals that were sealed, got none named {', '.join(lost)}. Restore them.",
        )


def _intact(run: RunFolder, commit: Commit) -> bool:
    paths = [(run.path / file.name, file.sha256) for file in commit.files.values()]
    return all(path.is_file() and file_sha256(path) == sha256 for path, sha256 in paths)


def _remove_former(run: RunFolder, before: Commit | None, commit: Commit) -> None:
    kept = {file.name for file in commit.files.values()}
    with storage(run.path):
        for file in before.files.values() if before else ():
            if file.name not in kept:
                (run.path / file.name).unlink(missing_ok=True)


def _table(schema: pa.Schema, records: Sequence[Any], special: Mapping[str, Getter]) -> pa.Table:
    getters = [special.get(name) or attrgetter(name) for name in schema.names]
    columns = [pa.array(map(get, records), type=kind) for get, kind in zip(getters, schema.types, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def _phase(name: str) -> Getter:
    return lambda sample: None if sample.timing is None else getattr(sample.timing, name)


def _naive(name: str) -> Getter:
    return lambda record: getattr(record, name).astimezone(dt.UTC).replace(tzinfo=None)


def _detail(row: ScoredSample) -> str | None:
    return None if row.score.detail is None else canonical(row.score.detail).decode()


def _json(sample: Sample) -> str | None:
    return None if sample.provider_timings is None else canonical(sample.provider_timings).decode()
