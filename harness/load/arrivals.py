"""When requests arrive, planned before any is sent: a Poisson process, a constant distance, or what a trace says."""

import math
from pathlib import Path
from typing import Final

import numpy as np

from data.errors import HalflifeError, InputFileError
from data.formats.toml import read_text

MOST_ARRIVALS: Final = 100_000


def poisson(rate: float, seconds: float, seed: int) -> tuple[float, ...]:
    """Return moments in [0, `seconds`) of a Poisson process of `rate` a second: gaps are independent exponentials.

    >>> len(poisson(50.0, 100.0, seed=1)) in range(4800, 5200)
    True
    """
    _check(rate, seconds)
    generator, moments, at = np.random.default_rng(seed), list[float](), 0.0
    while (at := at + float(generator.exponential(1 / rate))) < seconds:
        moments.append(at)
    return tuple(moments)


def constant(rate: float, seconds: float) -> tuple[float, ...]:
    """Return moments in [0, `seconds`), 1 / `rate` seconds apart.

    >>> constant(2.0, 2.0)
    (0.0, 0.5, 1.0, 1.5)
    """
    _check(rate, seconds)
    return tuple(number / rate for number in range(math.ceil(rate * seconds - 1e-9)))


def read_trace(path: Path) -> tuple[float, ...]:
    """Return the moments of a trace file, one number of seconds a line, rising, from the first one on counted as 0.

    Raises InputFileError naming the line.
    """
    moments = list[float]()
    for line, text in enumerate(read_text(path).splitlines(), start=1):
        if text.strip():
            moments.append(_moment(path, line, text.strip(), moments[-1] if moments else -math.inf))
    if not 0 < len(moments) <= MOST_ARRIVALS:
        raise InputFileError(path, f"Expected 1 to {MOST_ARRIVALS:,} moments, got {len(moments):,}. Correct the file.")
    return tuple(moment - moments[0] for moment in moments)


def _moment(path: Path, line: int, text: str, before: float) -> float:
    try:
        moment = float(text)
    except ValueError:
        moment = math.nan
    if not math.isfinite(moment):
        raise InputFileError(path, f"Expected a number of seconds, got {text[:80]!r}. Correct the line.", line=line)
    if moment < before:
        raise InputFileError(path, f"Expected {before:g} seconds or later, got {moment:g}. Sort the lines.", line=line)
    return moment


def _check(rate: float, seconds: float) -> None:
    if not (0 < rate < math.inf and 0 < seconds < math.inf and rate * seconds <= MOST_ARRIVALS):
        raise HalflifeError(
            f"Expected a rate and seconds above 0, at most {MOST_ARRIVALS:,} requests together, got {rate:g} a second "
            f"for {seconds:g} seconds. Choose others."
        )
