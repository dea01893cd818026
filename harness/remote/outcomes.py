"""What becomes of a reply: the Outcome that the runner records, with every word of the provider's scrubbed.

What a sample costs says `harness.remote.billing`. What was refused, failed or is unknown counts as charged at its bound
until there is evidence that nothing was delivered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from data.image_header import ImageHeader
from data.media import sniff
from data.video.clip import Clip, ReadLimits, UnreadableVideoError
from data.video.reader import VideoReader
from data.vocabulary import SeedSupport, Status, Timing
from harness.credential import Credential
from harness.generator import Outcome, RequestError, RequestErrorKind
from harness.remote.billing import BilledCost, with_claim
from harness.remote.reply import LONGEST_PROMPT, LONGEST_REQUEST_ID, HTTPReply, MediaReply
from harness.remote.transport.download import DownloadError

STATUS: Mapping[RequestErrorKind, Status] = {
    "not-delivered": "failed",
    "busy": "failed",
    "timed-out": "timed-out",
    "unknown": "unknown",
    "refused": "refused",
    "failed": "failed",
}

PROBE = ReadLimits(side=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A picture that came: its bytes, what its header says, and its download's seconds (0 when it was in the reply)."""

    data: bytes
    picture: ImageHeader
    fetch_seconds: float


def from_error(error: RequestError, bound: float) -> Outcome:
    """The outcome of a request without media whose reservation was `bound` dollars."""
    return Outcome(
        status=STATUS[error.kind],
        reason=error.reason,
        lasting=error.lasting,
        unread=error.unread,
        cost_usd=0.0 if error.free else bound,
        cost_source="estimate" if error.free else "bound",
        seed_support="none",
        request_id=error.request_id,
    )


def from_bad_reply(error: Exception, http: HTTPReply, cost: BilledCost, unread: bytes | None) -> Outcome:
    """The outcome of a reply with status 200 whose picture could not be had; it is charged, and `unread` is kept."""
    timed_out = isinstance(error, DownloadError) and error.timed_out
    return Outcome(
        status="timed-out" if timed_out else "failed",
        reason=str(error),
        unread=unread or None,
        cost_usd=cost.usd,
        cost_source=cost.source,
        seed_support="none",
        request_id=request_id(http),
        provider_timings=with_claim(None, cost),
    )


def from_picture(
    delivery: Delivery, http: HTTPReply, reply: MediaReply, *, cost: BilledCost, seed_support: SeedSupport
) -> Outcome:
    """The outcome of a picture; `seconds` is `submit_seconds` (to the reply's headers) plus `download_seconds`."""
    download = http.read_seconds + delivery.fetch_seconds
    timing = Timing(
        seconds=http.submit_seconds + download, submit_seconds=http.submit_seconds, download_seconds=download
    )
    return Outcome(
        status="ok",
        data=delivery.data,
        media_type=delivery.picture.media_type,
        timing=timing,
        width=delivery.picture.width,
        height=delivery.picture.height,
        frames=1,
        cost_usd=cost.usd,
        cost_source=cost.source,
        seed_support=seed_support,
        request_id=request_id(http),
        revised_prompt=reply.revised_prompt,
        provider_timings=with_claim(reply.timings, cost),
    )


def from_flagged(flag: str, picture: bytes, http: HTTPReply, cost: BilledCost) -> Outcome:
    """The outcome of a picture that the provider itself says is none, such as a blackened one; its bytes are kept."""
    return Outcome(
        status="refused",
        reason=f"Refused: the provider flags its picture ({flag}).",
        unread=picture,
        cost_usd=cost.usd,
        cost_source=cost.source,
        seed_support="none",
        request_id=request_id(http),
        provider_timings=with_claim(None, cost),
    )


def with_video_facts(outcome: Outcome) -> Outcome:
    """Return the outcome of a video with what its file holds: pixels, frames, rate, seconds, sound; read apart.

    A video that cannot be read keeps its bytes, which were paid for, and has none of these; pictures are left alone.
    """
    kind = sniff(outcome.data or b"")
    if outcome.data is None or kind is None or not kind.mime.startswith("video/"):
        return outcome
    try:
        with VideoReader(PROBE) as reader:
            return replace(outcome, media_type=kind.mime, **_video_facts(reader.read(outcome.data)))
    except UnreadableVideoError:
        return replace(outcome, media_type=kind.mime)


def _video_facts(clip: Clip) -> dict[str, Any]:
    sides = (clip.file.width, clip.file.height)
    width, height = reversed(sides) if clip.file.rotation % 180 else sides
    return {
        "width": width,
        "height": height,
        "frames": len(clip.times),
        "fps": None if clip.frames_per_second is None else round(clip.frames_per_second, 6),
        "video_seconds": round(clip.seconds, 6),
        "audio": clip.file.sound is not None,
    }


def echoed_seed(sent: Mapping[str, Any], reply: MediaReply) -> SeedSupport:
    """Whether a seed was asked for, and whether the reply names it; a reply that names another one did not use it."""
    if "seed" not in sent:
        return "none"
    if reply.seed is None:
        return "requested"
    return "echoed" if reply.seed == sent["seed"] else "none"


def scrubbed(outcome: Outcome, credential: Credential) -> Outcome:
    """Return `outcome` without the key, should the provider have sent it back in any of its words."""
    reason, prompt, identifier = outcome.reason, outcome.revised_prompt, outcome.request_id
    return replace(
        outcome,
        reason=None if reason is None else credential.scrub(reason) or "No reason given.",
        revised_prompt=None if prompt is None else credential.hide(prompt)[:LONGEST_PROMPT],
        request_id=None if identifier is None else credential.scrub(identifier, LONGEST_REQUEST_ID),
        unread=None if outcome.unread is None else credential.hide_bytes(outcome.unread),
        provider_timings=_hidden(outcome.provider_timings, credential),
    )


def request_id(http: HTTPReply) -> str | None:
    """The provider's name for the request, out of the headers."""
    return http.headers.get("x-request-id", "")[:LONGEST_REQUEST_ID] or None


def _hidden(value: Any, credential: Credential) -> Any:
    if isinstance(value, str):
        return credential.hide(value)
    if isinstance(value, Mapping):
        return {credential.hide(name): _hidden(item, credential) for name, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item, credential) for item in value]
    return value
