"""`r_precision`: whether a picture's own prompt is the nearest to it among all prompts of the suite."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from data.serialization import digest
from data.vocabulary import Metric
from evaluators.embeddings.embedder import Embedder
from evaluators.embeddings.encoder import Vector
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext

DECLARATION: Final = Declaration(
    name="r_precision",
    version="1",
    modality="image",
    needs=frozenset({"prompt"}),
    metrics=(
        Metric(
            name="r_precision",
            title="Own prompt ranked first",
            evaluator="r_precision",
            unit="share",
            higher_is_better=True,
            bounds=(0.0, 1.0),
            kind="quality",
        ),
    ),
)


def rank(picture: Vector, texts: npt.NDArray[np.float32], own: int) -> int:
    """The place of text `own` (1 is the nearest) among `texts`, unit rows of shape (n, d); a tie counts for it.

    >>> rank(np.float32([1, 0]), np.float32([[0.6, 0.8], [0.8, 0.6], [0, 1]]), own=0)
    2
    """
    cosines = texts @ picture
    return 1 + int(np.sum(cosines > cosines[own]))


@dataclass(frozen=True, slots=True)
class RPrecision:
    """R-precision at R = 1 (Xu et al. 2018, arXiv 1711.10485) over the suite's distinct texts.

    It reads the same vectors as `clip_score` and costs no forward pass of its own.
    """

    embedder: Embedder
    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """The encoder's, with the texts among which is ranked."""
        return digest({"encoder": self.embedder.fingerprint, "texts": sorted(_texts(context))})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """One result a eval_input, the rank in its detail."""
        texts = _texts(context)
        place = {text: index for index, text in enumerate(texts)}
        vectors = np.stack([embedding.vector for embedding in self.embedder.texts(texts)])
        found: list[MetricResults] = []
        for eval_input, (picture, _) in zip(batch, self.embedder.pairs(batch), strict=True):
            if isinstance(picture, str):
                found.append({"r_precision": MetricResult(None, picture)})
                continue
            own = rank(picture.vector, vectors, place[eval_input.prompt.text])
            found.append({"r_precision": MetricResult(float(own == 1), detail={"rank": own, "among": len(texts)})})
        return found


def _texts(context: RunContext) -> list[str]:
    return list(dict.fromkeys(prompt.text for prompt in context.prompts))
