"""`video_clip_score`: how well a video's frames fit its prompt, each by itself, and whether that changes with time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from data.serialization import digest
from data.vocabulary import Metric, Prompt
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoder import Embedding
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext
from evaluators.video.frame_vectors import FrameVectors, frame_vectors
from evaluators.video.frames import POLICY
from evaluators.video.similarity import Vectors

EACH_FRAME: Final = "each_frame"
"""The key of an expectation under which a suite says what each frame shows; without it the prompt says it."""


def _metric(name: str, title: str, **changes: Any) -> Metric:
    facts: dict[str, Any] = {"unit": "100 × cosine", "bounds": (-100.0, 100.0), "kind": "sensor"}
    return Metric(name=name, title=title, evaluator="video_clip_score", higher_is_better=True, **facts | changes)


DECLARATION: Final = Declaration(
    name="video_clip_score",
    version="1",
    modalities=frozenset({"video"}),
    needs=frozenset({"frames", "prompt"}),
    metrics=(
        _metric("video_clip_score", "CLIP score of the frames (sees no motion)", kind="quality"),
        _metric("video_clip_score_least", "CLIP score of the least fitting frame"),
        _metric("video_clip_score_slope", "Change of the CLIP score", unit="100 × cosine/s", bounds=(None, None)),
    ),
)


def frame_text(prompt: Prompt) -> str:
    """Return the words that a single frame is compared with: no frame shows that something moves.

    >>> frame_text(Prompt(id="p", text="a dog runs", category="c", expectation={"each_frame": "a dog"}))
    'a dog'
    """
    stated = (prompt.expectation or {}).get(EACH_FRAME)
    return stated if isinstance(stated, str) and stated.strip() else prompt.text


def frame_scores(vectors: Vectors, text: Vectors) -> npt.NDArray[np.float64]:
    """100 · cos of each unit row of `vectors` (n, d) with the unit vector `text` (d,), unclamped.

    >>> frame_scores(np.float32([[0.6, 0.8], [0, 1]]), np.float32([0, 1])).round(3).tolist()
    [80.0, 100.0]
    """
    return 100 * (np.asarray(vectors, dtype=np.float64) @ np.asarray(text, dtype=np.float64))


def slope(scores: npt.NDArray[np.float64], times: npt.NDArray[np.float64]) -> float | None:
    """Return the change of the scores a second, by least squares; None for fewer than two moments.

    >>> slope(np.array([20.0, 21.0, 22.0]), np.array([0.0, 0.5, 1.0]))
    2.0
    """
    if len(scores) < 2 or np.ptp(times) == 0:
        return None
    centred = times - times.mean()
    return round(float(centred @ scores / (centred @ centred)), 5)


@dataclass(frozen=True, slots=True)
class VideoClipScore:
    """The evaluator. Frames are sampled by time; the detail says how many, and how much of them the encoder saw."""

    embedder: Embedder
    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers the encoder, and which frames it sees."""
        return digest({"encoder": self.embedder.fingerprint, "frames": POLICY})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Three results for each input."""
        texts = self.embedder.prompts([frame_text(eval_input.prompt) for eval_input in batch])
        frames = frame_vectors(self.embedder, [eval_input.clip for eval_input in batch])
        return [_results(*pair) for pair in zip(frames, texts, strict=True)]


def _results(frames: FrameVectors | str, text: Embedding | str) -> MetricResults:
    if isinstance(text, str):
        return _missing(text)
    if isinstance(frames, str):
        return _missing(frames)
    scores = frame_scores(frames.vectors, text.vector)
    change = slope(scores, frames.times)
    least = int(scores.argmin())
    return {
        "video_clip_score": MetricResult(
            round(float(scores.mean()), 5), detail={**text.facts, **frames.facts, "frames": len(scores)}
        ),
        "video_clip_score_least": MetricResult(
            round(float(scores[least]), 5), detail={"frame": int(frames.indices[least])}
        ),
        "video_clip_score_slope": MetricResult(change, None if change is not None else "It shows a single moment."),
    }


def _missing(reason: str) -> MetricResults:
    return dict.fromkeys((metric.name for metric in DECLARATION.metrics), MetricResult(None, reason))
