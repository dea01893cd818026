"""Energy is the counter's difference over long enough work, a call's share of it; else unavailable, and why."""

from types import SimpleNamespace
from typing import Any

import pytest

from data.measurements import Energy
from harness.profiling.energy import Card, EnergyMeter, energy_meter
from harness.profiling.peaks import CudaPeaks, peaks_of


class NVMLErrorNotSupportedError(Exception):
    """As pynvml names its errors."""


class Library:
    """A card that has used so many millijoules at each reading."""

    def __init__(self, *millijoules: int) -> None:
        self._left = list(millijoules)

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:  # noqa: N802 - the library's name
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:  # noqa: N802
        if not self._left:
            raise NVMLErrorNotSupportedError("Not Supported")
        return self._left.pop(0)

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:  # noqa: N802
        return SimpleNamespace(used=7 * 2**30)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: str) -> list[int]:  # noqa: N802
        return [1, 2, 3]

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "570.1"


def metered(seconds: float, *millijoules: int) -> Energy:
    times = iter((10.0, 10.0 + seconds))
    meter = EnergyMeter(Card(Library(*millijoules), "GPU-1"), clock=lambda: next(times))
    meter.start()
    return meter.stop(calls=4)


def test_the_joules_of_a_call_are_its_share_of_the_counters_difference() -> None:
    assert metered(2.0, 5_000, 2_605_000).joules == pytest.approx(650.0)


def test_work_too_short_for_the_counter_has_no_joules_and_says_so() -> None:
    assert metered(0.5, 5_000, 5_010) == Energy(reason="unavailable: 0.50 s of work, the counter needs 1.5 s")


def test_a_card_without_a_counter_is_unavailable_with_the_librarys_word() -> None:
    assert metered(2.0) == Energy(reason="unavailable: Not Supported")


def test_a_cpu_has_neither_energy_nor_peaks_and_says_why() -> None:
    meter, peaks = energy_meter("cpu"), peaks_of("cpu", None)
    meter.start()
    peaks.begin("first")
    assert "NVML measures NVIDIA cards alone" in str(meter.stop(1).reason)
    assert "no peaks of the device 'cpu'" in str(peaks.memory().reason)


def test_peaks_are_those_of_each_phase_and_the_counters_are_reset_between() -> None:
    allocated, resets = iter((5, 9, 4)), list[int]()
    torch_cuda = SimpleNamespace(
        reset_peak_memory_stats=lambda: resets.append(1),
        max_memory_allocated=lambda: next(allocated),
        max_memory_reserved=lambda: 10,
    )
    card = Card(Library(), "GPU-1")
    peaks = CudaPeaks(torch_cuda, card)
    for phase in ("first", "steady", "first"):
        peaks.begin(phase)
    memory = peaks.memory()
    assert (memory.allocated, memory.used, len(resets)) == ({"first": 5, "steady": 9}, 7 * 2**30, 3)
    assert peaks.memory().allocated == {}
    assert (card.others(), card.driver()) == (2, "570.1")
