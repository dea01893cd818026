"""What NVIDIA's management library says of a card: its energy counter, the memory in use, other processes on it."""

import importlib
import time
from collections.abc import Callable
from typing import Any, Final

from data.measurements import Energy
from harness.devices import Device

SHORTEST: Final = 1.5
"""Seconds of work below which the counter, which moves a few dozen times a second, says too little."""
NO_CARD: Final = "unavailable: NVML measures NVIDIA cards alone"


class Card:
    """One card by its UUID. `library` is pynvml, or what has its functions."""

    def __init__(self, library: Any, uuid: str) -> None:
        self._library = library
        self._handle = library.nvmlDeviceGetHandleByUUID(uuid)

    def joules(self) -> float:
        """Joules since the driver was loaded, of the whole card."""
        return float(self._library.nvmlDeviceGetTotalEnergyConsumption(self._handle)) / 1000.0

    def used(self) -> int:
        """Bytes in use on the card by all processes."""
        return int(self._library.nvmlDeviceGetMemoryInfo(self._handle).used)

    def others(self) -> int:
        """Processes that compute on the card, without this one."""
        return max(0, len(self._library.nvmlDeviceGetComputeRunningProcesses(self._handle)) - 1)

    def driver(self) -> str:
        """The driver's version."""
        return str(self._library.nvmlSystemGetDriverVersion())


class EnergyMeter:
    """Reads a card's counter around steady calls; without a card it says why there are no joules."""

    def __init__(self, card: Card | None, reason: str = NO_CARD, clock: Callable[[], float] = time.perf_counter):
        self.card, self._reason, self._clock = card, reason, clock
        self._begin: tuple[float, float] | None = None

    def start(self) -> None:
        """Begin, when the device is idle."""
        joules = self._read()
        self._begin = None if joules is None else (joules, self._clock())

    def stop(self, calls: int) -> Energy:
        """Return the joules of one of so many calls that were made since `start`, when the device is idle."""
        joules = self._read()
        if joules is None or self._begin is None:
            return Energy(reason=self._reason)
        worked = self._clock() - self._begin[1]
        if worked < SHORTEST:
            return Energy(reason=f"unavailable: {worked:.2f} s of work, the counter needs {SHORTEST:g} s")
        return Energy(joules=(joules - self._begin[0]) / calls)

    def _read(self) -> float | None:
        if self.card is None:
            return None
        try:
            return self.card.joules()
        except Exception as error:
            if not _of_nvml(error):
                raise
            self._reason = f"unavailable: {error}"
            return None


def energy_meter(device: Device) -> EnergyMeter:
    """Return the meter of a device; one that measures nothing, with the reason, where NVML is not to be had."""
    if device != "cuda":
        return EnergyMeter(None)
    import torch

    pynvml: Any = importlib.import_module("pynvml")
    try:
        pynvml.nvmlInit()
        return EnergyMeter(Card(pynvml, f"GPU-{torch.cuda.get_device_properties(0).uuid}"))
    except pynvml.NVMLError as error:
        return EnergyMeter(None, f"unavailable: {error}")


def _of_nvml(error: Exception) -> bool:
    return type(error).__name__.startswith("NVMLError")
