"""A model of the catalogue with its published weights, called at the shapes of a grid through its own pipeline."""

import time
from dataclasses import replace
from typing import Any, Final

from data.architectures.shape import Shape
from data.errors import ServiceError
from data.measurements import Configuration
from data.vocabulary import LocalSource, Model, Request, Timing
from harness import devices
from harness.devices import Device
from harness.local import loading
from harness.local.instruments import Instruments
from harness.local.timing import CallTimer, clock_of
from harness.profiling import configuring
from harness.profiling.benchmark_target import StageListener, ignore_stage

PROMPT: Final = "a large red circle above a small blue square"
DENOISERS: Final = ("transformer", "transformer_2", "unet")


class CataloguePipeline:
    """The pipeline of a model that runs here, with one prompt; its settings count where the shape says nothing."""

    def __init__(self, model: Model, configuration: Configuration, device: Device) -> None:
        if not isinstance(model.source, LocalSource):
            raise ServiceError(f"Expected a model that runs here, got {model.id!r}, which is remote. Choose another.")
        self.device = device
        self._model, self._configuration = model, configuration
        self._source = replace(model.source, dtype=configuration.dtype)
        self._timer = CallTimer(clock_of(device))
        self._pipeline: Any = None
        self._instruments: Instruments | None = None

    def load(self) -> float:
        """Read the weights, place the pipeline and configure its denoisers; return the seconds."""
        clock, begin = clock_of(self.device), time.perf_counter()
        self._pipeline = loading.load(self._source)
        self._pipeline.set_progress_bar_config(disable=True)
        for denoiser in self._denoisers():
            configuring.apply(self._configuration, denoiser, timestep=lambda: self._pipeline.current_timestep)
        self._place()
        clock.synchronise()
        seconds = time.perf_counter() - begin
        self._instruments = Instruments(self._pipeline, self._timer)
        return seconds

    def call(self, shape: Shape, seed: int, on_stage: StageListener = ignore_stage) -> Timing:
        """Make one batch of `shape` from the prompt; `on_stage` is not called: stages begin inside the pipeline."""
        import torch

        takes = loading.accepted(type(self._pipeline))
        arguments = loading.arguments(takes, self._request(shape, seed, guided="guidance_scale" in takes))
        if shape.batch > 1:
            arguments["prompt"] = [PROMPT] * shape.batch
        if "generator" in takes:
            arguments["generator"] = torch.Generator("cpu").manual_seed(seed)
        if loading.STEP_CALLBACK in takes:
            arguments[loading.STEP_CALLBACK] = self._timer.step_ended
        with torch.no_grad():
            self._timer.start()
            self._pipeline(**arguments)
            return self._timer.stop()

    def close(self) -> None:
        """Drop the pipeline and give its memory back."""
        if self._pipeline is not None:
            if self._instruments is not None:
                self._instruments.detach()
            self._pipeline = self._instruments = None
        devices.release(self.device)

    def _request(self, shape: Shape, seed: int, *, guided: bool) -> Request:
        settings = replace(
            self._model.settings,
            width=shape.width,
            height=shape.height,
            frames=shape.frames,
            steps=shape.steps,
            guidance=shape.guidance if guided else None,
        )
        return Request(id="", model=self._model.id, prompt="", text=PROMPT, category="", seed=seed, settings=settings)

    def _denoisers(self) -> list[Any]:
        components = [self._pipeline.components.get(name) for name in DENOISERS]
        return [component for component in components if component is not None]

    def _place(self) -> None:
        if self._configuration.offload == "model":
            self._pipeline.enable_model_cpu_offload(device=self.device)
        elif self._configuration.offload == "sequential":
            self._pipeline.enable_sequential_cpu_offload(device=self.device)
        else:
            self._pipeline.to(self.device)
