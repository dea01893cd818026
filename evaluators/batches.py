"""Samples with their media's bytes, in batches whose decoding is bound by bytes, whatever was delivered."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from data.errors import UnknownNameError
from data.media import MediaStore
from data.serialization import bytes_digest
from data.video.reader import VideoReader
from data.vocabulary import Prompt, Sample
from evaluators.decode import MOST_BYTES, bytes_to_decode
from evaluators.eval_input import EvalInput

BATCH: Final = 32
BATCH_BYTES: Final = 2**28
"""Bytes that a batch takes when it is decoded, unless a single sample takes more: 32 pictures of 1024² fit."""

NO_MEDIA: Final = "The media store does not hold the sample's file."
OTHER_MEDIA: Final = "The sample's file is not the one that was delivered."
TOO_LARGE: Final = f"Expected a file of at most {MOST_BYTES // 2**20} MB, got a larger one."


def read_media(
    samples: Iterable[Sample], prompts: Mapping[str, Prompt], media: MediaStore, reader: VideoReader
) -> Iterator[EvalInput]:
    """Yield each sample with its media's bytes, read when it is asked for, or with the reason why there are none."""
    for sample in samples:
        data, missing = b"", _missing(media, sample)
        if missing is None:
            data = media.path(str(sample.media)).read_bytes()
            missing = None if bytes_digest(data) == sample.media else OTHER_MEDIA
        yield EvalInput(sample, prompts[sample.prompt], data, missing, _delivery(media, sample), reader)


def is_there(media: MediaStore, sample: Sample) -> bool:
    """Return whether the store holds a sample's file."""
    return _file(media, sample.media) is not None


def _missing(media: MediaStore, sample: Sample) -> str | None:
    path = _file(media, sample.media)
    if path is None:
        return NO_MEDIA
    return TOO_LARGE if path.stat().st_size > MOST_BYTES else None


def _delivery(media: MediaStore, sample: Sample) -> bytes | None:
    """The file that browsers play, where there is another one and it is what was delivered."""
    path = _file(media, sample.delivery)
    if path is None or path.stat().st_size > MOST_BYTES:
        return None
    data = path.read_bytes()
    return data if bytes_digest(data) == sample.delivery else None


def _file(media: MediaStore, sha256: str | None) -> Path | None:
    try:
        path = media.path(sha256 or "")
    except UnknownNameError:
        return None
    return path if path.is_file() and os.access(path, os.R_OK) else None


def batches(eval_inputs: Iterable[EvalInput]) -> Iterator[list[EvalInput]]:
    """Yield what is given in order, at most `BATCH` together, which take at most `BATCH_BYTES` when they are decoded.

    One that takes more is a batch by itself.
    """
    batch: list[EvalInput] = []
    held = 0
    for eval_input in eval_inputs:
        size = decoding_bytes(eval_input)
        if batch and (len(batch) == BATCH or held + size > BATCH_BYTES):
            yield batch
            batch, held = [], 0
        batch.append(eval_input)
        held += size
    if batch:
        yield batch


def decoding_bytes(eval_input: EvalInput) -> int:
    """Return the bytes that decoding takes: of a picture by its header, of a clip (two files) by what is recorded."""
    sample = eval_input.sample
    frames = sample.frames or sample.frames_asked
    if frames == 1:
        return bytes_to_decode(eval_input.data)
    width, height = sample.width or sample.width_asked or 0, sample.height or sample.height_asked or 0
    return 2 * 3 * width * height * frames
