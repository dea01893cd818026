"""`shapes_check`: whether a picture shows exactly the things that its prompt names. Nothing is learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from data.embedded import detector
from data.embedded.detector import Detection, Verdict
from data.serialization import digest
from evaluators import decode
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext, share
from evaluators.reasons import steady

_TITLES: Final = {
    "shapes_correct": "All right: things, place and background",
    "shapes_count": "Number of things",
    "shapes_colour": "Colours, however bound",
    "shapes_shape": "Shapes, however bound",
    "shapes_position": "Relation of the two things",
}

DECLARATION: Final = Declaration(
    name="shapes_check",
    version="1",
    modalities=frozenset({"image"}),
    needs=frozenset({"pixels", "expectation"}),
    metrics=tuple(share("shapes_check", name, title, kind="quality") for name, title in _TITLES.items()),
)


@dataclass(frozen=True, slots=True)
class ShapesCheck:
    """The evaluator. Reads pictures with the exact detector of the world of shapes."""

    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers the canonical decode and the detector."""
        return digest({"decode": decode.VERSION, "detector": detector.VERSION})

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Five results for each input; a position only where the prompt names a relation."""
        return [_results(eval_input) for eval_input in batch]


def _results(eval_input: EvalInput) -> MetricResults:
    expectation = eval_input.prompt.expectation or {}
    try:
        detection = detector.detect(eval_input.picture.pixels)
        verdict = detector.verdict(expectation, detection)
    except (ValueError, TypeError, AttributeError) as error:
        return dict.fromkeys(
            _TITLES, MetricResult(None, f"It is not about shapes that can be checked: {steady(error)}")
        )
    results = {
        "shapes_correct": MetricResult(float(verdict.correct), detail=_detail(detection, verdict)),
        "shapes_count": MetricResult(float(verdict.count)),
        "shapes_colour": MetricResult(float(verdict.colour)),
        "shapes_shape": MetricResult(float(verdict.shape)),
    }
    return {**results, "shapes_position": _position(expectation, verdict)}


def _position(expectation: Mapping[str, Any], verdict: Verdict) -> MetricResult:
    if expectation.get("relation") is None:
        return MetricResult(None, "The prompt names no relation.")
    return MetricResult(float(verdict.position))


def _detail(detection: Detection, verdict: Verdict) -> dict[str, Any]:
    things = [
        {"colour": thing.colour, "shape": thing.shape, "x": round(thing.x, 3), "y": round(thing.y, 3)}
        for thing in detection.things[:8]
    ]
    return {
        "things": things,
        "background": detection.background,
        "bound": verdict.bound,
        "background_as_asked": verdict.background,
    }
