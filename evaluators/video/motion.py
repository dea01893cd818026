"""`motion`: how much moves, how evenly, what flickers, what the camera does. Sensors: more of it is not better."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from data.serialization import digest
from data.video.clip import Clip
from data.vocabulary import Metric
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext
from evaluators.video import flow, motion_measures
from evaluators.video.frames import POLICY

MOST_FRAMES: Final = 360
"""Frames between which motion is followed; of clips with more, every second one (or third, …), to bound memory."""

TOO_SHORT: Final = "It has fewer than three frames."


def _sensor(name: str, title: str, unit: str, *, neutral: bool = True, beside: str | None = None) -> Metric:
    return Metric(
        name=name,
        title=title,
        evaluator="motion",
        unit=unit,
        higher_is_better=False,
        bounds=(None, None) if name == "camera_zoom" or name == "camera_roll" else (0.0, None),
        kind="sensor",
        neutral=neutral,
        beside=beside,
    )


DECLARATION: Final = Declaration(
    name="motion",
    version="1",
    modalities=frozenset({"video"}),
    needs=frozenset({"frames"}),
    metrics=(
        _sensor("dynamic_degree", "How fast the fastest twentieth moves", "diagonals/s"),
        _sensor("flicker", "Brightness that jumps, motion taken out", "%", neutral=False, beside="dynamic_degree"),
        _sensor("jerk", "Unevenness of motion", "diagonals/s²", beside="dynamic_degree"),
        _sensor("camera_pan", "Camera: pan", "diagonals/s"),
        _sensor("camera_zoom", "Camera: zoom", "ln scale/s"),
        _sensor("camera_roll", "Camera: roll", "degrees/s"),
        _sensor("cuts", "Cuts", "cuts"),
    ),
)


@dataclass(frozen=True, slots=True)
class Motion:
    """The evaluator. Motion is measured at 256 pixels of the longer side, at the moments that the file gives."""

    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers decoding and the constants of the measures."""
        return digest(
            {
                "frames": POLICY,
                "most": MOST_FRAMES,
                "side": flow.LONGER_SIDE,
                "fastest": motion_measures.FASTEST_SHARE,
                "cut": [motion_measures.CUT_DISTANCE, motion_measures.CUT_RESIDUAL],
                "camera": motion_measures.CAMERA_SHARE,
            }
        )

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Seven results for each input."""
        return [_results(eval_input.clip) for eval_input in batch]


def _results(clip: Clip) -> MetricResults:
    stride = -(-len(clip.times) // MOST_FRAMES)
    frames, times = clip.frames[::stride], np.asarray(clip.times)[::stride]
    if len(times) < 2 or not (np.diff(times) > 0).all():
        return dict.fromkeys(
            (metric.name for metric in DECLARATION.metrics), MetricResult(None, "Nothing can move in it.")
        )
    series = flow.flow_series(frames, times)
    camera = motion_measures.camera_motion(series)
    cuts = [stride * index for index in motion_measures.cuts(frames, series)]
    return {
        "dynamic_degree": MetricResult(round(motion_measures.dynamic_degree(series), 6)),
        "flicker": _or_too_short(motion_measures.flicker(series)),
        "jerk": _or_too_short(motion_measures.jerk(series)),
        "camera_pan": MetricResult(round(camera.pan, 6), detail={"share": round(camera.share, 4)}),
        "camera_zoom": MetricResult(round(camera.zoom, 6)),
        "camera_roll": MetricResult(round(camera.roll, 6)),
        "cuts": MetricResult(float(len(cuts)), detail={"frames": cuts[:32]} if cuts else None),
    }


def _or_too_short(value: float | None) -> MetricResult:
    return MetricResult(None, TOO_SHORT) if value is None else MetricResult(round(value, 6))
