"""The embeddings of a clip's sampled frames: each frame is encoded once, whatever is computed from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from data.video.clip import Clip
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoder import Embedding
from evaluators.video.frames import sampled
from evaluators.video.similarity import Vectors


@dataclass(frozen=True, slots=True)
class FrameVectors:
    """The sampled frames of one clip: `indices` and `times` (seconds) of shape (n,), `vectors` unit rows (n, d).

    `facts` say how the encoder saw them, alike for all.
    """

    indices: npt.NDArray[np.intp]
    times: npt.NDArray[np.float64]
    vectors: Vectors = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)


def frame_vectors(embedder: Embedder, clips: Sequence[Clip]) -> list[FrameVectors | str]:
    """Return the embedded frames of each clip, or the reason why one of them has no vector.

    All that are not cached go through the encoder together.
    """
    chosen = [sampled(clip) for clip in clips]
    frames = [clip.frames[index] for clip, indices in zip(clips, chosen, strict=True) for index in indices]
    rows = embedder.frames(frames)
    ends = np.cumsum([len(indices) for indices in chosen])
    return [
        _of_clip(clip, indices, rows[end - len(indices) : end])
        for clip, indices, end in zip(clips, chosen, ends, strict=True)
    ]


def stacked(embeddings: Sequence[Embedding | str]) -> Vectors | str:
    """Return the vectors as rows (n, d), or the first reason why there is none."""
    reason = next((embedding for embedding in embeddings if isinstance(embedding, str)), None)
    if reason is not None:
        return reason
    return np.stack([embedding.vector for embedding in embeddings if not isinstance(embedding, str)])


def _of_clip(clip: Clip, indices: npt.NDArray[np.intp], rows: Sequence[Embedding | str]) -> FrameVectors | str:
    vectors = stacked(rows)
    if isinstance(vectors, str):
        return vectors
    facts = next((row.facts for row in rows if not isinstance(row, str)), {})
    return FrameVectors(indices, np.asarray(clip.times, dtype=np.float64)[indices], vectors, facts)
