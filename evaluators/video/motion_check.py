"""`motion_check`: whether a clip shows exactly what its prompt of moving shapes says. Nothing is learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from data.embedded import detector
from data.embedded.motion import check, tracks
from data.serialization import digest
from data.video.clip import Pixels
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext, share
from evaluators.reasons import steady
from evaluators.video.frames import POLICY

_TITLES: Final = {
    "motion_correct": "All right: things, motions, order, identity, background",
    "motion_count": "Number of things, in every frame",
    "motion_colour": "Colours, however bound",
    "motion_shape": "Shapes, however bound",
    "motion_binding": "Colours bound to shapes",
    "motion_acts": "Each thing does what was told",
    "motion_speed": "Speed, by the way made within the clip",
    "motion_order": "Order of two acts",
    "motion_identity": "Each thing stays itself",
}
_PARTS: Final = {
    "motion_correct": "correct",
    "motion_count": "count",
    "motion_colour": "colour",
    "motion_shape": "shape",
    "motion_binding": "bound",
    "motion_acts": "motion",
    "motion_speed": "speed",
    "motion_order": "order",
    "motion_identity": "identity",
}
"""The part of the verdict that each metric is."""

_UNASKED: Final = {"motion_speed": "The prompt names no speed.", "motion_order": "The prompt names no order."}

DECLARATION: Final = Declaration(
    name="motion_check",
    version="1",
    modalities=frozenset({"video"}),
    needs=frozenset({"frames", "expectation"}),
    metrics=tuple(share("motion_check", name, title, kind="quality") for name, title in _TITLES.items()),
)


@dataclass(frozen=True, slots=True)
class MotionCheck:
    """The evaluator. Reads clips with the exact check of the world in motion."""

    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers decoding, the detector and the check."""
        return digest({"frames": POLICY, "detector": detector.VERSION, "check": check.VERSION})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Nine results for each input; speed and order have a reason instead where the prompt does not tell them."""
        return [_results(eval_input.prompt.expectation or {}, eval_input.clip.frames) for eval_input in batch]


def motion_verdict(expectation: Mapping[str, Any], frames: Pixels) -> check.MotionVerdict | str:
    """Return whether frames (n, height, width, 3) meet the expectation, or the reason why that cannot be checked."""
    try:
        return check.verdict(expectation, tracks.read(frames))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return f"It is not about moving shapes that can be checked: {steady(error)}"


def _results(expectation: Mapping[str, Any], frames: Pixels) -> MetricResults:
    verdict = motion_verdict(expectation, frames)
    if isinstance(verdict, str):
        return dict.fromkeys(_TITLES, MetricResult(None, verdict))
    results = {name: _part(name, getattr(verdict, part)) for name, part in _PARTS.items()}
    detail = {"motions": list(verdict.motions), "background_as_asked": verdict.background}
    return {**results, "motion_correct": MetricResult(float(verdict.correct), detail=detail)}


def _part(name: str, part: bool | None) -> MetricResult:
    return MetricResult(None, _UNASKED[name]) if part is None else MetricResult(float(part))
