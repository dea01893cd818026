"""The fair protocol: the first call apart, two full-shape warm-ups, steady calls in a row, every sample kept.

Latency is end to end, synchronised before and after (harness/phases). Peaks by stage are taken in a warm-up, energy
over all steady calls. Percentiles are for readers to take: a cell holds what was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data.architectures.shape import Shape
from data.measurements import Energy, Memory, Seconds
from data.vocabulary import Timing
from harness.profiling.benchmark_target import BenchmarkTarget
from harness.profiling.energy import EnergyMeter
from harness.profiling.peaks import Peaks

WARM_UPS: Final = 2
STEADY_PICTURES: Final = 10
STEADY_VIDEOS: Final = 3


@dataclass(frozen=True, slots=True)
class Meters:
    """What reads the device while it works."""

    energy: EnergyMeter
    peaks: Peaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the protocol saw of one shape."""

    seconds: Seconds
    memory: Memory
    energy: Energy


def repeats_of(shape: Shape) -> int:
    """Return how many steady calls a shape gets where none are asked for: 10 of pictures, 3 of videos."""
    return STEADY_VIDEOS if shape.frames > 1 else STEADY_PICTURES


def measure(
    subject: BenchmarkTarget, shape: Shape, *, repeats: int, seed: int, load: float, meters: Meters
) -> Measured:
    """Return the seconds, peaks and energy of calls of one shape of a loaded subject; each call has its own seed."""
    peaks = meters.peaks
    peaks.begin("first")
    first = subject.call(shape, seed)
    warm_up = [subject.call(shape, seed + 1, peaks.begin)]
    peaks.begin("warm-up")
    warm_up += [subject.call(shape, seed + 1 + number) for number in range(1, WARM_UPS)]
    peaks.begin("steady")
    meters.energy.start()
    steady = [subject.call(shape, seed + 1 + WARM_UPS + number) for number in range(repeats)]
    energy = meters.energy.stop(repeats)
    return Measured(seconds=_seconds(load, first, warm_up, steady), memory=peaks.memory(), energy=energy)


def _seconds(load: float, first: Timing, warm_up: Sequence[Timing], steady: Sequence[Timing]) -> Seconds:
    return Seconds(
        load=load,
        first=first.seconds,
        warm_up=tuple(one.seconds for one in warm_up),
        steady=tuple(one.seconds for one in steady),
        text=tuple(one.text_seconds for one in steady if one.text_seconds is not None),
        steps=tuple(one.step_seconds for one in steady if one.step_seconds),
        vae=tuple(one.decode_seconds for one in steady if one.decode_seconds is not None),
        processor=tuple(one.cpu_seconds for one in steady if one.cpu_seconds is not None),
    )
