"""`delivery_loss`: what a video loses on its way to the browser: the master's score minus the delivery file's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from data.embedded import detector
from data.embedded.motion import check
from data.serialization import digest
from data.video.clip import Clip, Pixels
from data.video.encode import enlargement
from data.vocabulary import Metric
from evaluators.decoder_errors import UndecodableError
from evaluators.embeddings.embedder import NO_VECTOR, Embedder
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext
from evaluators.video.clip_score import frame_scores, frame_text
from evaluators.video.frame_vectors import stacked
from evaluators.video.frames import POLICY, sampled
from evaluators.video.motion_check import motion_verdict

MOST_COMPARED: Final = 8
"""Frames of each file that the encoder compares."""

NO_DELIVERY: Final = "Its master is what was delivered."
MISSING: Final = "The media store does not hold the file that was delivered to browsers, or holds another."


def _loss(name: str, title: str, unit: str, bound: float) -> Metric:
    return Metric(
        name=name,
        title=title,
        evaluator="delivery_loss",
        unit=unit,
        higher_is_better=False,
        bounds=(-bound, bound),
        kind="sensor",
    )


DECLARATION: Final = Declaration(
    name="delivery_loss",
    version="1",
    modalities=frozenset({"video"}),
    needs=frozenset({"frames"}),
    metrics=(
        _loss("delivery_loss_check", "Right in the master and not as delivered", "share", 1.0),
        _loss("delivery_loss_clip", "CLIP score lost by delivery", "100 × cosine", 200.0),
    ),
)


@dataclass(frozen=True, slots=True)
class DeliveryLoss:
    """The evaluator. The delivery file's frames are brought back to the master's size before they are compared."""

    embedder: Embedder
    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers the encoder, the check, and which frames are compared."""
        checks = [detector.VERSION, check.VERSION]
        return digest({"encoder": self.embedder.fingerprint, "frames": POLICY, "most": MOST_COMPARED, "check": checks})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Two results for each input; the delivery files are decoded one after another."""
        return [self._results(eval_input) for eval_input in batch]

    def _results(self, eval_input: EvalInput) -> MetricResults:
        try:
            delivered = eval_input.delivered_clip()
        except UndecodableError as error:
            return _missing(f"The delivered file cannot be read: {error}")
        if delivered is None:
            return _missing(NO_DELIVERY if eval_input.sample.delivery is None else MISSING)
        if len(delivered.times) != len(eval_input.clip.times):
            return _missing(f"It has {len(eval_input.clip.times)} frames, and {len(delivered.times)} as delivered.")
        return {
            "delivery_loss_check": _check_loss(eval_input, delivered),
            "delivery_loss_clip": self._clip_loss(eval_input, delivered),
        }

    def _clip_loss(self, eval_input: EvalInput, delivered: Clip) -> MetricResult:
        (text,) = self.embedder.prompts([frame_text(eval_input.prompt)])
        if isinstance(text, str):
            return MetricResult(None, text)
        chosen = _compared(eval_input.clip)
        height, width = eval_input.clip.frames.shape[1:3]
        pairs = [eval_input.clip.frames[chosen], brought_back(delivered.frames[chosen], width, height)]
        master, browser = (stacked(self.embedder.frames(list(frames))) for frames in pairs)
        if isinstance(master, str) or isinstance(browser, str):
            return MetricResult(None, NO_VECTOR)
        loss = frame_scores(master, text.vector).mean() - frame_scores(browser, text.vector).mean()
        return MetricResult(round(float(loss), 5), detail={"frames": len(chosen)})


def brought_back(frames: Pixels, width: int, height: int) -> Pixels:
    """Return delivered frames at the master's size: the mean of the pixels that stand for each of its pixels.

    A repeated last row or column is cut off first.

    >>> brought_back(np.full((2, 256, 256, 3), 7, np.uint8), 32, 32).shape
    (2, 32, 32, 3)
    """
    import cv2

    factor = enlargement(width, height)
    whole = frames[:, : height * factor, : width * factor]
    if whole.shape[1:3] == (height, width):
        return whole
    return np.stack([cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in whole])


def _check_loss(eval_input: EvalInput, delivered: Clip) -> MetricResult:
    expectation = eval_input.prompt.expectation
    if expectation is None:
        return MetricResult(None, "The prompt states no expectation.")
    height, width = eval_input.clip.frames.shape[1:3]
    master = motion_verdict(expectation, eval_input.clip.frames)
    browser = motion_verdict(expectation, brought_back(delivered.frames, width, height))
    if isinstance(master, str) or isinstance(browser, str):
        return MetricResult(None, str(master))
    return MetricResult(float(master.correct) - float(browser.correct))


def _compared(clip: Clip) -> npt.NDArray[np.intp]:
    """Some of the frames that the encoder saw already."""
    seen = sampled(clip)
    return seen[np.unique(np.linspace(0, len(seen) - 1, min(MOST_COMPARED, len(seen))).round().astype(np.intp))]


def _missing(reason: str) -> MetricResults:
    return dict.fromkeys((metric.name for metric in DECLARATION.metrics), MetricResult(None, reason))
