"""The local generator: any diffusers pipeline, one in memory at a time, each call timed phase by phase."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from data.architectures.video_pipelines import VIDEO_PIPELINES
from data.media import MediaStore
from data.vocabulary import CallKind, LocalSource, Model, Request, Timing
from harness import devices
from harness.generator import Loading, Outcome
from harness.local import loading, weights
from harness.local.encoding import Encoded, audio_of, clip, frames_of, image_of, png
from harness.local.input_images import input_images
from harness.local.instruments import Instruments
from harness.local.timing import CallTimer, clock_of

SAFETY_FLAGS = ("nsfw_content_detected", "nsfw_detected")


class Opened(NamedTuple):
    """A pipeline in memory, with the names of what its call takes, and its timer."""

    pipeline: Any
    takes: frozenset[str]
    timer: CallTimer
    instruments: Instruments
    device: devices.Device


class LocalPipeline:
    """Makes samples with diffusers pipelines on one device ("auto", "cpu", "cuda" or "mps").

    Warm-up policy, declared: the first call after `open` is measured like any other and kept as call "first"; no call
    is thrown away. Noise is drawn on the CPU from the request's seed, so that it is the same on every device. The
    latency covers the pipeline's own call (text to pixels), not the encoding of the file. `load` brings a source's
    pipeline to the CPU; the default reads safetensors through diffusers. `media` has the pictures that prompts start
    from.
    """

    def __init__(
        self,
        device: str = "auto",
        load: Callable[[LocalSource], Any] = loading.load,
        *,
        media: MediaStore | None = None,
    ) -> None:
        self._wanted = device
        self._load = load
        self._media = media
        self._opened: Opened | None = None
        self._warm = False
        self._import_seconds = 0.0

    def preflight(self, model: Model) -> None:
        """Check device, pipeline class, weights on disk and settings, without loading.

        Raises ServiceError, UnknownNameError, WeightsError or InputFileError.
        """
        source = _source(model)
        pipeline_class = self._imported(source)
        devices.choose(self._wanted)
        if source.kind == "embedded":
            loading.verify_embedded(source)
        if source.kind == "directory":
            weights.check_folder(Path(source.repository))
            if source.pipeline == loading.AUTOMATIC:
                pipeline_class = loading.resolve(weights.pipeline_class(Path(source.repository)))
        if pipeline_class.__name__ != loading.AUTOMATIC:
            loading.check_settings(pipeline_class, model.settings)

    def open(self, model: Model) -> Loading:
        """Load the model's pipeline and place it on the device; what was open before is closed."""
        self.close()
        source = _source(model)
        self._imported(source)
        device = devices.choose(self._wanted)
        clock = clock_of(device)
        begin = time.perf_counter()
        pipeline = self._load(source)
        loading.check_settings(type(pipeline), model.settings)
        pipeline.set_progress_bar_config(disable=True)
        pipeline.to(device)
        clock.synchronise()
        load_seconds = time.perf_counter() - begin
        takes, timer = loading.accepted(type(pipeline)), CallTimer(clock)
        self._opened, self._warm = Opened(pipeline, takes, timer, Instruments(pipeline, timer), device), False
        import_seconds, self._import_seconds = self._import_seconds, 0.0
        return Loading(import_seconds, load_seconds)

    def generate(self, request: Request) -> Outcome:
        """Make one sample; "refused" where the pipeline's safety checker flags it, "failed" out of memory."""
        if self._opened is None:
            raise RuntimeError("Expected an opened model, got none. Call open first.")
        call: CallKind = "steady" if self._warm else "first"
        self._warm = True
        try:
            output, timing, seeded = _call(self._opened, request, self._media)
        except Exception as error:
            if not devices.is_shortage(error):
                raise
            devices.release(self._opened.device)
            return Outcome(status="failed", reason=f"Out of memory on {self._opened.device}: {error}"[:400], call=call)
        made: dict[str, Any] = {"timing": timing, "call": call, "seed_support": "echoed" if seeded else "none"}
        if any(_first(output.get(flag)) for flag in SAFETY_FLAGS):
            return Outcome(status="refused", reason="The pipeline's safety checker flagged the result.", **made)
        encoded = _encoded(output, self._opened.pipeline, request.settings.fps)
        return Outcome(status="ok", **encoded._asdict(), **made)

    def close(self) -> None:
        """Drop the pipeline and give its memory back."""
        if self._opened is not None:
            device = self._opened.device
            self._opened.instruments.detach()
            self._opened = None
            devices.release(device)

    def _imported(self, source: LocalSource) -> Any:
        begin = time.perf_counter()
        pipeline_class = loading.resolve(source.pipeline)
        self._import_seconds += time.perf_counter() - begin
        return pipeline_class


def _source(model: Model) -> LocalSource:
    if not isinstance(model.source, LocalSource):
        raise TypeError(f"Expected a local model, got {model.id!r}, which is remote.")
    return model.source


def _call(opened: Opened, request: Request, media: MediaStore | None) -> tuple[Mapping[str, Any], Timing, bool]:
    import torch

    pipeline, takes, timer = opened.pipeline, opened.takes, opened.timer
    arguments = {**loading.arguments(takes, request), **input_images(request, takes, media)}
    if "generator" in takes:
        arguments["generator"] = torch.Generator("cpu").manual_seed(request.seed)
    if loading.STEP_CALLBACK in takes:
        arguments[loading.STEP_CALLBACK] = timer.step_ended
    with torch.no_grad():
        timer.start()
        output = pipeline(**arguments)
        timing = timer.stop()
    return output, timing, "generator" in takes


def _encoded(output: Mapping[str, Any], pipeline: Any, fps: float | None) -> Encoded:
    if "frames" in output:
        law = VIDEO_PIPELINES.get(type(pipeline).__name__)
        rate = fps or (law.fps if law else None)
        if rate is None:
            raise ValueError("Expected the rate of a video (fps) in its model's settings, got none.")
        return clip(frames_of(output["frames"]), fps=rate, audio=audio_of(output, pipeline))
    if "images" in output:
        return png(image_of(output["images"]))
    raise TypeError(f"Expected images or frames from the pipeline, got {', '.join(output) or 'nothing'}.")


def _first(flags: Any) -> bool:
    return bool(flags[0]) if isinstance(flags, (list, tuple)) and flags else bool(flags)
