"""One POST to an OpenAI-compatible image endpoint through the official SDK, with every automatism taken out.

The SDK retries twice, follows redirects with the key, and reads organisation, project and whole headers out of the
environment. Here `max_retries=0`, nothing is followed, only the headers that the call needs leave, and the whole call
has one time limit and one limit on bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from data.errors import MissingExtraError
from data.vocabulary import RemoteSource
from harness.credential import Credential
from harness.generator import RequestError
from harness.remote.adapters.openai_images.request import ImageRequest
from harness.remote.connection_errors import connection_error
from harness.remote.reply import HTTPReply, reply_without_key
from harness.remote.retries import read_http_error
from harness.remote.transport.content_encoding import EncodedReplyError, TooManyBytesError
from harness.remote.transport.environment import Environment
from harness.remote.transport.quiet_logs import quiet
from harness.remote.transport.ssrf import AddressRefusedError, addresses_of_server

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


def require_sdk() -> None:
    """Raise MissingExtraError, with the command that installs it, where the SDK is not there."""
    try:
        import openai  # noqa: F401
    except ImportError:
        raise MissingExtraError("A remote model", "openai") from None


def key_headers(source: RemoteSource, credential: Credential) -> dict[str, str]:
    """Return the header that the key goes in: "Bearer …" in authorization, the bare key in another."""
    key = credential.reveal()
    return {source.key_header: f"Bearer {key}" if source.key_header == "authorization" else key}


class OpenAIClient:
    """The SDK's client for one endpoint. Not thread-safe: one connection, one request at a time."""

    def __init__(
        self, source: RemoteSource, credential: Credential, *, environment: Environment, limits: DownloadLimits
    ) -> None:
        require_sdk()
        import httpx2
        import openai

        from harness.remote.transport.connection import RequestTimer, Transport, connection_pool

        self._source, self._credential, self._environment = source, credential, environment
        self._timer = RequestTimer(environment.timer)
        pool = connection_pool(self._admit, self._timer, environment.tls)
        transport = Transport(
            pool,
            self._timer,
            limits.picture_bytes * 4 // 3 + REPLY_OVERHEAD,
            key_header=source.key_header,
            watch=environment.watch,
        )
        self._http = httpx2.Client(transport=transport, follow_redirects=False, trust_env=False)
        self._sdk = openai.OpenAI(
            api_key=credential.reveal(),
            base_url=source.base_url,
            max_retries=0,
            timeout=source.timeout_s,
            default_headers=key_headers(source, credential),
            default_query=dict(source.query),
            http_client=self._http,
        )

    def _admit(self, host: str, port: int) -> Sequence[str]:
        resolver, sends_key = self._environment.resolver, bool(self._credential.name)
        return addresses_of_server(self._source.base_url, (host, port), resolver=resolver, sends_key=sends_key)

    def get(self, url: str) -> HTTPReply | None:
        """Ask how far a task is, at a URL of the same server; costs nothing. None where there is no answer."""
        import httpx2

        self._timer.start(self._source.timeout_s)
        headers = key_headers(self._source, self._credential) if self._credential.name else {}
        try:
            with quiet():
                response = self._http.get(url, headers=headers)
        except EncodedReplyError as error:
            return self._reply(error.body, httpx2.Headers())
        except (httpx2.HTTPError, AddressRefusedError, TooManyBytesError):
            return None
        return self._reply(response.content, response.headers) if response.is_success else None

    def post(self, request: ImageRequest) -> HTTPReply | RequestError:
        """Send one request, once, within the source's time limit; what the provider does wrong is a RequestError."""
        import openai

        self._timer.start(self._source.timeout_s)
        try:
            with quiet():
                raw = self._generate(request)
        except openai.APIStatusError as error:
            return self._status_error(error.response)
        except openai.APIConnectionError as error:
            return self._lost(error.__cause__)
        except (AddressRefusedError, EncodedReplyError, TooManyBytesError) as error:
            return self._lost(error)
        return self._reply(raw.content, raw.headers)

    def _reply(self, body: bytes, headers: "httpx2.Headers") -> HTTPReply:
        return reply_without_key(body, headers, timer=self._timer, credential=self._credential)

    def _lost(self, error: BaseException | None) -> RequestError:
        source = self._source
        return connection_error(error, source.base_url, source.timeout_s, self._environment.environ)

    def _generate(self, request: ImageRequest) -> "LegacyAPIResponse[ImagesResponse]":
        import openai

        return self._sdk.images.with_raw_response.generate(
            model=self._source.model,
            prompt=request.prompt,
            n=1,
            size=openai.omit if request.size is None else request.size,
            extra_body=dict(request.extra),
        )

    def _status_error(self, response: "httpx2.Response") -> RequestError:
        told = self._reply(response.content, response.headers)
        now, name = self._environment.timer.now(), self._credential.name
        url = f"{self._source.base_url.rstrip('/')}/images/generations"
        url += f"?{urlencode(self._source.query)}" if self._source.query else ""
        status, headers = response.status_code, told.headers
        return read_http_error(status, told.body, headers, now=now, credential_name=name, url=url)

    def close(self) -> None:
        """Close the connection."""
        self._sdk.close()
