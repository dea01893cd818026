"""Fetch a picture or a video from a URL that a provider's reply names, safely.

A connection of its own: no key, no cookies, no proxy, no automatic redirects; https only (http to hosts that the user
named); each address checked when connecting; three redirects at most, each checked again; a cap on bytes and on the
total time. Signed URLs are logged nowhere, and reasons name the host only.
The bytes stay in memory (64 MB at most): `MediaStore.put` writes them to a temporary file, hashes, and renames.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin

from data.image_header import PICTURE_TYPES
from harness.remote.transport.content_encoding import EncodedReplyError, TooManyBytesError, whole
from harness.remote.transport.environment import Environment
from harness.remote.transport.quiet_logs import quiet
from harness.remote.transport.ssrf import (
    DEFAULT_PORTS,
    AddressRefusedError,
    HostPort,
    Target,
    addresses_of,
    authority,
    read_target,
)

if TYPE_CHECKING:
    import httpcore2

    from harness.remote.transport.connection import RequestTimer

MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WAITS = (0.5, 2.0)
WAITS_FOR_A_FILE = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
NOT_YET_THERE = frozenset({202, 204, 404, 425, 429})
What = Literal["picture", "video"]
ACCEPTED: Mapping[What, str] = {"picture": ", ".join(PICTURE_TYPES), "video": "video/mp4, video/webm"}


class DownloadError(Exception):
    """A picture that could not be fetched, and why; `timed_out` where the time limit ended it.

    `waits` are the seconds to wait before each further try: none where trying again would not help. `body` is what came
    and is no picture, None where nothing did.
    """

    def __init__(
        self, reason: str, *, timed_out: bool = False, waits: Sequence[float] = (), body: bytes | None = None
    ) -> None:
        super().__init__(reason)
        self.timed_out, self.waits, self.body = timed_out, waits, body


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetching:
    """How media are fetched: hosts allowed beside public ones, limits in bytes and seconds, the surroundings.

    `what` is the word for them in reasons.
    """

    allowed: Collection[HostPort] = ()
    most_bytes: int = 64_000_000
    seconds: float = 120.0
    environment: Environment = field(default_factory=Environment)
    what: What = "picture"


def download(url: str, fetching: Fetching) -> bytes:
    """Return the bytes behind `url`. A GET costs nothing: dropped connections, 5xx and a 404 are tried again.

    Raises DownloadError with a reason that names the host and no path. All tries share one time limit.
    """
    from harness.remote.transport.connection import RequestTimer

    timer = RequestTimer(fetching.environment.timer)
    timer.start(fetching.seconds)
    tries = 0
    while True:
        try:
            return _follow(url, fetching, timer)
        except DownloadError as error:
            if tries >= len(error.waits):
                raise
            fetching.environment.timer.sleep(error.waits[tries])
            tries += 1


def _follow(url: str, fetching: Fetching, timer: "RequestTimer") -> bytes:
    for _ in range(MOST_REDIRECTS + 1):
        try:
            target = read_target(url, fetching.allowed)
            answer = _get(target, fetching, timer)
        except AddressRefusedError as error:
            raise DownloadError(str(error)) from None
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer.location)
    raise DownloadError(f"Expected at most {MOST_REDIRECTS} redirects, got more.")


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str


def _get(target: Target, fetching: Fetching, timer: "RequestTimer") -> "bytes | _Redirect":
    import httpcore2

    from harness.remote.transport.connection import connection_pool

    admit = partial(addresses_of, allowed=fetching.allowed, resolver=fetching.environment.resolver)
    try:
        with quiet(), connection_pool(admit, timer, fetching.environment.tls) as pool:
            return _answer(pool, target, fetching)
    except httpcore2.TimeoutException:
        raise DownloadError(
            f"{target.host} sent no whole {fetching.what} within {fetching.seconds:g} s.", timed_out=True
        ) from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        reason = f"The connection to {target.host} failed ({type(error).__name__})."
        raise DownloadError(reason, waits=WAITS) from None


def _answer(pool: "httpcore2.ConnectionPool", target: Target, fetching: Fetching) -> "bytes | _Redirect":
    import httpcore2

    url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    is_default = target.port == DEFAULT_PORTS.get(target.scheme)
    headers = [
        ("Host", authority(target.host, None if is_default else target.port)),
        ("Accept", ACCEPTED[fetching.what]),
        ("Accept-Encoding", "identity"),
        ("User-Agent", "halflife"),
        ("Connection", "close"),
    ]
    with pool.stream("GET", url, headers=headers) as response:
        if response.status in REDIRECTS:
            return _Redirect(_location(response, target))
        if response.status != 200:
            reason = f"{target.host} answered {response.status} instead of a {fetching.what}."
            raise DownloadError(reason, waits=_waits(response.status))
        return _body(response, target, fetching)


def _waits(status: int) -> Sequence[float]:
    """A file that a network of caches does not have yet is waited for, half a minute in all."""
    if status in NOT_YET_THERE:
        return WAITS_FOR_A_FILE
    return WAITS if status >= 500 else ()


def _location(response: "httpcore2.Response", target: Target) -> str:
    for name, value in response.headers:
        if name.lower() == b"location":
            return value.decode("latin-1")
    raise DownloadError(f"{target.host} answered {response.status} without saying where to.")


def _body(response: "httpcore2.Response", target: Target, fetching: Fetching) -> bytes:
    most_bytes = fetching.most_bytes
    try:
        return whole(response.iter_stream(), response.headers, most_bytes)
    except EncodedReplyError as error:
        reason = f"Expected an uncompressed {fetching.what} from {target.host}, got a compressed one."
        raise DownloadError(reason, body=error.body or None) from None
    except TooManyBytesError:
        raise DownloadError(f"Expected at most {most_bytes:,} bytes from {target.host}, got more.") from None
