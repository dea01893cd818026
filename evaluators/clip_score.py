"""`clip_score`: how well a picture fits its prompt, by the cosine of their CLIP embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from data.vocabulary import Metric
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoder import Embedding, Vector
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext

DECLARATION: Final = Declaration(
    name="clip_score",
    version="1",
    modalities=frozenset({"image"}),
    needs=frozenset({"prompt"}),
    metrics=(
        Metric(
            name="clip_score",
            title="CLIP score",
            evaluator="clip_score",
            unit="100 × cosine",
            higher_is_better=True,
            bounds=(-100.0, 100.0),
            kind="quality",
        ),
    ),
)


def score(picture: Vector, text: Vector) -> float:
    """100 · cos of two unit vectors, unclamped: -100 to 100.

    The definition of text-to-image papers, without the prefix and without the 2.5 · max(cos, 0) of Hessel et al. 2021
    (arXiv 2104.08718); a variant is another metric with another name.

    >>> score(np.float32([0.6, 0.8]), np.float32([1, 0]))
    60.0
    """
    return round(100 * float(np.dot(picture.astype(np.float64), text.astype(np.float64))), 5)


@dataclass(frozen=True, slots=True)
class ClipScore:
    """The evaluator. The detail says how much of prompt and picture the encoder saw."""

    embedder: Embedder
    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """The fingerprint of the encoder."""
        return self.embedder.fingerprint

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """One result for each input; the prompt is the user's own, whatever a provider made of it."""
        return [
            {"clip_score": MetricResult(None, pair) if isinstance(pair, str) else _result(*pair)}
            for pair in self.embedder.pairs(batch)
        ]


def _result(picture: Embedding, text: Embedding) -> MetricResult:
    return MetricResult(score(picture.vector, text.vector), detail={**text.facts, **picture.facts})
