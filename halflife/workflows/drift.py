"""The wiring of drift: the instrument against its frozen set, deployments against their own past, and what follows."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from data.home import Home
    from data.lifecycle.states import StateChange
    from leaderboard.drift.detection import DriftFinding, Vectors
    from leaderboard.inference.intervals import Array


def check_encoder(home: "Home", card: Path | None = None) -> float:
    """Score the frozen reference set again and return how far a cosine moved. Raises InstrumentError over 1e-4."""
    from evaluators.embeddings.encoders import chosen_encoder
    from evaluators.reference_set import check_instrument

    return check_instrument(chosen_encoder(card), home.lifecycle / "instrument")


def watch(home: "Home", card: Path | None = None) -> "tuple[DriftFinding, ...]":
    """Hold every deployment with sentinel prompts against its own past; mark and quarantine those that changed.

    A mark restarts the deployment's clock: what came before it is another revision. Again the same night does nothing
    new. Raises StoreBusyError while another process owns the store.
    """
    from data.store.warehouse import Warehouse

    with Warehouse.own(home) as warehouse:
        warehouse.ingest_lifecycle()
        with warehouse.cursor() as cursor:
            found = _findings(cursor, _vectors(home, card))
        changed = [one for one in found if one.shifts]
        if changed:
            _mark(home, changed)
            warehouse.ingest_lifecycle()
            warehouse.publish()
    return tuple(found)


def _findings(cursor: "duckdb.DuckDBPyConnection", vectors: "Vectors") -> "list[DriftFinding]":
    from leaderboard.drift.detection import detect_drift
    from leaderboard.reports.sentinel_nights import sentinel_nights, watched_deployments

    series = [sentinel_nights(cursor, deployment) for deployment in watched_deployments(cursor)]
    return [detect_drift(nights, vectors=vectors) for nights in series if nights is not None]


def _vectors(home: "Home", card: Path | None) -> "Vectors":
    """Give the embeddings that scoring left in the cache; a picture that was not embedded has none."""
    from data.errors import UnknownNameError
    from data.media import MediaStore
    from evaluators.embeddings.cache import EmbeddingCache, image_key
    from evaluators.embeddings.encoders import chosen_encoder

    cache, media, fingerprint = EmbeddingCache(home.cache), MediaStore(home.media), chosen_encoder(card).fingerprint

    def vectors(wanted: list[str]) -> "dict[str, Array]":
        keys = {}
        for name in wanted:
            try:
                keys[name] = image_key(media.path(name).read_bytes())
            except (UnknownNameError, OSError):
                continue
        known = cache.get(fingerprint, keys.values())
        return {name: known[key].vector.astype("float64") for name, key in keys.items() if key in known}

    return vectors


def _mark(home: "Home", changed: "Sequence[DriftFinding]") -> None:
    """Journal the marks, then the quarantines: a mark without a quarantine is made good by the next night."""
    from data.lifecycle.drift_marks import DriftMark, marks, write_marks
    from data.lifecycle.states import fold, history, write_states

    now, before = dt.datetime.now(dt.UTC), marks(home)
    new: list[DriftMark] = [
        DriftMark(
            model=one.model,
            suite=one.suite,
            day=one.day or one.last,
            found_on=one.last,
            shifts=one.shifts,
            at=now,
            revision=sum(mark.model == one.model for mark in before) + 1,
        )
        for one in changed
    ]
    states = fold(history(home))
    quarantines: dict[str, StateChange] = {}
    for one in changed:
        held = states.get(one.model)
        if held is None or held.state not in ("quarantined", "retired"):
            quarantines[one.model] = _quarantine(one, held, now)
    write_states(home, quarantines.values())
    write_marks(home, new)


def _quarantine(one: "DriftFinding", held: "StateChange | None", now: dt.datetime) -> "StateChange":
    from data.lifecycle.states import StateChange

    what = ", ".join(list(one.shifts)[:4])
    day = one.last if held is None else max(one.last, held.day)
    return StateChange(
        model=one.model,
        state="quarantined",
        day=day,
        by="drift",
        at=now,
        reason=f"It changed silently on {one.day}: {what}.",
        successor=held.successor if held else None,
    )
