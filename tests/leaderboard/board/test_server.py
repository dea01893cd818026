"""Starting the board: a port in use is one sentence, and the shipped settings hold wherever it is started from."""

import os
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import leaderboard
from data.errors import ServiceError
from leaderboard.board import server as board_server

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


def test_importing_the_starter_does_not_import_streamlit() -> None:
    code = "import sys, leaderboard.board.server; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0
