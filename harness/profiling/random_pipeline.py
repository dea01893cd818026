"""A pipeline of any architecture at full size with random weights, whose values change neither seconds nor memory."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Final

from data.architectures.architecture import Architecture, Component, Stage
from data.architectures.shape import Shape
from data.measurements import Configuration
from data.vocabulary import Timing
from harness import devices
from harness.devices import Device
from harness.local.timing import CallPhase, CallTimer, clock_of
from harness.profiling import configuring
from harness.profiling.benchmark_target import StageListener, ignore_stage
from harness.profiling.building import ComponentCall, inputs
from harness.profiling.building import network as build_network

PHASES: Final[dict[Stage, CallPhase]] = {"text_encoders": "text", "vae_decode": "decode"}
TWICE: Final = frozenset({"wan", "wan-timestep-a-token", "qwen-image"})
"""Calls whose pipelines run guidance's two halves one after the other; others run them side by side."""
TRAIN_STEPS: Final = 1000


class RandomPipeline:
    """Text encoders once a prompt, denoiser × steps × guidance, VAE decode, as the architecture's pipeline runs them.

    Inputs are drawn before the clock starts. Tokenisation and the scheduler's arithmetic, a few element-wise
    operations a step, are left out; so is feeding the prediction back, which random weights would let grow.
    """

    def __init__(self, described: Architecture, configuration: Configuration, device: Device) -> None:
        self.device = device
        self._described, self._configuration = described, configuration
        self._timer = CallTimer(clock_of(device))
        self._networks: dict[str, Any] = {}
        self._timestep = TRAIN_STEPS

    def load(self) -> float:
        """Build every network with random weights, where it is to run; return the seconds."""
        import torch

        clock, begin = clock_of(self.device), time.perf_counter()
        home = self.device if self._configuration.offload == "off" else "cpu"
        dtype = getattr(torch, self._configuration.dtype)
        for piece in self._pieces():
            self._networks[piece.name] = build_network(piece.network, device=home, dtype=dtype)
        configuring.apply(self._configuration, self._networks["denoiser"], timestep=lambda: self._timestep)
        if self._configuration.offload == "sequential":
            self._offload()
        clock.synchronise()
        return time.perf_counter() - begin

    def call(self, shape: Shape, seed: int, on_stage: StageListener = ignore_stage) -> Timing:
        """Run the stages one after the other, one batch of `shape`."""
        import torch

        torch.manual_seed(seed)
        calls = {piece.name: self._inputs(piece, shape) for piece in self._pieces()}
        with torch.no_grad():
            self._timer.start()
            for stage in ("text_encoders", "denoiser", "vae_decode"):
                on_stage(stage)
                for piece in self._pieces():
                    if piece.stage == stage:
                        self._run(piece, calls[piece.name], shape)
            return self._timer.stop()

    def close(self) -> None:
        """Drop the networks and give their memory back."""
        self._networks = {}
        devices.release(self.device)

    def _pieces(self) -> Iterator[Component]:
        return (piece for piece in self._described.components() if piece.stage != "vae_encode")

    def _run(self, piece: Component, call: ComponentCall, shape: Shape) -> None:
        with self._placed(self._networks[piece.name]) as placed:
            if piece.stage == "denoiser":
                self._denoise(placed, call, shape)
            else:
                doubled = self._described.doubled(shape) if piece.stage == "text_encoders" else 1
                for _ in range(doubled):
                    self._timer.wrapped(PHASES[piece.stage], call.on)(placed)

    def _denoise(self, denoiser: Any, call: ComponentCall, shape: Shape) -> None:
        halves = ("cond", "uncond")[: self._described.doubled(shape) if self._twice else 1]
        for step in range(shape.steps):
            self._timestep = TRAIN_STEPS - TRAIN_STEPS * step // shape.steps
            for half in halves:
                with denoiser.cache_context(half) if self._caching else contextlib.nullcontext():
                    call.on(denoiser)
            self._timer.step_ended(self, step, self._timestep, {})
        if self._caching:
            denoiser._reset_stateful_cache()

    def _inputs(self, piece: Component, shape: Shape) -> ComponentCall:
        import torch

        together = self._described.doubled(shape) if piece.stage == "denoiser" and not self._twice else 1
        batch = Shape(**{name: getattr(shape, name) for name in Shape.__slots__} | {"batch": shape.batch * together})
        dtype = getattr(torch, self._configuration.dtype)
        return inputs(self._described, piece.name, batch, device=self.device, dtype=dtype)

    @property
    def _twice(self) -> bool:
        return self._described.denoiser.call in TWICE

    @property
    def _caching(self) -> bool:
        return self._configuration.uses("cache")

    @contextlib.contextmanager
    def _placed(self, network: Any) -> Iterator[Any]:
        if self._configuration.offload != "model":
            yield network
            return
        try:
            yield network.to(self.device)
        finally:
            network.to("cpu")

    def _offload(self) -> None:
        from accelerate import cpu_offload

        for module in self._networks.values():
            cpu_offload(module, self.device)
