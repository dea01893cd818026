"""Metrics of videos the plain way: a script a metric, each with a decode, a flow and an encoder pass of its own."""

import io
from collections.abc import Sequence
from typing import NamedTuple

import av
import numpy as np

from data.embedded.motion.check import verdict
from data.embedded.motion.tracks import read
from data.video.clip import Pixels
from data.vocabulary import Prompt
from evaluators.blank import is_blank
from evaluators.embeddings.encoder import OpenClipEncoder
from evaluators.video import motion_measures
from evaluators.video.clip_score import frame_scores, frame_text
from evaluators.video.flow import FlowSeries, flow_series
from evaluators.video.similarity import consistency_curve

RATE = 8
Numbers = dict[str, float]


class ClipFile(NamedTuple):
    """A lossless file of `RATE` frames a second, and what is asked of it."""

    data: bytes
    prompt: Prompt


def decoded(data: bytes) -> Pixels:
    """Return a file's frames, in this process."""
    with av.open(io.BytesIO(data)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])


def plain(encoder: OpenClipEncoder, clips: Sequence[ClipFile]) -> list[Numbers]:
    """Every number of each clip, a decode a number."""
    return [_plain_numbers(encoder, clip) for clip in clips]


def _plain_numbers(encoder: OpenClipEncoder, clip: ClipFile) -> Numbers:
    text = frame_text(clip.prompt)
    expectation = clip.prompt.expectation or {}
    return {
        "video_blank": float(np.mean([is_blank(frame) for frame in decoded(clip.data)])),
        "dynamic_degree": motion_measures.dynamic_degree(_flow(decoded(clip.data))),
        "flicker": motion_measures.flicker(_flow(decoded(clip.data))) or 0.0,
        "jerk": motion_measures.jerk(_flow(decoded(clip.data))) or 0.0,
        "camera_pan": motion_measures.camera_motion(_flow(decoded(clip.data))).pan,
        "cuts": _cuts(decoded(clip.data)),
        "motion_correct": float(verdict(expectation, read(decoded(clip.data))).correct),
        "video_clip_score": _alignment(encoder, decoded(clip.data), text),
        "temporal_consistency": float(consistency_curve(_one_at_a_time(encoder, decoded(clip.data))).mean()),
    }


def _flow(frames: Pixels) -> FlowSeries:
    return flow_series(frames, np.arange(len(frames)) / RATE)


def _cuts(frames: Pixels) -> float:
    return float(len(motion_measures.cuts(frames, _flow(frames))))


def _alignment(encoder: OpenClipEncoder, frames: Pixels, text: str) -> float:
    (embedding,) = encoder.encode_texts([text])
    return float(frame_scores(_one_at_a_time(encoder, frames), embedding.vector).mean())


def _one_at_a_time(encoder: OpenClipEncoder, frames: Pixels) -> np.ndarray:
    return np.stack([encoder.encode_images([frame])[0].vector for frame in frames])
