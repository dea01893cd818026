"""Vectors on disk, by encoder and content: one SQLite file that any number of processes share.

A vector is written once and never changes; two processes that make the same one write the same one. What cannot be
read back as a unit vector counts as absent, so a damaged file costs time and never a wrong score.
"""

import contextlib
import hashlib
import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from data.errors import HomeError
from evaluators.embeddings.encoder import Embedding, Vector

FILE: Final = "embeddings.sqlite"

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS embeddings (
    fingerprint TEXT NOT NULL,
    key TEXT NOT NULL,
    vector BLOB NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (fingerprint, key)
) WITHOUT ROWID
"""
_TOLERANCE: Final = 1e-3
_AT_ONCE: Final = 500
_WAIT_SECONDS: Final = 30.0


def image_key(data: bytes) -> str:
    """The key of a picture: blake2b of the file's bytes.

    >>> image_key(b"")[:14]
    'image/0e5751c0'
    """
    return "image/" + hashlib.blake2b(data, digest_size=32).hexdigest()


def frame_key(pixels: npt.NDArray[np.uint8]) -> str:
    """The key of a video's frame: blake2b of its pixels' shape and values, whatever file they were decoded from.

    >>> frame_key(np.zeros((2, 3, 3), np.uint8)) == frame_key(np.zeros((3, 2, 3), np.uint8))
    False
    """
    hashed = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=32)
    hashed.update(np.ascontiguousarray(pixels).data)
    return "frame/" + hashed.hexdigest()


def text_key(text: str) -> str:
    """The key of a prompt: blake2b of its text in UTF-8.

    >>> text_key("a fox") == text_key("a dog")
    False
    """
    return "text/" + hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=32).hexdigest()


def is_unit(vector: Vector) -> bool:
    """Whether `vector` has length 1, to within a thousandth; one with NaN or infinities has not.

    >>> is_unit(np.float32([0.6, 0.8])), is_unit(np.float32([np.nan, 1]))
    (True, False)
    """
    return abs(math.sqrt(np.vdot(vector, vector)) - 1) < _TOLERANCE


class EmbeddingCache:
    """The cache in `folder`, which is made when something is first kept."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def get(self, fingerprint: str, keys: Iterable[str]) -> dict[str, Embedding]:
        """Those of `keys` that this encoder has already made."""
        wanted = list(dict.fromkeys(keys))
        if not wanted or not self.path.is_file():
            return {}
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS)) as connection:
                rows = [row for part in _parts(wanted) for row in _select(connection, fingerprint, part)]
        except sqlite3.DatabaseError:
            return {}
        kept = {key: _embedding(blob, facts) for key, blob, facts in rows}
        return {key: embedding for key, embedding in kept.items() if embedding is not None}

    def put(self, fingerprint: str, embeddings: Mapping[str, Embedding]) -> None:
        """Keep what this encoder made, all or nothing. Raises HomeError when it cannot be written."""
        rows = [
            (fingerprint, key, np.asarray(embedding.vector, dtype="<f4").tobytes(), json.dumps(dict(embedding.facts)))
            for key, embedding in embeddings.items()
        ]
        if not rows:
            return
        try:
            self._insert(rows)
        except sqlite3.DatabaseError:
            # Damaged in a place that only now was read.
            self._forget()
            self._insert(rows)

    def _insert(self, rows: Sequence[tuple[str, str, bytes, str]]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(self._opened()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?, ?)", rows)
        except (OSError, sqlite3.OperationalError) as error:
            raise HomeError(
                f"Expected to write {self.path}, got: {error}. Free some space or check its permissions."
            ) from error

    def _opened(self) -> sqlite3.Connection:
        try:
            return _connect(self.path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._forget()
            return _connect(self.path)

    def _forget(self) -> None:
        """Remove what is not a database any more. It holds nothing that cannot be made again."""
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_WAIT_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _select(connection: sqlite3.Connection, fingerprint: str, keys: Sequence[str]) -> list[tuple[str, bytes, str]]:
    marks = ", ".join("?" * len(keys))
    query = f"SELECT key, vector, facts FROM embeddings WHERE fingerprint = ? AND key IN ({marks})"  # noqa: S608
    return connection.execute(query, (fingerprint, *keys)).fetchall()


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


def _embedding(blob: bytes, facts: str) -> Embedding | None:
    vector = _unit(blob)
    with contextlib.suppress(ValueError):
        return None if vector is None else Embedding(vector, json.loads(facts))
    return None


def _unit(blob: bytes) -> Vector | None:
    if len(blob) % 4:
        return None
    vector = np.frombuffer(blob, dtype="<f4")
    return vector if is_unit(vector) else None
