"""Peaks of a device's memory by phase, the counters reset before each."""

from typing import Any, Protocol

from data.measurements import Memory
from harness.devices import Device
from harness.profiling.energy import Card


class Peaks(Protocol):
    """Follows a device's memory: `begin` ends the phase before it and starts another."""

    def begin(self, phase: str) -> None:
        """A phase of that name begins."""

    def memory(self) -> Memory:
        """End the running phase and return the peaks of all."""


class NoPeaks:
    """A device whose peaks torch does not record."""

    def __init__(self, device: Device) -> None:
        self._reason = f"unavailable: torch keeps no peaks of the device {device!r}"

    def begin(self, phase: str) -> None:
        """Nothing to reset."""

    def memory(self) -> Memory:
        """No peaks, and why."""
        return Memory(reason=self._reason)


class CudaPeaks:
    """The peaks of torch's allocator on a CUDA device, and what NVML says is in use at the end.

    `library` is torch.cuda, or what has its functions. A phase that comes again keeps its highest peak.
    """

    def __init__(self, library: Any, card: Card | None) -> None:
        self._library, self._card = library, card
        self._phase: str | None = None
        self._allocated: dict[str, int] = {}
        self._reserved: dict[str, int] = {}

    def begin(self, phase: str) -> None:
        """Note the peaks of the phase before, reset the counters."""
        self._end()
        self._library.reset_peak_memory_stats()
        self._phase = phase

    def memory(self) -> Memory:
        """Return the peaks of every phase so far; the next cell begins anew."""
        self._end()
        self._phase = None
        peaks = Memory(
            allocated=self._allocated, reserved=self._reserved, used=self._card.used() if self._card else None
        )
        self._allocated, self._reserved = {}, {}
        return peaks

    def _end(self) -> None:
        if self._phase is not None:
            for peaks, read in (
                (self._allocated, self._library.max_memory_allocated),
                (self._reserved, self._library.max_memory_reserved),
            ):
                peaks[self._phase] = max(peaks.get(self._phase, 0), int(read()))


def peaks_of(device: Device, card: Card | None) -> Peaks:
    """Return what records the peaks of a device's memory."""
    if device != "cuda":
        return NoPeaks(device)
    import torch

    return CudaPeaks(torch.cuda, card)
