"""Checks the encoder on frozen pictures and captions in every run: their cosines must be what they were.

An encoder may change without anybody touching it: another build of a library, another device, a replaced file. A cosine
that moves by more than 1e-4 moves every model's score; then nothing may be published.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from data.errors import InputFileError, InstrumentError
from data.files import make_folder, write_atomic
from data.serialization import canonical, parse
from evaluators.decode import decode
from evaluators.embeddings.encoder import Encoder

FOLDER: Final = Path(__file__).parent / "reference"
MOST: Final = 1e-4
"""How far a cosine may move."""


def captions() -> dict[str, str]:
    """Return the frozen captions by the name of their picture.

    >>> len(captions())
    8
    """
    content = json.loads((FOLDER / "reference.json").read_text(encoding="utf-8"))
    return {name: str(text) for name, text in content["captions"].items()}


def cosines(encoder: Encoder) -> dict[str, float]:
    """Return the cosine of every picture with every caption of the set, by `picture/caption`, computed now."""
    texts = captions()
    pictures = [decode((FOLDER / f"{name}.png").read_bytes()).pixels for name in texts]
    images = np.array([embedding.vector for embedding in encoder.encode_images(pictures)], dtype=np.float64)
    words = np.array([embedding.vector for embedding in encoder.encode_texts(list(texts.values()))], dtype=np.float64)
    table = images @ words.T
    return {f"{a}/{b}": float(table[i, j]) for i, a in enumerate(texts) for j, b in enumerate(texts)}


def check_instrument(encoder: Encoder, folder: Path) -> float:
    """Score the set again and return the largest change of a cosine.

    The first cosines are those that came with the project, for the embedded encoder, else those that this home froze in
    `folder` when it first met the encoder's fingerprint. Raises InstrumentError where one moved by more than 1e-4.
    """
    now, first = cosines(encoder), _frozen(encoder.fingerprint, folder)
    if first is None:
        _freeze(encoder.fingerprint, now, folder)
        return 0.0
    moved = {name: abs(now[name] - first.get(name, np.inf)) for name in now}
    furthest = max(moved, key=lambda name: moved[name])
    if moved[furthest] > MOST:
        raise InstrumentError(
            f"Expected the frozen reference set to score as it did, got a cosine of {now[furthest]:.6f} for {furthest} "
            f"that was {first.get(furthest, float('nan')):.6f} (encoder {encoder.fingerprint[:12]}): the instrument "
            "drifted, and nothing is published. Restore the libraries and weights it was frozen with."
        )
    return moved[furthest]


def _frozen(fingerprint: str, folder: Path) -> Mapping[str, float] | None:
    shipped = json.loads((FOLDER / "reference.json").read_text(encoding="utf-8"))["cosines"]
    if fingerprint in shipped:
        return dict(shipped[fingerprint])
    place = folder / f"{os.path.basename(fingerprint)}.json"
    try:
        content = parse(place.read_bytes())
        return {str(name): float(value) for name, value in content["cosines"].items()}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputFileError(place, f"Expected frozen cosines, got: {error}. Restore it from a copy.") from error


def _freeze(fingerprint: str, now: Mapping[str, float], folder: Path) -> None:
    make_folder(folder)
    write_atomic(folder / f"{fingerprint}.json", canonical({"cosines": dict(now)}) + b"\n")
