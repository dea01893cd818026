"""Where one call's seconds go: a timer on the pipeline's own methods, on the clock of its device.

Bound methods are wrapped (`encode_prompt`, `vae.decode`): forward hooks do not see `decode` and break compiled graphs.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from data.vocabulary import Timing

CallPhase = Literal["text", "decode"]


class PhaseSpan(NamedTuple):
    """A phase from `begin` to `end`, in seconds after the start of the call."""

    phase: CallPhase
    begin: float
    end: float


class DeviceClock(Protocol):
    """A device's clock: `stamp` marks a moment in the order of the device's work, `between` gives the seconds."""

    def synchronise(self) -> None:
        """Wait until the device has done all work that was given to it."""

    def stamp(self) -> Any:
        """Mark this moment."""

    def between(self, earlier: Any, later: Any) -> float:
        """Seconds from one stamp to another; both must have been reached."""


class HostClock:
    """The clock of a CPU, which has done its work when a call returns."""

    def synchronise(self) -> None:
        """Nothing to wait for."""

    def stamp(self) -> float:
        """`perf_counter` now."""
        return time.perf_counter()

    def between(self, earlier: float, later: float) -> float:
        """Seconds between two stamps."""
        return later - earlier


class CudaClock:
    """The clock of a CUDA device: events in its queue, so that marking a moment does not stop the device."""

    def synchronise(self) -> None:
        """Wait for the device."""
        import torch

        torch.cuda.synchronize()

    def stamp(self) -> Any:
        """An event, recorded in the current stream."""
        import torch

        make: Any = torch.cuda.Event
        event = make(enable_timing=True)
        event.record()
        return event

    def between(self, earlier: Any, later: Any) -> float:
        """Seconds between two events (resolution about half a microsecond)."""
        return float(earlier.elapsed_time(later)) / 1000.0


class MpsClock(HostClock):
    """The clock of an Apple GPU: the host's, after waiting for the device at each stamp."""

    def synchronise(self) -> None:
        """Wait for the device."""
        import torch

        torch.mps.synchronize()

    def stamp(self) -> float:
        """`perf_counter` when the device is done."""
        self.synchronise()
        return time.perf_counter()


def clock_of(device: str) -> DeviceClock:
    """Return the clock of "cpu", "cuda" or "mps"."""
    clocks: dict[str, Callable[[], DeviceClock]] = {"cpu": HostClock, "cuda": CudaClock, "mps": MpsClock}
    return clocks[device]()


class CallTimer:
    """Times one call after another: `start`, the call, `stop`. Phases come from wrapped methods and a step callback."""

    def __init__(self, clock: DeviceClock) -> None:
        self._clock = clock
        self._spans: list[tuple[CallPhase, Any, Any]] = []
        self._boundaries: list[Any] = []
        self._inside = False
        self._start: Any = None
        self._host = self._cpu = 0.0

    def start(self) -> None:
        """Forget the last call and begin, when the device is idle."""
        self._spans, self._boundaries, self._inside = [], [], False
        self._clock.synchronise()
        self._cpu, self._host = time.process_time(), time.perf_counter()
        self._start = self._clock.stamp()

    def step_ended(self, pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        """Mark the end of a denoising step: diffusers' `callback_on_step_end`; hands the tensors back untouched."""
        self._boundaries.append(self._clock.stamp())
        return tensors

    def marking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a scheduler's `step` with the moment of its end kept as the end of a denoising step."""

        def marked(*args: Any, **kwargs: Any) -> Any:
            stepped = method(*args, **kwargs)
            self._boundaries.append(self._clock.stamp())
            return stepped

        return marked

    def wrapped(self, phase: CallPhase, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return `method` with its time counted as `phase`; a wrapped method called by another counts once."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return method(*args, **kwargs)
            self._inside, begin = True, self._clock.stamp()
            try:
                return method(*args, **kwargs)
            finally:
                self._spans.append((phase, begin, self._clock.stamp()))
                self._inside = False

        return timed

    def stop(self) -> Timing:
        """Wait for the device and return the call's timing; phases that were not seen are None or empty."""
        self._clock.synchronise()
        seconds, cpu_seconds = time.perf_counter() - self._host, time.process_time() - self._cpu
        after = [self._clock.between(self._start, boundary) for boundary in self._boundaries]
        spans = [
            PhaseSpan(phase, self._clock.between(self._start, begin), self._clock.between(self._start, end))
            for phase, begin, end in self._spans
        ]
        return Timing(
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            text_seconds=spent(spans, "text"),
            step_seconds=step_seconds(after, spans),
            decode_seconds=spent(spans, "decode"),
        )


def spent(spans: Sequence[PhaseSpan], phase: CallPhase) -> float | None:
    """Return the seconds of all spans of `phase`, or None where there was none."""
    lengths = [span.end - span.begin for span in spans if span.phase == phase]
    return sum(lengths) if lengths else None


def step_seconds(boundaries: Sequence[float], spans: Sequence[PhaseSpan]) -> tuple[float, ...]:
    """Return the seconds of each step, given the moments (after the call's start) at which steps ended.

    A step begins where the one before it ended, the first at the start of the call; what wrapped methods took inside
    is their time and not the step's, so steps and spans together never exceed the whole. Text encoding thus leaves the
    first step, but the preparation of latents and timesteps stays in it; what follows the last step is in no step.
    """
    lengths = []
    begin = 0.0
    for end in boundaries:
        inside = sum(max(0.0, min(span.end, end) - max(span.begin, begin)) for span in spans)
        lengths.append(max(0.0, end - begin - inside))
        begin = end
    return tuple(lengths)
