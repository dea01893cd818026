"""From an outcome to the sample that is journalled: what was asked, what came, what it cost."""

import datetime as dt

from data.media import sniff
from data.serialization import bytes_digest
from data.vocabulary import CostSource, Model, Plan, Request, Sample, Settings
from harness.generator import Outcome
from harness.recorder import Media

SECONDS_PER_HOUR = 3600.0
OTHER_KIND = "Expected PNG, JPEG, WebP, GIF, AVIF, MP4 or WebM, got bytes of another kind."


def media_of(outcome: Outcome) -> Media | None:
    """Return the outcome's media as what its first bytes say that it is, or None where it has none that is known."""
    return _sniffed(outcome.data)


def delivery_of(outcome: Outcome) -> Media | None:
    """Return the outcome's delivery file, or None where the media are delivered as they are."""
    return _sniffed(outcome.delivery)


def unread_of(outcome: Outcome) -> bytes | None:
    """Return bytes that were paid for and cannot be the sample's media, None where there are none."""
    return outcome.unread if outcome.data is None or media_of(outcome) is not None else outcome.data


def sample_of(plan: Plan, model: Model, request: Request, *, at: dt.datetime, outcome: Outcome) -> Sample:
    """Return the record of `outcome`, asked for at `at`; its media fields are filled when the media is kept.

    A local sample costs its seconds at the machine's declared price. Bytes that are no known media fail the sample. Of
    media that were brought, nothing was asked, and their cost is what whoever brought them says.
    """
    usd, source = _cost(plan, model, outcome)
    settings, is_asked = request.settings, plan.brought is None
    known = outcome.data is None or media_of(outcome) is not None
    return Sample(
        id=request.id,
        run_id=plan.run_id,
        model=model.id,
        prompt=request.prompt,
        category=request.category,
        seed=request.seed,
        status=outcome.status if known else "failed",
        reason=_reason(outcome.reason if known else OTHER_KIND, unread_of(outcome)),
        started_at=at,
        call=outcome.call,
        timing=outcome.timing,
        width_asked=settings.width if is_asked else None,
        height_asked=settings.height if is_asked else None,
        frames_asked=settings.frames if is_asked else 1,
        width=outcome.width,
        height=outcome.height,
        frames=outcome.frames,
        cost_usd=usd,
        cost_source=source,
        seed_support=outcome.seed_support,
        request_id=outcome.request_id,
        revised_prompt=outcome.revised_prompt,
        provider_timings=outcome.provider_timings,
        fps_asked=settings.fps if is_asked else None,
        video_seconds_asked=_seconds_asked(settings) if is_asked else None,
        audio_asked=settings.audio and is_asked,
        fps=outcome.fps,
        video_seconds=outcome.video_seconds,
        audio=outcome.audio,
    )


def _reason(reason: str | None, unread: bytes | None) -> str | None:
    if unread is None:
        return reason
    return f"{reason} What came is kept: {len(unread):,} bytes, {bytes_digest(unread)[:16]}…"


def _seconds_asked(settings: Settings) -> float | None:
    """The length of the frames that were asked for, which is the nearest that the class makes; else the seconds."""
    if settings.fps is not None and settings.frames > 1:
        return settings.frames / settings.fps
    return settings.video_seconds


def _sniffed(data: bytes | None) -> Media | None:
    kind = sniff(data) if data is not None else None
    return Media(data, kind) if data is not None and kind is not None else None


def _cost(plan: Plan, model: Model, outcome: Outcome) -> tuple[float | None, CostSource]:
    made_here = model.location == "local" and plan.brought is None
    if outcome.cost_usd is None and outcome.timing is not None and made_here:
        return outcome.timing.seconds * plan.machine.usd_per_hour / SECONDS_PER_HOUR, "machine-seconds"
    return outcome.cost_usd, outcome.cost_source
