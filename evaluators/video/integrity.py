"""`video_integrity`: whether a delivered video is usable at all, and is what was asked for. Gates, not quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from data.serialization import digest
from data.video.clip import Clip
from data.vocabulary import Sample
from evaluators import blank
from evaluators.eval_input import Declaration, EvalInput, MetricResult, MetricResults, RunContext, share
from evaluators.integrity import NOT_ASKED, repeated
from evaluators.video.frames import POLICY, sampled
from evaluators.video.motion_measures import SAME_LEVELS, duplicate_share

RATE_TOLERANCE: Final = 0.005
SECONDS_TOLERANCE: Final = 0.02
"""Shares of what was asked; a length may also be off by one frame, as most models' numbers of frames are fixed."""


_gate: Final = partial(share, "video_integrity", kind="gate")

DECLARATION: Final = Declaration(
    name="video_integrity",
    version="2",
    modalities=frozenset({"video"}),
    needs=frozenset(),
    metrics=(
        _gate("video_ok", "Sound: decodes, not blank, no duplicate, all as asked"),
        _gate("video_blank", "Blank frames", higher_is_better=False),
        _gate("video_frozen", "Every frame the same (a prompt may ask for stillness)", higher_is_better=False),
        _gate("duplicate_frames", "Frames that show the one before once more", higher_is_better=False),
        _gate("video_duplicate", "The same file for another prompt", higher_is_better=False),
        _gate("frames_as_asked", "As many frames as asked for"),
        _gate("rate_as_asked", "As many frames a second as asked for"),
        _gate("seconds_as_asked", "As long as asked for"),
        _gate("video_size_as_asked", "Delivered in the size asked for"),
        _gate("audio_as_asked", "With the sound that was asked for"),
    ),
)

_AS_ASKED: Final = tuple(metric.name for metric in DECLARATION.metrics if metric.name.endswith("_as_asked"))


@dataclass(frozen=True, slots=True)
class VideoIntegrity:
    """The evaluator. A file that does not decode is not sound, and its other gates say why they are missing.

    Frozen and duplicate frames do not make a video unsound: some prompts ask for stillness. Blank frames do where there
    are no others.
    """

    declaration: Declaration = DECLARATION

    def fingerprint(self, context: RunContext) -> str:
        """Covers decoding, sampling and thresholds."""
        return digest(
            {
                "frames": POLICY,
                "blank": [blank.SPREAD, blank.SHARE],
                "same": SAME_LEVELS,
                "tolerances": [RATE_TOLERANCE, SECONDS_TOLERANCE],
            }
        )

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """Ten results for each input. Duplicates are those among the samples of the run."""
        twins = repeated(context)
        return [_results(eval_input, twins.get(eval_input.sample.id)) for eval_input in batch]


def as_asked(clip: Clip, sample: Sample) -> dict[str, bool | None]:
    """Return for each `…_as_asked` whether it is; None where nothing was asked."""
    rate, size = clip.frames_per_second, (clip.file.width, clip.file.height)
    if clip.file.rotation in (90, 270):
        size = size[::-1]
    return {
        "frames_as_asked": len(clip.times) == sample.frames_asked if sample.frames_asked > 1 else None,
        "rate_as_asked": _near(rate, sample.fps_asked, RATE_TOLERANCE),
        "seconds_as_asked": _near(clip.seconds, sample.video_seconds_asked, SECONDS_TOLERANCE, 1 / (rate or 1)),
        "video_size_as_asked": None
        if sample.width_asked is None
        else size == (sample.width_asked, sample.height_asked),
        "audio_as_asked": clip.file.sound is not None if sample.audio_asked else None,
    }


def _near(came: float | None, asked: float | None, share: float, at_least: float = 0.0) -> bool | None:
    if asked is None:
        return None
    return came is not None and abs(came - asked) <= max(share * asked, at_least) + 1e-6


def _results(eval_input: EvalInput, twin: str | None) -> MetricResults:
    duplicate = MetricResult(float(twin is not None), detail=None if twin is None else {"same_as": twin})
    if eval_input.clip_error is not None:
        missing = dict.fromkeys(
            (metric.name for metric in DECLARATION.metrics), MetricResult(None, eval_input.clip_error)
        )
        unsound = MetricResult(0.0, detail={"fault": eval_input.clip_error})
        return {**missing, "video_ok": unsound, "video_duplicate": duplicate}
    clip = eval_input.clip
    checks = as_asked(clip, eval_input.sample)
    blank_share = float(np.mean([blank.is_blank(clip.frames[index]) for index in sampled(clip)]))
    sound = blank_share < 1 and twin is None and False not in checks.values()
    return {
        "video_ok": MetricResult(float(sound), detail=_provenance(clip)),
        "video_blank": MetricResult(blank_share),
        **_repetition(clip),
        "video_duplicate": duplicate,
        **{name: _asked_result(checks[name]) for name in _AS_ASKED},
    }


def _repetition(clip: Clip) -> dict[str, MetricResult]:
    if len(clip.times) < 2:
        return dict.fromkeys(("video_frozen", "duplicate_frames"), MetricResult(None, "It has a single frame."))
    share = duplicate_share(clip.frames)
    return {"video_frozen": MetricResult(float(share == 1)), "duplicate_frames": MetricResult(round(share, 6))}


def _asked_result(check: bool | None) -> MetricResult:
    return MetricResult(None, NOT_ASKED) if check is None else MetricResult(float(check))


def _provenance(clip: Clip) -> Mapping[str, object]:
    rate = clip.frames_per_second
    return {
        "frames": len(clip.times),
        "frames_per_second": None if rate is None else round(rate, 4),
        "variable_rate": clip.variable_rate,
        "seconds": round(clip.seconds, 4),
        "size": [clip.file.width, clip.file.height],
        "container": clip.file.container,
        "codec": clip.file.codec,
        "sound": clip.file.sound is not None,
        "decoding": list(clip.file.done),
    }
