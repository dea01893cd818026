"""Half-sent requests end after a while; whole ones, slow answers and resting connections are served as ever."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from websockets.sync.client import connect

from leaderboard.routing.serving import prompt_requests
from leaderboard.routing.serving.prompt_requests import PromptRequests

LIMIT = 0.5
REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


async def answer(scope, receive, send):
    """Answer after twice the time that a request has; a websocket hears an echo."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.send", "text": (await receive())["text"]})
        return
    await asyncio.sleep(2 * LIMIT if scope["path"] == "/slow" else 0)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(prompt_requests, "REQUEST_SECONDS", LIMIT)
    config = uvicorn.Config(answer, http=PromptRequests, ws="websockets-sansio", log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """Everything that comes until the server ends the connection."""
    return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: here\r\n"])
def test_a_request_that_does_not_come_whole_is_ended(begun: bytes, port: int) -> None:
    with connected(port) as connection:
        connection.sendall(begun)
        assert rest_of(connection).startswith(b"HTTP/1.1 408 ")


def test_more_bytes_give_no_more_time(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        for number in range(200):
            try:
                connection.sendall(b"X-%d: 1\r\n" % number)
            except OSError:
                return
            time.sleep(LIMIT / 10)
        raise AssertionError("the connection was still open after 20 limits")


def test_a_body_that_does_not_come_whole_is_ended(port: int) -> None:
    with connected(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nhalf")
        assert b"100" not in rest_of(connection)


def test_whole_requests_and_slow_answers_are_served_on_one_connection(port: int) -> None:
    with connected(port) as connection:
        for path in (b"/", b"/slow", b"/"):
            connection.sendall(REQUEST.replace(b"/ ", path + b" ", 1))
            reply = connection.recv(4096)
            while not reply.endswith(b"ok"):
                reply += connection.recv(4096)
            assert reply.startswith(b"HTTP/1.1 200 OK")
        connection.sendall(REQUEST[:10])
        assert rest_of(connection).startswith(b"HTTP/1.1 408 ")


def test_a_websocket_lives_longer_than_a_request_may_take(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/") as websocket:
        time.sleep(3 * LIMIT)
        websocket.send("still here")
        assert websocket.recv(timeout=20) == "still here"
