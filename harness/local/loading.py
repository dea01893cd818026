"""Which pipeline class a catalogue names, and which of a model's settings its call takes."""

import contextlib
import importlib
import inspect
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from data.architectures.video_pipelines import VIDEO_PIPELINES
from data.errors import UnknownNameError
from data.vocabulary import LocalSource, Request, Settings

AUTOMATIC = "DiffusionPipeline"
STEP_CALLBACK = "callback_on_step_end"
FRAMES = ("num_frames", "frames")
RATES = ("frame_rate", "fps")
"""What classes call the number of frames (SANA-Video has a name of its own) and the rate that they are told."""
OWN_PIPELINES = {
    "ShapesPipeline": "data.embedded.pipeline",
    "MovingShapesPipeline": "data.embedded.motion.pipeline",
}


def resolve(name: str) -> Any:
    """Return the class of that name: one of our own, or one of diffusers; "DiffusionPipeline" lets the weights say.

    Raises UnknownNameError with the nearest name.
    """
    if name in OWN_PIPELINES:
        return getattr(importlib.import_module(OWN_PIPELINES[name]), name)
    import diffusers

    known = [cls for cls in dir(diffusers) if "Pipeline" in cls and not cls.startswith("_")]
    if name not in known:
        raise UnknownNameError("pipeline class", name, [*known, *OWN_PIPELINES])
    return getattr(diffusers, name)


def load(source: LocalSource) -> Any:
    """Return the pipeline of a source, on the CPU, from safetensors only and without code of its own.

    An embedded pipeline's weights are checked against their published sha256 (WeightsError).
    """
    import torch

    if source.kind == "embedded":
        with _quiet():
            return _embedded(source, getattr(torch, source.dtype))
    options: dict[str, Any] = {"dtype": getattr(torch, source.dtype), "use_safetensors": True}
    if source.variant is not None:
        options["variant"] = source.variant
    if source.kind == "hub":
        options["revision"] = source.revision
    with _quiet():
        return resolve(source.pipeline).from_pretrained(source.repository, **options)


def _embedded(source: LocalSource, dtype: Any) -> Any:
    if source.pipeline == "MovingShapesPipeline":
        from data.embedded.motion.weights import load_moving_pipeline

        return load_moving_pipeline(source.repository, dtype)
    from data.embedded.weight_files import load_pipeline

    return load_pipeline(source.repository, dtype)


def verify_embedded(source: LocalSource) -> None:
    """Raise WeightsError where the embedded weights are not there or not the published ones."""
    from data.embedded.weight_files import verified

    verified(source.repository)


def accepted(pipeline_class: Any) -> frozenset[str]:
    """Return the names of what the call of a pipeline class takes."""
    return frozenset(inspect.signature(pipeline_class.__call__).parameters) - {"self", "args", "kwargs"}


def check_settings(pipeline_class: Any, settings: Settings) -> None:
    """Raise UnknownNameError for a declared setting that the class's call does not take.

    Raises ShapeError for frames or sides that a class of videos does not make. Else width, height and frames are
    exempt: a model of one size takes none, and what it delivers is recorded.
    """
    takes = accepted(pipeline_class)
    law = VIDEO_PIPELINES.get(pipeline_class.__name__)
    if law is not None:
        law.check(settings)
    for name in _chosen(settings):
        if name not in takes:
            raise UnknownNameError(f"setting of {pipeline_class.__name__}", name, takes)


def arguments(takes: Collection[str], request: Request) -> dict[str, Any]:
    """Return the keyword arguments of the call that makes `request`, out of what the class takes (`accepted`).

    Generator and callback are the caller's to add.
    """
    settings = request.settings
    shape: dict[str, Any] = {"prompt": request.text, "width": settings.width, "height": settings.height}
    if settings.frames > 1:
        shape |= dict.fromkeys(FRAMES, settings.frames)
    if settings.fps is not None:
        shape |= dict.fromkeys(RATES, settings.fps)
    return {name: value for name, value in shape.items() if name in takes} | dict(_chosen(settings))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' own bars and reports off the terminal, which shows our progress; errors still come."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    libraries: list[Any] = [of_diffusers, of_transformers]
    before = [(library.get_verbosity(), library.is_progress_bar_enabled()) for library in libraries]
    for library in libraries:
        library.set_verbosity_error()
        library.disable_progress_bar()
    try:
        yield
    finally:
        for library, (verbosity, bars) in zip(libraries, before, strict=True):
            library.set_verbosity(verbosity)
            if bars:
                library.enable_progress_bar()


def _chosen(settings: Settings) -> Mapping[str, Any]:
    named = {
        "num_inference_steps": settings.steps,
        "guidance_scale": settings.guidance,
        "negative_prompt": settings.negative_prompt,
    }
    return {name: value for name, value in named.items() if value is not None} | dict(settings.extra)
