"""HTTP whose requests come in time: a connection that is opened and not used, or used half, is ended.

uvicorn limits how long a connection rests between two requests; it waits for ever for the end of one that was begun, so
that a few hundred half-sent requests hold all that a server can hold.
"""

import asyncio
from typing import TYPE_CHECKING, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from h11 import Request

REQUEST_SECONDS: Final = 10.0
"""From the connection, or from the first byte of a further request, to the end of the request."""
LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
UNFINISHED: Final = (h11.IDLE, h11.SEND_BODY)


class PromptRequests(H11Protocol):
    """uvicorn's h11 protocol, with `REQUEST_SECONDS` for each request to come whole."""

    _deadline: asyncio.TimerHandle | None = None
    _upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        """Take bytes; more of them do not give more time."""
        super().data_received(data)
        if self._upgraded or self.conn.their_state not in UNFINISHED or self.transport.is_closing():
            self._forget_deadline()
        elif self._deadline is None:
            self._expect_request()

    def handle_websocket_upgrade(self, event: "Request") -> None:
        """Leave the connection to the websocket, which has its own limits."""
        self._upgraded = True
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._forget_deadline()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._end)

    def _forget_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._deadline = None
        if self.conn.our_state is h11.IDLE:
            self.transport.write(LATE)
        self.transport.close()
