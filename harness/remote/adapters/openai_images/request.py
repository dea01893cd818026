"""What is asked of an OpenAI-compatible image endpoint for one sample: exactly what its catalogue entry says it takes.

`seed` goes out where `seed_support` is not "none"; `num_inference_steps`, `guidance_scale` and `negative_prompt` where
the settings have a value; everything in `extra` as it is. The size is always sent (a server's default is not a setting)
or, for endpoints that have none, `aspect_ratio` in `extra` stands for it; `n` is always 1.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from data.errors import HalflifeError
from data.serialization import digest
from data.vocabulary import Model, RemoteSource, Request, Settings

OWN_FIELDS = frozenset({"model", "prompt", "n", "size", "seed", "stream", "partial_images", "user"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """One request's own fields. `size` is `<width>x<height>` in pixels, None where `extra` has an aspect ratio."""

    prompt: str
    size: str | None
    extra: Mapping[str, Any]

    def digest(self, source: RemoteSource) -> str:
        """Return the sha256 of everything that is sent, for the request log."""
        return digest({"base_url": source.base_url, "model": source.model, "n": 1, **asdict(self)})


def remote_source(model: Model) -> RemoteSource:
    """Return the model's endpoint; HalflifeError where it is not a remote text-to-image one."""
    if not isinstance(model.source, RemoteSource) or model.task != "text-to-image":
        raise HalflifeError(f"Expected a remote text-to-image model for adapter 'openai_images', got {model.id!r}.")
    return model.source


def check_settings(model: Model) -> None:
    """Raise HalflifeError where the settings' `extra` takes a field that is not the catalogue's to set."""
    reserved = sorted(OWN_FIELDS & set(model.settings.extra))
    if reserved:
        raise HalflifeError(
            f"Expected settings.extra of {model.id!r} without {', '.join(reserved)}, which each request sets itself. "
            "Remove it from the catalogue."
        )


def image_request(request: Request, source: RemoteSource) -> ImageRequest:
    """Return what is sent for `request`."""
    settings = request.settings
    size = None if "aspect_ratio" in settings.extra else f"{settings.width}x{settings.height}"
    extra = {**settings.extra, **_sampler_fields(settings)}
    if source.seed_support != "none":
        extra["seed"] = request.seed
    return ImageRequest(prompt=request.text, size=size, extra=extra)


def _sampler_fields(settings: Settings) -> dict[str, Any]:
    fields = {
        "num_inference_steps": settings.steps,
        "guidance_scale": settings.guidance,
        "negative_prompt": settings.negative_prompt,
    }
    return {name: value for name, value in fields.items() if value is not None}
