"""One exchange with a provider: sent once, with a time limit and a limit on bytes, the key to trusted hosts alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from data.catalogue.provider_spec import ProviderSpec
from data.vocabulary import RemoteSource
from harness.credential import Credential
from harness.generator import RequestError
from harness.remote.adapters.http_job.token import key_headers
from harness.remote.connection_errors import connection_error
from harness.remote.reply import HTTPReply, reply_without_key
from harness.remote.transport.content_encoding import EncodedReplyError, TooManyBytesError
from harness.remote.transport.environment import Environment
from harness.remote.transport.quiet_logs import quiet
from harness.remote.transport.ssrf import (
    AddressRefusedError,
    addresses_of,
    addresses_of_server,
    read_host_port,
    read_origin,
)

REPLY_BYTES = 96_000_000
POLL_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A whole reply and its status."""

    status: int
    http: HTTPReply = field(repr=False)


class JobClient:
    """The connection of one model to its provider. Not thread-safe: one request at a time."""

    def __init__(
        self, spec: ProviderSpec, source: RemoteSource, credential: Credential, environment: Environment
    ) -> None:
        import httpx2

        from harness.remote.transport.connection import RequestTimer, Transport, connection_pool

        self._spec, self._source, self._credential, self._environment = spec, source, credential, environment
        self._origin = read_origin(source.base_url)
        self._allowed = frozenset(map(read_host_port, source.download_hosts))
        self._timer = RequestTimer(environment.timer)
        transport = Transport(
            connection_pool(self._admit, self._timer, environment.tls),
            self._timer,
            REPLY_BYTES,
            key_header=source.key_header,
            also=[name.lower() for name in (*spec.submit.headers, spec.submit.idempotency_header) if name],
            watch=environment.watch,
        )
        self._http = httpx2.Client(transport=transport, follow_redirects=False, trust_env=False)

    def url(self, path: str) -> str:
        """Return the URL of a path of the spec."""
        return self._source.base_url.rstrip("/") + path

    def trusted(self, named: str | None) -> str | None:
        """Return a URL that the provider named where the key may go along: to its own server, or a listed host."""
        if not named:
            return None
        url = urljoin(f"{self._source.base_url.rstrip('/')}/", named)
        try:
            parts, origin = urlsplit(url), read_origin(url)
        except ValueError:
            return None
        if parts.username is not None or self._credential.hide(url) != url:
            return None
        if (parts.scheme, origin) == (urlsplit(self._source.base_url).scheme, self._origin):
            return url
        listed = any(_is_listed(origin[0], host) for host in self._spec.hosts)
        return url if parts.scheme == "https" and origin[1] == 443 and listed else None

    def post(self, path: str, body: Mapping[str, Any], request_id: str) -> Received | RequestError:
        """Submit a job, once."""
        headers = dict(self._spec.submit.headers)
        if self._spec.submit.idempotency_header:
            headers[self._spec.submit.idempotency_header] = request_id
        content: dict[str, Any] = {"json": body}
        if self._spec.submit.form == "multipart":
            content = {"files": {name: (None, _form_text(value)) for name, value in body.items()}}
        return self._exchange("POST", self.url(path), self._source.timeout_s, headers=headers, **content)

    def ask(self, url: str, method: str = "GET") -> Received | RequestError:
        """Ask about a job, or give it up; costs nothing."""
        versions = {name: value for name, value in self._spec.submit.headers.items() if name.lower() != "prefer"}
        return self._exchange(method, url, min(POLL_SECONDS, self._source.timeout_s), headers=versions)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _exchange(
        self, method: str, url: str, seconds: float, *, headers: Mapping[str, str], **content: Any
    ) -> Received | RequestError:
        import httpx2

        source, environ = self._source, self._environment.environ
        now = self._environment.timer.now().timestamp()
        key = key_headers(self._spec, source, self._credential, environ=environ, now=now)
        content |= {"params": dict(source.query)} if source.query else {}
        self._timer.start(seconds)
        try:
            with quiet():
                response = self._http.request(method, url, headers={**headers, **key}, **content)
        except (httpx2.HTTPError, AddressRefusedError, EncodedReplyError, TooManyBytesError) as error:
            return connection_error(error, url, seconds, environ)
        return Received(status=response.status_code, http=self._reply(response.content, response.headers))

    def _reply(self, body: bytes, headers: Mapping[str, str]) -> HTTPReply:
        return reply_without_key(body, headers, timer=self._timer, credential=self._credential)

    def _admit(self, host: str, port: int) -> Sequence[str]:
        """The configured server may be anywhere, but gets no key over http in public; others must be public."""
        if (host, port) != self._origin:
            return addresses_of(host, port, allowed=self._allowed, resolver=self._environment.resolver)
        resolver, sends_key = self._environment.resolver, bool(self._credential.name)
        return addresses_of_server(self._source.base_url, (host, port), resolver=resolver, sends_key=sends_key)


def _is_listed(host: str, entry: str) -> bool:
    return host.endswith(entry[1:]) if entry.startswith("*.") else host == entry


def _form_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
