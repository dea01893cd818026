"""What evaluators see and say: inputs in, results out, and the facts that an evaluator declares as data."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, Protocol, TypeVar

from data.video.clip import Clip, UnreadableVideoError
from data.video.reader import VideoReader
from data.vocabulary import Metric, Modality, Prompt, Sample
from evaluators.decode import Picture, decode
from evaluators.decoder_errors import UndecodableError

Need = Literal["pixels", "frames", "prompt", "expectation"]

Decoded = TypeVar("Decoded", Picture, Clip)

_THREADS: Final = min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
class EvalInput:
    """One ok sample with its prompt and its media's original bytes; decoded at most once, when first needed.

    `missing` is the reason why there are no bytes, where there are none. An evaluator of pictures reads `picture`, one
    of videos `clip`. `delivery` are the bytes of the file that browsers play, None where there are no others. Videos
    are decoded by `reader`, in a process of its own; without one, by one that is started for this video alone.
    """

    sample: Sample
    prompt: Prompt
    data: bytes = field(repr=False)
    missing: str | None = None
    delivery: bytes | None = field(default=None, repr=False)
    reader: VideoReader | None = field(default=None, repr=False)

    @property
    def picture(self) -> Picture:
        """The decoded picture. Raises UndecodableError, whose sentence is the reason."""
        return _or_raise(self._picture)

    @property
    def decode_error(self) -> str | None:
        """Why there is no picture, or None where there is one."""
        return str(self._picture) if isinstance(self._picture, UndecodableError) else None

    @property
    def clip(self) -> Clip:
        """The decoded video. Raises UndecodableError, whose sentence is the reason."""
        return _or_raise(self._clip)

    @property
    def clip_error(self) -> str | None:
        """Why there is no clip, or None where there is one."""
        return str(self._clip) if isinstance(self._clip, UndecodableError) else None

    def delivered_clip(self) -> Clip | None:
        """Decode the file that browsers play, anew each time; None where it is the master itself.

        Raises UndecodableError.
        """
        return None if self.delivery is None else _or_raise(self._read(self.delivery))

    @cached_property
    def _picture(self) -> Picture | UndecodableError:
        try:
            return decode(self.data) if self.missing is None else UndecodableError(self.missing)
        except UndecodableError as error:
            return error

    @cached_property
    def _clip(self) -> Clip | UndecodableError:
        return self._read(self.data) if self.missing is None else UndecodableError(self.missing)

    def _read(self, data: bytes) -> Clip | UndecodableError:
        try:
            if self.reader is not None:
                return self.reader.read(data)
            with VideoReader() as reader:
                return reader.read(data)
        except UnreadableVideoError as error:
            return UndecodableError(str(error))


def _or_raise(decoded: Decoded | UndecodableError) -> Decoded:
    if isinstance(decoded, UndecodableError):
        raise decoded
    return decoded


def decode_all(eval_inputs: Sequence[EvalInput]) -> None:
    """Decode the pictures that are not yet decoded, in threads: decoders release the interpreter's lock."""
    if not eval_inputs:
        return
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda eval_input: eval_input.decode_error, eval_inputs))


@dataclass(frozen=True, slots=True)
class MetricResult:
    """One metric's number for one sample, or the reason why there is none, with the detail behind it."""

    value: float | None
    reason: str | None = None
    detail: Mapping[str, Any] | None = None


MetricResults = Mapping[str, MetricResult]
"""By metric: one result for every metric that the evaluator declares."""


def share(
    evaluator: str, name: str, title: str, *, kind: Literal["quality", "gate"], higher_is_better: bool = True
) -> Metric:
    """Return the declaration of a metric that is a share: 0 or 1 for a sample, or between.

    >>> share("integrity", "blank", "Blank", kind="gate", higher_is_better=False).bounds
    (0.0, 1.0)
    """
    return Metric(
        name=name,
        title=title,
        evaluator=evaluator,
        unit="share",
        higher_is_better=higher_is_better,
        bounds=(0.0, 1.0),
        kind=kind,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """An evaluator's facts.

    `modalities` are those of the suites that it scores. `needs` is what a sample must have; one that has it not gets no
    number and a reason, without the evaluator being asked.
    """

    name: str
    version: str
    modalities: frozenset[Modality]
    needs: frozenset[Need]
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class RunContext:
    """What an evaluator may know beyond one batch: the suite's prompts and every ok sample of the run."""

    prompts: tuple[Prompt, ...]
    samples: tuple[Sample, ...]


class Evaluator(Protocol):
    """Turns samples into numbers. Its weights, if it has any, are read at the first `evaluate`."""

    @property
    def declaration(self) -> Declaration:
        """Its facts."""

    def fingerprint(self, context: RunContext) -> str:
        """64 hex digits over everything that can move a number: results of two fingerprints are never compared."""

    def evaluate(self, batch: Sequence[EvalInput], context: RunContext) -> Sequence[MetricResults]:
        """The results of each input, in the batch's order; each has what is needed."""
