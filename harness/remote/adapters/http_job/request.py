"""What is sent for one sample: the spec's body, filled in with the request's prompt, seed and settings."""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from data.catalogue.body_template import rendered, uses
from data.catalogue.provider_spec import RATIO, ProviderSpec
from data.errors import HalflifeError
from data.vocabulary import Model, RemoteSource, Request, Settings

NEAR = 0.02


def remote_source(model: Model) -> RemoteSource:
    """Return the model's endpoint; TypeError for a local one."""
    if not isinstance(model.source, RemoteSource):
        raise TypeError(f"Expected a remote model, got {model.id!r}, which is local.")
    return model.source


def check_settings(spec: ProviderSpec, model: Model) -> None:
    """Raise HalflifeError where the settings have no ratio that the provider takes, or `extra` takes over a field."""
    try:
        aspect_ratio(spec, model.settings)
    except ValueError as error:
        raise HalflifeError(f"{error} Mend the settings of {model.id!r}.") from None
    own = {key for key, value in spec.submit.body.items() if isinstance(value, str) and value.startswith("{prompt")}
    taken = sorted(own & set(model.settings.extra)) if spec.submit.extra is None else []
    if taken:
        raise HalflifeError(
            f"Expected settings.extra of {model.id!r} without {', '.join(taken)}, which each request sets itself. "
            "Remove it from the catalogue."
        )


def request_body(spec: ProviderSpec, request: Request, source: RemoteSource) -> dict[str, Any]:
    """Return the body of the POST; the settings' `extra` goes where the spec says and stands over its own values."""
    body: dict[str, Any] = rendered(spec.submit.body, _values(spec, request, source))
    extra = dict(request.settings.extra)
    if spec.submit.extra is None:
        return {**body, **extra}
    return {**body, spec.submit.extra: {**body.get(spec.submit.extra, {}), **extra}}


def path_of(template: str, *, model: str, job: str = "") -> str:
    """Return a path of the spec with the model's name, whose slashes stay, and the job's id, whose do not.

    >>> path_of("/v1/models/{model}/jobs/{id}", model="studio/painter", job="a/b")
    '/v1/models/studio/painter/jobs/a%2Fb'
    """
    return template.replace("{model}", quote(model, safe="/")).replace("{id}", quote(job, safe=""))


def aspect_ratio(spec: ProviderSpec, settings: Settings) -> str | None:
    """Return the ratio of width to height in the provider's words; None where its body asks for none.

    Raises ValueError where the provider has none within 2 % of it.
    """
    if not uses(spec.submit.body, "aspect_ratio"):
        return None
    wanted = settings.width / settings.height
    for word in spec.aspect_ratios:
        match = RATIO.fullmatch(word)
        if match and abs(int(match.group(1)) / int(match.group(2)) / wanted - 1) <= NEAR:
            return word
    if spec.aspect_ratios:
        size = f"{settings.width}x{settings.height}"
        raise ValueError(f"Expected a size with a ratio out of {', '.join(spec.aspect_ratios)}, got {size}.")
    common = math.gcd(settings.width, settings.height)
    return f"{settings.width // common}:{settings.height // common}"


def _values(spec: ProviderSpec, request: Request, source: RemoteSource) -> Mapping[str, Any]:
    settings = request.settings
    seconds = settings.video_seconds
    if seconds is None and settings.fps and settings.frames > 1:
        seconds = settings.frames / settings.fps
    return {
        "model": source.model,
        "prompt": request.text,
        "negative_prompt": settings.negative_prompt,
        "seed": None if source.seed_support == "none" else request.seed,
        "width": settings.width,
        "height": settings.height,
        "short_side": min(settings.width, settings.height),
        "aspect_ratio": aspect_ratio(spec, settings),
        "seconds": int(seconds) if seconds is not None and seconds == int(seconds) else seconds,
        "frames": settings.frames if settings.frames > 1 else None,
        "fps": settings.fps,
        "steps": settings.steps,
        "guidance": settings.guidance,
        "audio": settings.audio,
        "request_id": request.id,
    }
