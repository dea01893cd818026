"""One POST to an OpenAI-compatible image endpoint through the official SDK, with every automatism taken out.

The SDK retries twice, follows redirects with the key, and reads organisation, project and whole headers out of the
environment. Here `max_retries=0`, nothing is followed, only the headers that the call needs leave, and the whole call
has one time limit and one limit on bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from data.errors import MissingExtraError
from data.vocabulary import RemoteSource
from harness.remote.adapters.openai_images.request import ImageRequest
from harness.remote.credential import Credential
from harness.remote.retries import RequestError, read_fault
from harness.remote.transport.environment import Environment
from harness.remote.transport.quiet_logs import quiet
from harness.remote.transport.ssrf import AddressRefusedError, is_public

if TYPE_CHECKING:
    import httpx2
    from openai._legacy_response import LegacyAPIResponse
    from openai.types import ImagesResponse

REPLY_OVERHEAD = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadLimits:
    """How large a picture may be, in bytes and pixels, and how long its download may take, in seconds."""

    picture_bytes: int = 64_000_000
    pixels: int = 8192 * 8192
    download_seconds: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPReply:
    """A reply with a status below 300: its bytes, its headers by lower-case name, and seconds of a monotonic clock.

    `submit_seconds` runs from the submission to the reply's headers, `read_seconds` from there to its last byte.
    """

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    submit_seconds: float
    read_seconds: float


def require_sdk() -> None:
    """Raise MissingExtraError, with the command that installs it, where the SDK is not there."""
    try:
        import openai  # noqa: F401
    except ImportError:
        raise MissingExtraError("A remote model", "openai") from None


class OpenAIClient:
    """The SDK's client for one endpoint. Not thread-safe: one connection, one request at a time."""

    def __init__(
        self, source: RemoteSource, credential: Credential, *, outside: Environment, limits: DownloadLimits
    ) -> None:
        require_sdk()
        import httpx2
        import openai

        from harness.remote.transport.connection import RequestTimer, Transport, connection_pool

        self._source, self._credential, self._outside = source, credential, outside
        self._stopwatch = RequestTimer(outside.clock)
        pool = connection_pool(self._admit, self._stopwatch, outside.tls)
        transport = Transport(pool, self._stopwatch, limits.picture_bytes * 4 // 3 + REPLY_OVERHEAD)
        self._sdk = openai.OpenAI(
            api_key=credential.reveal(),
            base_url=source.base_url,
            max_retries=0,
            timeout=source.timeout_s,
            default_headers={"Authorization": f"Bearer {credential.reveal()}"},
            http_client=httpx2.Client(transport=transport, follow_redirects=False, trust_env=False),
        )

    def _admit(self, host: str, port: int) -> Sequence[str]:
        addresses = tuple(self._outside.resolver(host, port))
        bare = urlsplit(self._source.base_url).scheme == "http" and self._credential.name
        if bare and any(is_public(address) for address in addresses):
            raise AddressRefusedError("Expected an https base_url for a public server that gets a key, got http.")
        return addresses

    def post(self, asked: ImageRequest) -> HTTPReply | RequestError:
        """Send one request, once, within the source's time limit; what the provider does wrong becomes a Fault."""
        import openai

        from harness.remote.transport.connection import EncodedReplyError, TooManyBytesError

        self._stopwatch.start(self._source.timeout_s)
        try:
            with quiet():
                raw = self._generate(asked)
        except openai.APIStatusError as error:
            return self._status_fault(error.response)
        except openai.APIConnectionError as error:
            return self._connection_fault(error.__cause__)
        except AddressRefusedError as error:
            return RequestError(kind="failed", reason=str(error), free=True)
        except (EncodedReplyError, TooManyBytesError) as error:
            return RequestError(kind="failed", reason=str(error))
        stopwatch = self._stopwatch
        return HTTPReply(
            body=raw.content,
            headers={name.lower(): value for name, value in raw.headers.items()},
            submit_seconds=stopwatch.headers - stopwatch.submitted,
            read_seconds=stopwatch.last_byte - stopwatch.headers,
        )

    def _generate(self, asked: ImageRequest) -> "LegacyAPIResponse[ImagesResponse]":
        import openai

        return self._sdk.images.with_raw_response.generate(
            model=self._source.model,
            prompt=asked.prompt,
            n=1,
            size=openai.omit if asked.size is None else asked.size,
            extra_body=dict(asked.extra),
        )

    def _status_fault(self, response: "httpx2.Response") -> RequestError:
        headers = {name.lower(): value for name, value in response.headers.items()}
        now, name = self._outside.clock.now(), self._credential.name
        return read_fault(response.status_code, response.content, headers, now=now, credential_name=name)

    def _connection_fault(self, cause: BaseException | None) -> RequestError:
        import httpx2

        never = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
        host = urlsplit(self._source.base_url).netloc
        if isinstance(cause, never):
            return RequestError(kind="not-delivered", reason=f"No connection to {host}: {cause}.", free=True)
        if isinstance(cause, httpx2.TimeoutException):
            limit = f"{self._source.timeout_s:g} s"
            return RequestError(
                kind="timed-out", reason=f"No whole reply within {limit}; outcome unknown, not sent again."
            )
        name = type(cause).__name__
        return RequestError(kind="unknown", reason=f"The reply was dropped ({name}); outcome unknown, not sent again.")

    def close(self) -> None:
        """Close the connection."""
        self._sdk.close()
