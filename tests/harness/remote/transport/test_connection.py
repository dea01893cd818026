"""Connections: the addresses that were admitted, one after another, within one budget of time."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from harness.remote.transport.connection import Connections, RequestTimer, connection_pool

ROOT = Path(__file__).parents[4]


def hello(connection: Any) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")


def test_an_address_that_does_not_answer_gives_way_to_the_next(studio: Any, raw_server: Any) -> None:
    server = raw_server(hello)
    timer = RequestTimer(studio.clock)
    timer.start(5.0)
    with connection_pool(lambda host, port: ("::1", "127.0.0.1"), timer, None) as pool:
        response = pool.request("GET", server.url.replace("127.0.0.1", "painter.example") + "/")
    assert response.content == b"hi"
    assert b"host: painter.example" in server.received[0].lower()


def test_a_budget_that_is_over_before_the_connection_means_never_delivered(studio: Any, raw_server: Any) -> None:
    server = raw_server(hello)
    timer = RequestTimer(studio.clock)
    timer.start(5.0)
    studio.clock.seconds += 6.0
    with pytest.raises(httpcore2.ConnectTimeout, match="time limit is over"):
        Connections(lambda host, port: ("127.0.0.1",), timer).connect_tcp("x", int(server.url.rsplit(":", 1)[1]))
    assert server.received == []


def test_the_adapter_is_imported_without_any_sdk_and_says_what_is_missing() -> None:
    script = (
        "import sys, harness.remote.adapters.openai_images.adapter\n"
        "import harness.remote.adapters.openai_images.client as client\n"
        "print(sorted({'openai', 'httpx2', 'httpcore2', 'torch', 'duckdb', 'pandas'} & set(sys.modules)))\n"
        "sys.modules['openai'] = None\n"
        "try:\n    client.require_sdk()\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    modules, error = done.stdout.splitlines()
    assert modules == "[]"
    assert error.startswith("MissingExtraError A remote model needs the extra 'openai'")
