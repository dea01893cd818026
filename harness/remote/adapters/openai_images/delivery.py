"""From a reply of an OpenAI-compatible image endpoint to the outcome: the picture fetched, read and charged."""

from typing import NamedTuple
from urllib.parse import urljoin

from data.image_header import ImageHeader, PictureRefusedError, read_picture
from data.pricing import Usage
from data.vocabulary import Model, RemoteSource
from harness.credential import Credential
from harness.generator import Outcome
from harness.remote.adapters.openai_images.client import DownloadLimits, OpenAIClient
from harness.remote.adapters.openai_images.request import ImageRequest
from harness.remote.billing import BilledCost, ProviderBill, bill
from harness.remote.outcomes import Delivery, echoed_seed, from_bad_reply, from_flagged, from_picture
from harness.remote.reply import HTTPReply, MediaReply, ReplyError, read_value
from harness.remote.transport.download import DownloadError, Fetching, download
from harness.remote.transport.environment import Environment
from harness.remote.transport.ssrf import read_host_port, read_origin
from harness.remote.usage import read_bill


class Endpoint(NamedTuple):
    """One model's endpoint while it is open; `bound` are the dollars that a request costs at most."""

    model: Model
    source: RemoteSource
    credential: Credential
    client: OpenAIClient
    bound: float
    limits: DownloadLimits
    environment: Environment


def delivered(endpoint: Endpoint, payload: ImageRequest, http: HTTPReply, reply: MediaReply) -> Outcome:
    """Return what comes of a reply with a picture: bytes that cannot be read, or are flagged, are kept too."""
    try:
        data, seconds = _fetch(endpoint, reply)
    except DownloadError as error:
        return from_bad_reply(error, http, _cost(endpoint, reply.bill), error.body)
    try:
        picture = read_picture(data, endpoint.limits.pixels)
    except PictureRefusedError as error:
        cost = _cost(endpoint, reply.bill)
        if reply.refusal is not None:
            return from_flagged(reply.refusal, data, http, cost)
        return from_bad_reply(error, http, cost, data)
    cost = _cost(endpoint, reply.bill, picture)
    if reply.refusal is not None:
        return from_flagged(reply.refusal, data, http, cost)
    delivery = Delivery(data=data, picture=picture, fetch_seconds=seconds)
    return from_picture(delivery, http, reply, cost=cost, seed_support=echoed_seed(payload.extra, reply))


def undelivered(endpoint: Endpoint, http: HTTPReply, error: ReplyError) -> Outcome:
    """Return what comes of a reply without a picture: it is charged, and its bytes are kept."""
    said = read_bill(read_value(http.body), http.headers)
    return from_bad_reply(error, http, _cost(endpoint, said), http.body)


def _cost(endpoint: Endpoint, said: ProviderBill, picture: ImageHeader | None = None) -> BilledCost:
    usage = Usage(width=picture.width, height=picture.height) if picture else Usage()
    return bill(endpoint.model, said, usage, bound=endpoint.bound)


def _fetch(endpoint: Endpoint, reply: MediaReply) -> tuple[bytes, float]:
    """The picture's bytes and the seconds that their download took; a URL may be relative to `base_url`."""
    if reply.data is not None:
        return reply.data, 0.0
    timer, source = endpoint.environment.timer, endpoint.source
    began = timer.monotonic()
    url = urljoin(f"{source.base_url.rstrip('/')}/", reply.url or "")
    return download(url, _fetching(endpoint)), timer.monotonic() - began


def _fetching(endpoint: Endpoint) -> Fetching:
    """Public https hosts, the hosts that the catalogue names, and the configured server itself."""
    source, limits = endpoint.source, endpoint.limits
    return Fetching(
        allowed=frozenset([*map(read_host_port, source.download_hosts), read_origin(source.base_url)]),
        most_bytes=limits.picture_bytes,
        seconds=limits.download_seconds,
        environment=endpoint.environment,
    )
