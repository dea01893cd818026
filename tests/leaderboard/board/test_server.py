"""Starting the board: a port in use is one sentence, and the shipped settings hold wherever it is started from."""

import os
import runpy
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.importer import import_from_string

import leaderboard
from data.errors import ServiceError
from leaderboard.board import server as board_server
from leaderboard.routing.serving.prompt_requests import PromptRequests

BOARD = Path(leaderboard.__file__).parent / "board"


def test_a_port_in_use_is_refused_with_one_that_is_free() -> None:
    with socket.socket() as taken:
        taken.bind((board_server.ADDRESS, 0))
        taken.listen()
        with pytest.raises(ServiceError, match=r"Expected a free port on 127\.0\.0\.1, got \d+.*--port \d+"):
            board_server.serve(Path("nowhere"), port=taken.getsockname()[1])


def test_the_home_reaches_the_server_as_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert board_server.environment(Path("observatory"))[board_server.HOME_VARIABLE] == str(tmp_path / "observatory")


def test_the_server_is_told_to_listen_on_this_machine_only() -> None:
    assert "--server.address=127.0.0.1" in board_server.command(8501)


def test_the_shipped_settings_are_safe() -> None:
    settings = tomllib.loads((BOARD / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert "127.0.0.1" in settings["server"]["allowedHosts"]
    assert "*" not in settings["server"]["allowedHosts"]
    assert settings["browser"]["gatherUsageStats"] is False
    assert (settings["client"]["showErrorDetails"], settings["client"]["toolbarMode"]) == ("none", "minimal")
    assert settings["server"]["fileWatcherType"] == "none"


def test_no_page_writes_html_of_its_own() -> None:
    sources = [path.read_text(encoding="utf-8") for path in BOARD.rglob("*.py")]
    assert not any("unsafe_allow_html" in source or "st.html(" in source for source in sources)


def test_components_write_data_as_text_only() -> None:
    scripts = [path.read_text(encoding="utf-8") for path in (BOARD / "assets").glob("*.js")]
    assert len(scripts) == 2
    assert not any(word in script for script in scripts for word in ("innerHTML", "insertAdjacentHTML", "eval("))


@pytest.mark.xdist_group("browser")
def test_the_server_sends_its_headers_and_answers_no_other_host(server: str) -> None:
    with urllib.request.urlopen(server, timeout=60) as answer:
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    with pytest.raises(urllib.error.HTTPError, match="421"):
        urllib.request.urlopen(urllib.request.Request(server, headers={"Host": "evil.example"}), timeout=60)


@pytest.mark.xdist_group("browser")
def test_nobody_uploads_to_the_board(server: str) -> None:
    for method, path in (("PUT", "/_stcore/upload_file/session/file"), ("POST", "/"), ("DELETE", "/m/x")):
        request = urllib.request.Request(f"{server}{path}", data=b"x" * 1000, method=method)
        with pytest.raises(urllib.error.HTTPError, match="405"):
            urllib.request.urlopen(request, timeout=60)


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:{port}", b"101"),
        ("http://127.0.0.1:1", b"403"),
        ("https://evil.example", b"403"),
        ("null", b"403"),
    ],
)
def test_a_websocket_opens_for_pages_of_the_boards_own_host_and_port_only(
    origin: str, status: bytes, server: str
) -> None:
    host, port = urlsplit(server).netloc, urlsplit(server).port
    handshake = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Origin: {origin.format(port=port)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(handshake.encode())
        assert connection.recv(4096).split()[1] == status


def test_the_board_ends_half_sent_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HTTP_PROTOCOLS, "auto", HTTP_PROTOCOLS["auto"])
    monkeypatch.setattr("streamlit.web.cli.main", lambda: None)
    runpy.run_module("leaderboard.board.run", run_name="__main__")
    config = uvicorn.Config("leaderboard.board.asgi:app")
    assert import_from_string(HTTP_PROTOCOLS[str(config.http)]) is PromptRequests
    assert board_server.command(8501)[1:4] == ["-m", "leaderboard.board.run", "run"]


def test_importing_the_starter_does_not_import_streamlit() -> None:
    code = "import sys, leaderboard.board.server; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0
