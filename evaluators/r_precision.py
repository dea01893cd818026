"""`r_precision`: whether a picture's prompt is the nearest to it among all prompts of the suite."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from data.serialization import digest
from evaluators.embeddings.embedder import Embedder, Pair
from evaluators.embeddings.encoder import Vector
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext, share

DECLARATION: Final = Declaration(
    name="r_precision",
    version="1",
    modalities=frozenset({"image"}),
    needs=frozenset({"prompt"}),
    metrics=(share("r_precision", "r_precision", "Own prompt ranked first", kind="quality"),),
)


def rank(picture: Vector, texts: npt.NDArray[np.float32], prompt: int) -> int:
    """The rank of row `prompt` (1 is the nearest) among `texts`, unit rows of shape (n, d); a tie counts for it.

    >>> rank(np.float32([1, 0]), np.float32([[0.6, 0.8], [0.8, 0.6], [0, 1]]), prompt=0)
    2
    """
    cosines = texts @ picture
    return 1 + int(np.sum(cosines > cosines[prompt]))


@dataclass(frozen=True, slots=True)
class RPrecision:
    """R-precision at R = 1 (Xu et al. 2018, arXiv 1711.10485) over the suite's distinct texts.

    It reads the vectors that `clip_score` reads, so it costs no forward pass.
    """

    embedder: Embedder
    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers the encoder and the texts that are ranked."""
        return digest({"encoder": self.embedder.fingerprint, "texts": sorted(_texts(context))})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """One result for each input; the detail says the rank, and how much of prompt and picture the encoder saw."""
        texts = _texts(context)
        embeddings = self.embedder.texts(texts)
        vectors = [embedding.vector for embedding in embeddings if not isinstance(embedding, str)]
        if len(vectors) < len(texts):
            reason = f"The encoder made vectors of {len(vectors)} of the suite's {len(texts)} prompts only."
            return [{"r_precision": MetricResult(None, reason)} for _ in batch]
        rows = {text: index for index, text in enumerate(texts)}
        return [
            {"r_precision": _result(pair, np.stack(vectors), rows[eval_input.prompt.text])}
            for eval_input, pair in zip(batch, self.embedder.pairs(batch), strict=True)
        ]


def _result(pair: Pair | str, texts: npt.NDArray[np.float32], prompt: int) -> MetricResult:
    if isinstance(pair, str):
        return MetricResult(None, pair)
    place = rank(pair.picture.vector, texts, prompt)
    seen = {**pair.text.facts, **pair.picture.facts}
    return MetricResult(float(place == 1), detail={"rank": place, "among": len(texts), **seen})


def _texts(context: RunContext) -> list[str]:
    return list(dict.fromkeys(prompt.text for prompt in context.prompts))
