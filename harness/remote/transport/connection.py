"""A connection with a total time limit, a byte limit and a say in which addresses it reaches.

HTTP libraries limit the time of each read; a server that sends one byte a second passes every such limit. Here each
network step gets what is left of one budget. `Connections` is a back end of httpcore2, which both the providers' SDKs
(through `Transport`) and the download of pictures use. Neither reads proxies, `.netrc` or cookies; redirects are never
followed by themselves: a redirected POST would be a second, billable one, and would carry the key elsewhere.
Imported where a remote model is opened, never at the start of the command line.
"""

import contextlib
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import httpcore2
import httpx2

from harness.remote.transport.content_encoding import whole
from harness.remote.transport.environment import Exchange, Timer, Watch, unwatched

Admit = Callable[[str, int], Sequence[str]]
KEPT_HEADERS = frozenset(
    {"host", "accept", "content-type", "content-length", "idempotency-key", "user-agent", "connection"}
)
IDLE_SECONDS = 4.0
CONNECT_SECONDS = 20.0


class RequestTimer:
    """One request's time budget and its stamps, in seconds of a monotonic clock.

    `submitted` is taken before the connection is asked for, `headers` when the reply's headers are whole, `last_byte`
    when its body is.
    """

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        self.submitted = self.headers = self.last_byte = self._ends = timer.monotonic()

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return self._timer.monotonic()

    def start(self, seconds: float) -> None:
        """Begin a request that may take `seconds` in all."""
        self.submitted = self.headers = self.last_byte = self.now()
        self._ends = self.submitted + seconds

    def remaining(self, at_most: float | None = None) -> float:
        """Seconds that are left, at most `at_most`; httpcore2.ReadTimeout once there are none."""
        left = self._ends - self.now()
        if left <= 0:
            raise httpcore2.ReadTimeout("the time limit is over")
        return left if at_most is None else min(left, at_most)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, timer: RequestTimer) -> None:
        self._inner, self._timer = inner, timer

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._timer.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._timer.remaining(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            limit = self._timer.remaining(CONNECT_SECONDS)
        except httpcore2.ReadTimeout:
            raise httpcore2.ConnectTimeout("the time limit is over") from None
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limit), self._timer)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Connections(httpcore2.NetworkBackend):
    """Opens connections to the addresses that `admit(host, port)` returns, one after another until one answers.

    TLS is still checked against the host's name. Whatever `admit` raises reaches the caller as it is.
    """

    def __init__(self, admit: Admit, timer: RequestTimer) -> None:
        self._admit, self._timer, self._system = admit, timer, httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Return a connection within the timer's budget; httpcore2.ConnectError where no address answers."""
        try:
            addresses = self._admit(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host!r} does not resolve") from error
        failure: Exception = httpcore2.ConnectError("no address")
        for address in addresses:
            try:
                limit = self._timer.remaining(CONNECT_SECONDS)
                inner = self._system.connect_tcp(address, port, limit, local_address, socket_options)
                return _Stream(inner, self._timer)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout, httpcore2.ReadTimeout) as error:
                failure = error
        if isinstance(failure, httpcore2.ReadTimeout):
            raise httpcore2.ConnectTimeout("the time limit is over")
        raise failure


def connection_pool(admit: Admit, timer: RequestTimer, tls: ssl.SSLContext | None) -> httpcore2.ConnectionPool:
    """Return a pool of at most one HTTP/1.1 connection without retries; `tls` None means the system's authorities."""
    return httpcore2.ConnectionPool(
        ssl_context=tls,
        max_connections=1,
        max_keepalive_connections=1,
        keepalive_expiry=IDLE_SECONDS,
        retries=0,
        network_backend=Connections(admit, timer),
    )


@contextlib.contextmanager
def _renamed() -> Iterator[None]:
    """Raise httpcore2's errors as httpx2's of the same name, which is what an SDK understands."""
    try:
        yield
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise getattr(httpx2, type(error).__name__)(str(error)) from error


class _Body(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response, timer: RequestTimer, most_bytes: int) -> None:
        self._headers, self._inner, self._timer, self._most_bytes = response.headers, response.stream, timer, most_bytes

    def __iter__(self) -> Iterator[bytes]:
        with _renamed():
            body = whole(self._inner, self._headers, self._most_bytes)  # type: ignore[arg-type]
        self._timer.last_byte = self._timer.now()
        yield body

    def close(self) -> None:
        close = getattr(self._inner, "close", None)
        if close is not None:
            close()


class Transport(httpx2.BaseTransport):
    """What an SDK's HTTP client sends through: `Connections`, limits and stamps, and only the headers it must send.

    The SDK adds headers of its own and from the environment (organisation, project, `OPENAI_CUSTOM_HEADERS`), which are
    none of another provider's business. `key_header` is the one that the key goes in, `also` are more names in lower
    case; `watch` is told of each exchange.
    """

    def __init__(
        self,
        pool: httpcore2.ConnectionPool,
        timer: RequestTimer,
        most_bytes: int,
        *,
        key_header: str = "authorization",
        also: Iterable[str] = (),
        watch: Watch = unwatched,
    ) -> None:
        self._pool, self._timer, self._most_bytes, self._watch = pool, timer, most_bytes, watch
        self._kept = KEPT_HEADERS | {key_header, *also}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request once; the timer must have been started."""
        headers = [(name, value) for name, value in request.headers.raw if name.lower().decode("ascii") in self._kept]
        url = request.url
        exchange = Exchange(method=request.method, url=str(url), status=None)
        self._watch(exchange)
        sent = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=[*headers, (b"Accept-Encoding", b"identity")],
            content=request.stream,
        )
        with _renamed():
            response = self._pool.handle_request(sent)
        self._timer.headers = self._timer.now()
        self._watch(replace(exchange, status=response.status))
        return self._bounded(response)

    def _bounded(self, response: httpcore2.Response) -> httpx2.Response:
        headers = [(name, value) for name, value in response.headers if name.lower() != b"content-encoding"]
        body = _Body(response, self._timer, self._most_bytes)
        return httpx2.Response(response.status, headers=headers, stream=body)

    def close(self) -> None:
        """Close the connection that may be waiting for another request."""
        self._pool.close()
