"""Drift: the encoder is compared with its frozen reference set, each deployment with its own past."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import UnknownNameError
from data.home import Home
from data.lifecycle.drift_marks import DriftMark, marks, write_marks
from data.lifecycle.states import StateChange, fold, history, write_states
from data.media import MediaStore
from data.store.patience import Patience
from data.store.warehouse import Warehouse
from evaluators.embeddings.cache import EmbeddingCache, image_key
from evaluators.embeddings.encoders import chosen_encoder
from evaluators.reference_set import check_instrument
from halflife.workflows.publish import publish_recorded
from leaderboard.drift.detection import DriftFinding, Vectors, detect_drift
from leaderboard.inference.vocabulary import Array
from leaderboard.reports.sentinel_nights import sentinel_nights, watched_deployments

if TYPE_CHECKING:
    import duckdb


def check_encoder(home: Home, card: Path | None = None) -> float:
    """Score the frozen reference set again and return how far a cosine moved. Raises InstrumentError over 1e-4."""
    return check_instrument(chosen_encoder(card), home.lifecycle / "instrument")


def watch(home: Home, card: Path | None = None, patience: Patience | None = None) -> tuple[DriftFinding, ...]:
    """Compare every deployment that has sentinel prompts with its own past; mark and quarantine those that changed.

    A mark restarts the deployment's clock: what came before it is another revision. A second call for the same night
    changes nothing. Raises StoreBusyError where another process owns the store for longer than `patience`.
    """
    with Warehouse.own(home, patience) as warehouse:
        warehouse.ingest_lifecycle()
        with warehouse.cursor() as cursor:
            findings = _findings(cursor, _vectors(home, card))
        changed = [finding for finding in findings if finding.shifts]
        if changed:
            _mark(home, changed)
        publish_recorded(warehouse)
    return tuple(findings)


def _findings(cursor: "duckdb.DuckDBPyConnection", vectors: Vectors) -> list[DriftFinding]:
    all_nights = [sentinel_nights(cursor, deployment) for deployment in watched_deployments(cursor)]
    return [detect_drift(nights, vectors=vectors) for nights in all_nights if nights is not None]


def _vectors(home: Home, card: Path | None) -> Vectors:
    """Give the embeddings that scoring left in the cache; a picture that was not embedded has none."""
    cache, media, fingerprint = EmbeddingCache(home.cache), MediaStore(home.media), chosen_encoder(card).fingerprint

    def vectors(names: list[str]) -> dict[str, Array]:
        keys = {}
        for name in names:
            try:
                keys[name] = image_key(media.path(name).read_bytes())
            except (UnknownNameError, OSError):
                continue
        cached = cache.get(fingerprint, keys.values())
        return {name: cached[key].vector.astype("float64") for name, key in keys.items() if key in cached}

    return vectors


def _mark(home: Home, changed: Sequence[DriftFinding]) -> None:
    """Record the quarantines, then the marks: a quarantine without its mark gets it the next night."""
    now, before = dt.datetime.now(dt.UTC), marks(home)
    new: list[DriftMark] = [
        DriftMark(
            model=finding.model,
            suite=finding.suite,
            suite_digest=finding.suite_digest,
            day=finding.day or finding.last,
            found_on=finding.last,
            shifts=finding.shifts,
            at=now,
            revision=sum(mark.model == finding.model for mark in before) + 1,
        )
        for finding in changed
    ]
    states = fold(history(home))
    quarantines: dict[str, StateChange] = {}
    for finding in changed:
        state = states.get(finding.model)
        if state is None or state.state not in ("quarantined", "retired"):
            quarantines[finding.model] = _quarantine(finding, state, now)
    write_states(home, quarantines.values())
    write_marks(home, new)


def _quarantine(finding: DriftFinding, state: StateChange | None, now: dt.datetime) -> StateChange:
    measures = ", ".join(list(finding.shifts)[:4])
    day = finding.last if state is None else max(finding.last, state.day)
    return StateChange(
        model=finding.model,
        state="quarantined",
        day=day,
        by="drift",
        at=now,
        reason=f"It changed silently on {finding.day}: {measures}.",
        successor=state.successor if state else None,
    )
