"""`temporal_consistency`: how alike a video's frames stay, over the time between them.

A still clip wins it, so it is a sensor, and its declaration says that motion stands beside it wherever it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from data.serialization import digest
from data.vocabulary import Metric
from evaluators.embeddings.embedder import Embedder
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext
from evaluators.video.frame_vectors import FrameVectors, frame_vectors
from evaluators.video.frames import POLICY
from evaluators.video.similarity import consistency_curve, half_decay


def _metric(name: str, title: str, **changes: Any) -> Metric:
    facts: dict[str, Any] = {"unit": "cosine", "bounds": (-1.0, 1.0), "beside": "dynamic_degree"}
    return Metric(
        name=name,
        title=title,
        evaluator="temporal_consistency",
        higher_is_better=True,
        kind="sensor",
        **facts | changes,
    )


DECLARATION: Final = Declaration(
    name="temporal_consistency",
    version="1",
    modalities=frozenset({"video"}),
    needs=frozenset({"frames"}),
    metrics=(
        _metric("temporal_consistency", "Frames alike, at all distances (a still clip wins)"),
        _metric("neighbour_consistency", "Neighbouring frames alike (a still clip wins)"),
        _metric("consistency_half_decay", "Time until frames are half as alike", unit="s", bounds=(0.0, None)),
    ),
)


@dataclass(frozen=True, slots=True)
class TemporalConsistency:
    """The evaluator. It reads the vectors that `video_clip_score` reads; the detail holds the whole curve."""

    embedder: Embedder
    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers the encoder, and which frames it sees."""
        return digest({"encoder": self.embedder.fingerprint, "frames": POLICY})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Three results for each input."""
        return [_results(frames) for frames in frame_vectors(self.embedder, [each.clip for each in batch])]


def _results(frames: FrameVectors | str) -> MetricResults:
    if isinstance(frames, str) or len(frames.times) < 2:
        reason = frames if isinstance(frames, str) else "It shows a single moment."
        return dict.fromkeys((metric.name for metric in DECLARATION.metrics), MetricResult(None, reason))
    curve = consistency_curve(frames.vectors)
    step = float(np.mean(np.diff(frames.times)))
    decay = half_decay(curve, step)
    detail = {"step_seconds": round(step, 5), "curve": [round(float(cosine), 5) for cosine in curve]}
    return {
        "temporal_consistency": MetricResult(round(float(curve.mean()), 6), detail=detail),
        "neighbour_consistency": MetricResult(round(float(curve[0]), 6)),
        "consistency_half_decay": MetricResult(None, "Its frames do not differ.")
        if decay is None
        else MetricResult(round(decay, 5)),
    }
