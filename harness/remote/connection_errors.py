"""What it means for a request that costs money that no whole reply came: never delivered, or nobody knows."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from harness.generator import RequestError
from harness.remote.transport.content_encoding import EncodedReplyError, TooManyBytesError
from harness.remote.transport.proxies import unused_proxy
from harness.remote.transport.ssrf import AddressRefusedError


def connection_error(
    error: BaseException | None, base_url: str, seconds: float, environ: Mapping[str, str]
) -> RequestError:
    """Return what an exception of httpx2 or of the transport means for a request that might take `seconds`."""
    import httpx2

    if isinstance(error, AddressRefusedError):
        return RequestError(kind="failed", reason=str(error), free=True)
    if isinstance(error, EncodedReplyError):
        return RequestError(kind="failed", reason=str(error), unread=error.body or None)
    if isinstance(error, TooManyBytesError):
        return RequestError(kind="failed", reason=str(error))
    undelivered = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    if isinstance(error, undelivered):
        reason = f"No connection to {urlsplit(base_url).netloc}: {error}.{unused_proxy(base_url, environ)}"
        return RequestError(kind="not-delivered", reason=reason, free=True, lasting=True)
    if isinstance(error, httpx2.TimeoutException):
        reason = f"No whole reply within {seconds:g} s; outcome unknown, not sent again."
        return RequestError(kind="timed-out", reason=reason)
    name = type(error).__name__
    return RequestError(kind="unknown", reason=f"The reply was dropped ({name}); outcome unknown, not sent again.")
