"""Headers and host names that Streamlit does not care for: who may frame the board, what a page may load.

Streamlit checks `server.allowedHosts` for its websocket alone. Here it is checked for every request, media too, so that
a foreign page whose host name points at 127.0.0.1 gets nothing (DNS rebinding).
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

# Streamlit styles elements inline and loads components from blob addresses; scripts from text (eval) are not needed.
POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
UNKNOWN_HOST: Final = "This host name is not allowed. See server.allowedHosts in the board's settings."
READING: Final = ("GET", "HEAD", "OPTIONS")
ONLY_SHOWN: Final = "The board only shows: it takes nothing."
PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class SafetyHeaders:
    """Adds `HEADERS` to every HTTP response that does not have them yet."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the missing headers to the response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, complete)


class KnownHosts:
    """Refuses HTTP requests for a host that is not in Streamlit's option `server.allowedHosts`; empty allows all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421."""
        if scope["type"] == "http" and not is_known(Headers(scope=scope).get("host", ""), allowed_hosts()):
            await PlainTextResponse(UNKNOWN_HOST, status_code=421)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def allowed_hosts() -> Sequence[str]:
    """Return the host names that the server answers to."""
    from streamlit import get_option

    return tuple(get_option("server.allowedHosts") or ())


def is_known(host: str, allowed: Sequence[str]) -> bool:
    """Return whether a Host header names an allowed host; `*.example.org` allows the names below it.

    >>> is_known("127.0.0.1:8501", ["127.0.0.1"]), is_known("evil.example", ["127.0.0.1"]), is_known("any", [])
    (True, False, True)
    >>> is_known("[::1]:8501", ["[::1]"])
    True
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return not allowed or any(
        pattern == "*"
        or name == pattern.lower().strip("[]")
        or (pattern.startswith("*.") and name.endswith(pattern[1:].lower()))
        for pattern in allowed
    )


class OnlyShown:
    """Refuses what would change something: the board shows, and nobody uploads to it (Streamlit would take it).

    A websocket, by which a page of the board talks, opens only from the board's own host and port.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, answer 405, or close the websocket before it opens (403)."""
        if scope["type"] == "http" and scope["method"] not in READING:
            await PlainTextResponse(ONLY_SHOWN, status_code=405, headers={"Allow": ", ".join(READING)})(
                scope, receive, send
            )
        elif scope["type"] == "websocket" and not is_own(Headers(scope=scope)):
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def is_own(headers: Mapping[str, str]) -> bool:
    """Return whether a page of the same host and port asks; programs, which send no Origin, may.

    >>> own = {"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"}
    >>> is_own(own), is_own(own | {"origin": "http://127.0.0.1:9000"}), is_own(own | {"origin": "null"})
    (True, False, False)
    """
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        theirs = urlsplit(origin)
        ours, usual = urlsplit(f"//{headers.get('host', '')}"), PORTS.get(theirs.scheme)
        ports = [address.port or usual for address in (theirs, ours)]
    except ValueError:
        return False
    return usual is not None and theirs.hostname == ours.hostname and ports[0] == ports[1]


MIDDLEWARE: Final = (Middleware(SafetyHeaders), Middleware(KnownHosts), Middleware(OnlyShown))
