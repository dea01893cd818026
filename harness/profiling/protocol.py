"""The protocol of a measurement: the first call apart, two warm-ups at the full shape, then steady calls in a row.

Latency is end to end, synchronised before and after (`harness.local.timing`). Peaks by stage are taken in a warm-up,
energy over all steady calls. A measurement keeps every call; percentiles are computed by whoever reads it.
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
    """What reads the device while it works: its energy and its memory."""

    energy: EnergyMeter
    peaks: Peaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the protocol measured of one shape."""

    seconds: Seconds
    memory: Memory
    energy: Energy


def repeats_of(shape: Shape) -> int:
    """Return how many steady calls a shape gets where none are asked for: 10 of pictures, 3 of videos."""
    return STEADY_VIDEOS if shape.frames > 1 else STEADY_PICTURES


def measure(target: BenchmarkTarget, shape: Shape, *, repeats: int, seed: int, load: float, meters: Meters) -> Measured:
    """Return the seconds, peaks and energy of calls of one shape of a loaded target; each call has another seed."""
    peaks = meters.peaks
    peaks.begin("first")
    first = target.call(shape, seed)
    warm_up = [target.call(shape, seed + 1, peaks.begin)]
    peaks.begin("warm-up")
    warm_up += [target.call(shape, seed + 1 + number) for number in range(1, WARM_UPS)]
    peaks.begin("steady")
    meters.energy.start()
    steady = [target.call(shape, seed + 1 + WARM_UPS + number) for number in range(repeats)]
    energy = meters.energy.stop(repeats)
    return Measured(seconds=_seconds(load, first, warm_up, steady), memory=peaks.memory(), energy=energy)


def _seconds(load: float, first: Timing, warm_up: Sequence[Timing], steady: Sequence[Timing]) -> Seconds:
    return Seconds(
        load=load,
        first=first.seconds,
        warm_up=tuple(timing.seconds for timing in warm_up),
        steady=tuple(timing.seconds for timing in steady),
        text=tuple(timing.text_seconds for timing in steady if timing.text_seconds is not None),
        steps=tuple(timing.step_seconds for timing in steady if timing.step_seconds),
        vae=tuple(timing.decode_seconds for timing in steady if timing.decode_seconds is not None),
        processor=tuple(timing.cpu_seconds for timing in steady if timing.cpu_seconds is not None),
    )
