"""From the replies to a completed job to its outcome: the media fetched or decoded, and read as hostile input."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urljoin

from data.catalogue.provider_spec import ProviderSpec
from data.image_header import PictureRefusedError, read_picture
from data.media import sniff
from data.vocabulary import Model, Request, SeedSupport
from harness.generator import Job, Outcome
from harness.remote.adapters.http_job.reading import Reply, cost_of, declined, kept_facts, prompt_of, seed_of, words_of
from harness.remote.adapters.http_job.request import remote_source
from harness.remote.reply import ReplyError, decode_base64
from harness.remote.transport.download import DownloadError, Fetching, download
from harness.remote.transport.environment import Environment
from harness.remote.transport.ssrf import read_host_port, read_origin

PICTURE_BYTES, VIDEO_BYTES = 64_000_000, 1_000_000_000
PICTURE_SECONDS, VIDEO_SECONDS = 120.0, 600.0


class Completed(NamedTuple):
    """A job that is done: the replies to its submission and to the questions about it, the last one last."""

    spec: ProviderSpec
    model: Model
    request: Request
    job: Job
    replies: Sequence[Reply]


def delivered(completed: Completed, environment: Environment) -> Outcome:
    """Return what comes of a completed job; unknown where its media may still be had later."""
    reply = completed.replies[-1]
    error = declined(completed.spec, reply)
    if error is not None and error.kind in ("refused", "failed"):
        return _without(completed, "refused" if error.kind == "refused" else "failed", error.reason)
    try:
        data = _media(completed, reply, environment)
    except DownloadError as lost:
        if lost.waits or lost.timed_out:
            words = f"Job {completed.job.id} is done and its result was not had: {lost}"
            return replace(_without(completed, "unknown", words), unread=lost.body)
        return _without(completed, "failed", str(lost), lost.body)
    except ReplyError as wrong:
        return _without(completed, "failed", str(wrong), reply.body)
    return _read(completed, data)


def media_url(spec: ProviderSpec, reply: Reply) -> str | None:
    """Return the URL at which a reply says that the media are; None also where it is a `data:` URL."""
    url = reply.text(spec.result.url)
    return None if url is None or url.startswith("data:") else url


def encoded_media(spec: ProviderSpec, reply: Reply) -> str | None:
    """Return the base64 that a reply holds, also as a `data:` URL."""
    url = reply.text(spec.result.url)
    return url if url is not None and url.startswith("data:") else reply.text(spec.result.base64)


def _media(completed: Completed, reply: Reply, environment: Environment) -> bytes:
    """The bytes of the media: out of the reply, or from the URL that it, or for want of it the job, names."""
    spec, is_video = completed.spec, completed.model.task.endswith("video")
    encoded = encoded_media(spec, reply)
    if encoded is not None:
        return decode_base64(encoded, PICTURE_BYTES)
    url = media_url(spec, reply) or (completed.job.result_url if spec.status is None else None)
    if url is None:
        words = words_of(spec, reply)
        raise ReplyError("Expected media of a completed job, got none" + (f": {words}" if words else "."))
    source = remote_source(completed.model)
    fetching = Fetching(
        allowed=frozenset([*map(read_host_port, source.download_hosts), read_origin(source.base_url)]),
        most_bytes=VIDEO_BYTES if is_video else PICTURE_BYTES,
        seconds=VIDEO_SECONDS if is_video else PICTURE_SECONDS,
        environment=environment,
        what="video" if is_video else "picture",
    )
    return download(urljoin(f"{source.base_url.rstrip('/')}/", url), fetching)


def _read(completed: Completed, data: bytes) -> Outcome:
    facts: dict[str, Any]
    if completed.model.task.endswith("video"):
        kind = sniff(data)
        if kind is None or not kind.mime.startswith("video/"):
            got = kind.mime if kind else f"{len(data):,} bytes of another kind"
            return _without(completed, "failed", f"Expected a video, got {got}.", data)
        facts = {"media_type": kind.mime}
    else:
        try:
            picture = read_picture(data)
        except PictureRefusedError as error:
            return _without(completed, "failed", str(error), data)
        facts = {"media_type": picture.media_type, "width": picture.width, "height": picture.height, "frames": 1}
    prompt = prompt_of(completed.spec, completed.replies[-1])
    return Outcome(
        status="ok",
        data=data,
        seed_support=_seed_support(completed),
        request_id=completed.job.id,
        revised_prompt=None if prompt == completed.request.text else prompt,
        **_money(completed),
        **facts,
    )


def _without(completed: Completed, status: Any, reason: str, unread: bytes | None = None) -> Outcome:
    return Outcome(
        status=status,
        reason=reason,
        unread=unread or None,
        seed_support="none",
        request_id=completed.job.id,
        **_money(completed),
    )


def _money(completed: Completed) -> dict[str, Any]:
    """The cost that the last reply with one reports; else what the follower reckons it from."""
    costs = [cost_of(completed.spec, reply) for reply in completed.replies]
    reported = next((cost for cost in reversed(costs) if cost is not None), None)
    facts = kept_facts(completed.spec, completed.replies) or None
    if reported is None:
        return {"provider_timings": facts}
    return {"provider_timings": facts, "cost_usd": reported, "cost_source": "reported"}


def _seed_support(completed: Completed) -> SeedSupport:
    if remote_source(completed.model).seed_support == "none":
        return "none"
    seed = seed_of(completed.spec, completed.replies)
    if seed is None:
        return "requested"
    return "echoed" if seed == completed.request.seed else "none"
